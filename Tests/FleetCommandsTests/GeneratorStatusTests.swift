import GeneratorCore
import GeneratorWire
import Testing

@testable import FleetCommands

/// What `generator status` prints, and when it calls for attention.
@Suite struct GeneratorStatusTests {
    /// The legacy server's answer as it was captured.
    static let legacy = [
        "INPUTS: IN1=1 IN2=1 IN3=0 IN4=0 raw=3", "RELAYS: IGN+CHARGER (0x0A)", "RUNNING: YES",
        "START_IN_PROGRESS: NO", "I2C: OK", "THREADS: 2", "UPTIME: 6h45m", "MEMORY: 42%",
        "DISK: 1.2G free (35% used)", "END",
    ]

    /// The same with some lines taken the place of by others of their key, or added before END.
    static func status(_ changes: [String: String] = [:], base: [String] = legacy)
        -> GeneratorStatus
    {
        var changes = changes
        var lines = base.dropLast().map { line in
            let key = String(line.prefix { $0 != ":" })
            return changes.removeValue(forKey: key).map { "\(key): \($0)" } ?? line
        }
        lines += changes.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        return GeneratorStatus.parse(lines + ["END"])
    }

    static func text(_ status: GeneratorStatus) -> GeneratorStatusText {
        GeneratorStatusText(address: "192.0.2.7", port: 9999, status: status)
    }

    @Test func compactIsTheOlderToolsByteForByte() {
        #expect(
            Self.text(Self.status()).compact
                == "[192.0.2.7:9999] RUN=YES RELAY=IGN+CHARGER THR=2 UP=6h45m MEM=42%")
        let idle = Self.status([
            "INPUTS": "IN1=0 IN2=0 IN3=0 IN4=0 raw=0", "RELAYS": "OFF (0x00)", "RUNNING": "NO",
        ])
        #expect(
            Self.text(idle).compact == "[192.0.2.7:9999] RUN=NO RELAY=OFF THR=2 UP=6h45m MEM=42%")
    }

    @Test func kvIsTheOlderToolsByteForByte() {
        #expect(
            Self.text(Self.status()).kv == """
                host=192.0.2.7
                port=9999
                disk=1.2G free (35% used)
                i2c=OK
                inputs=IN1=1 IN2=1 IN3=0 IN4=0 raw=3
                memory=42%
                relays=IGN+CHARGER (0x0A)
                running=YES
                start_in_progress=NO
                threads=2
                uptime=6h45m
                """)
    }

    @Test func humanSaysWhatItDoes() {
        #expect(
            Self.text(Self.status()).human(host: "olimex", service: "gen-server") == [
                "olimex: gen-server on port 9999: charging",
                "  engine    running",
                "  relays    IGN+CHARGER",
                "  board     up 6h45m, memory 42%, disk 1.2G free (35% used)",
                "  server    the older one, without hold, watch and state, 2 clients",
            ])
        let held = Self.status([
            "INPUTS": "IN1=0 IN2=0 IN3=0 IN4=0 raw=0", "RELAYS": "OFF (0x00)", "RUNNING": "NO",
            "STATE": "HELD", "STATE_SECONDS": "61", "STATE_LEFT": "540", "PROTOCOL": "2",
            "HOLD": "me@here 540 new\u{1B}[2Jrelease", "LATCHED": "none", "VERSION": "1.0",
            "SERVER_UPTIME": "3600", "SERVICE_HOURS": "12.5", "STARTS": "7",
        ])
        #expect(
            Self.text(held).human(host: "olimex", service: "gen-server") == [
                "olimex: gen-server on port 9999: off and held",
                "  engine    standing",
                "  relays    OFF",
                "  since     1m1s, 9m left",
                "  held      by me@here for 9m: new?[2Jrelease",
                "  served    12.5 h, 7 starts",
                "  board     up 6h45m, memory 42%, disk 1.2G free (35% used)",
                "  server    gen-server 1.0, up 1h, 2 clients",
            ])
    }

    @Test func unknownIsNeverStopped() {
        let blind = Self.status(["INPUTS": "ERROR", "RUNNING": "NO"])
        let text = Self.text(blind)
        #expect(text.compact.contains(" RUN=UNKNOWN "))
        #expect(text.kv.contains("\nrunning=UNKNOWN\n"))
        #expect(text.json["running"] == "UNKNOWN")
        #expect(text.human(host: "h", service: "s").first == "h: s on port 9999: unknown")
        let silent = GeneratorStatus.parse(["END"])
        #expect(
            Self.text(silent).compact
                == "[192.0.2.7:9999] RUN=UNKNOWN RELAY=UNKNOWN THR=UNKNOWN UP=UNKNOWN MEM=UNKNOWN")
    }

    @Test(arguments: [
        ([:], false),
        (["I2C": "SIMULATED"], false),
        (["LATCHED": "none", "STATE": "CHARGING"], false),
        (["LATCHED": "Engine did not start", "STATE": "FAILED"], true),
        (["I2C": "ERROR"], true),
        (["I2C": "perhaps"], true),
        (["INPUTS": "ERROR"], true),
        (["INPUTS": "IN1=1 IN2=1 IN3=0 IN4=0 raw=2"], true),
        (["RELAYS": "UNKNOWN (at most 0x0A)"], true),
        (["STATE": "DANCING"], true),
        (["START_IN_PROGRESS": "maybe"], true),
    ])
    func whatNeedsAttentionEndsWithFive(changes: [String: String], needsAttention: Bool) {
        let exit = GeneratorStatusCommand.exit(Self.status(changes))
        #expect(exit == (needsAttention ? .findings : nil))
    }

    @Test(
        arguments: [
            ("OK: Start begun", GeneratorAnswer.done("Start begun"), nil),
            ("ERROR: Held by a for 5 s more: b", .busy("Held by a for 5 s more: b"), .deferred),
            ("ERROR: Start already in progress", .busy("Start already in progress"), .deferred),
            ("ERROR: Starter rests for 9 s more", .busy("Starter rests for 9 s more"), .deferred),
            (
                "ERROR: 5 clients already; here only STOP, STATUS, PING and QUIT are served",
                .busy("5 clients already; here only STOP, STATUS, PING and QUIT are served"),
                .deferred
            ),
            ("ERROR: Generator already running", .alreadyRunning, .failed),
            ("ERROR: Unknown command 'HOLD' (try HELP)", .unknownCommand, .failed),
            (
                "ERROR: No start before RESET, since: Engine did not start",
                .refused("No start before RESET, since: Engine did not start"), .failed
            ),
            ("PONG", .strange("PONG"), .failed),
            ("", .strange(""), .failed),
        ] as [(String, GeneratorAnswer, FleetExit?)])
    func answersDecideTheExitCode(line: String, answer: GeneratorAnswer, exit: FleetExit?) {
        #expect(GeneratorAnswer([line]) == answer)
        #expect(GeneratorAnswer([line]).exit == exit)
    }

    /// The refusals are recognised by their beginnings: these are the server's own.
    @Test func theServersOwnRefusalsAreRecognised() {
        let hold = Hold(owner: "a", reason: "b", until: Instant(sinceOrigin: .zero))
        let busy: [Outcome] = [
            .refusedByHold(hold, left: .seconds(5)), .startInProgress,
            .starterRests(left: .seconds(5)), .refused(.notIdle), .refused(.sequenceUnderWay),
        ]
        for outcome in busy {
            #expect(GeneratorAnswer(Reply.outcome(outcome).lines).exit == .deferred, "\(outcome)")
        }
        #expect(GeneratorAnswer(Reply.outcome(.alreadyRunning).lines) == .alreadyRunning)
        #expect(GeneratorAnswer(Reply.unknownCommand("HOLD").lines) == .unknownCommand)
        #expect(GeneratorAnswer(Reply.tooManyClients(limit: 5).lines).exit == .deferred)
        let latched = Reply.outcome(.refusedUntilReset(.didNotStart)).lines
        #expect(GeneratorAnswer(latched).exit == .failed)
    }

    @Test func ownersAreWhatTheServerTakes() {
        #expect(HoldOwnerOption.sanitized("jörg b@häuschen") == "j--rg-b@h--uschen")
        #expect(HoldOwnerOption.sanitized(String(repeating: "x", count: 99)).utf8.count == 32)
    }
}
