import GeneratorCore
import GeneratorWire
import TestSupport
import Testing

struct WireTests {
    static func line(_ text: String) -> Request? { Request.parse(Array(text.utf8)) }

    @Test(
        arguments: [
            ("PING", .ping), ("ping", .ping), ("  Ping\t", .ping), ("INPUTS", .inputs),
            ("status", .status), ("START", .start(.atEnd)),
            ("stop", .stop(.coolingDown(.atEnd))), ("STOP NOW", .stop(.now)),
            ("stop nowait", .stop(.coolingDown(.atOnce))), ("STOP it", .stop(.coolingDown(.atEnd))),
            ("start nowait", .start(.atOnce)), ("START NOWAIT now", .unknown("START NOWAIT now")),
            ("HELP", .help), ("quit", .quit), ("   ", .empty), ("", nil),
            ("START soon", .unknown("START soon")), ("foo bar", .unknown("foo")),
            ("WATCH", .watch), ("VERSION", .version), ("RESET", .reset),
            ("HOLD me 60 an  update", .hold(owner: "me", seconds: 60, reason: "an update")),
            ("HOLD me 86400 x", .hold(owner: "me", seconds: 86_400, reason: "x")),
            ("HOLD", .incomplete(.hold)), ("HOLD me 60", .incomplete(.hold)),
            ("HOLD me 0 x", .incomplete(.hold)), ("HOLD me 86401 x", .incomplete(.hold)),
            ("HOLD me -1 x", .incomplete(.hold)), ("HOLD \u{7f} 60 x", .incomplete(.hold)),
            ("RELEASE me", .release(owner: "me")), ("RELEASE", .incomplete(.release)),
            ("LEASE 300", .lease(seconds: 300)), ("LEASE 0", .lease(seconds: 0)),
            ("LEASE 9", .incomplete(.lease)), ("LEASE x", .incomplete(.lease)),
            ("RELAY 0A", .relay(.relays([.ignition, .charger]))),
            ("relay 0x0a", .relay(.relays([.ignition, .charger]))),
            ("RELAY 0", .relay(.relays([]))),
            ("RELAY 10", .relay(.outOfRange)), ("RELAY FFFFFFFF", .relay(.outOfRange)),
            ("RELAY FFFFFFFFFF", .relay(.notHexadecimal)), ("RELAY zz", .relay(.notHexadecimal)),
            ("RELAY 0x", .relay(.notHexadecimal)), ("RELAY -1", .relay(.notHexadecimal)),
            ("RELAY 0A 0B", .relay(.notHexadecimal)), ("RELAY", .relay(.missing)),
            ("STARTX", .unknown("STARTX")), ("\u{1B}[2J", .unknown("?[2J")),
        ] as [(String, Request?)])
    func requestsAreParsed(_ text: String, _ expected: Request?) {
        #expect(Self.line(text) == expected)
    }

    @Test(
        arguments: [
            (.started, "OK: Generator started and charger enabled"),
            (.alreadyRunning, "ERROR: Generator already running"),
            (.startInProgress, "ERROR: Start already in progress"),
            (.failedToStart([.ignitionActive]), "ERROR: Generator failed to start (status=2)"),
            (.stopped(cooldown: .seconds(180)), "OK: Generator stopped (after 3 min cooldown)"),
            (.stopped(cooldown: .seconds(7)), "OK: Generator stopped (after 7 s cooldown)"),
            (.stopped(cooldown: nil), "OK: Generator stopped"),
            (.stopInProgress(left: .seconds(172)), "OK: Stop in progress, 172 s of cooldown left"),
            (.relaysSet([.ignition, .charger]), "OK: Relays set to 0x0A (IGN+CHARGER)"),
            (.relaysSet([]), "OK: Relays set to 0x00 (OFF)"),
        ] as [(Outcome, String)])
    func outcomesAreTheLegacyReplies(_ outcome: Outcome, _ expected: String) {
        #expect(Reply.outcome(outcome).bytes == Array((expected + "\n").utf8))
    }

    @Test func otherRepliesAreTheLegacyOnes() {
        #expect(Reply.greeting.lines == ["GENNY SERVER READY"])
        #expect(Reply.pong.lines == ["PONG"])
        #expect(Reply.bye.lines == ["BYE"])
        #expect(Reply.emptyCommand.lines == ["ERROR: Empty command"])
        #expect(Reply.unknownCommand("X").lines == ["ERROR: Unknown command 'X' (try HELP)"])
        #expect(Reply.badRelay(.outOfRange).lines == ["ERROR: Relay value must be 0x00-0x0F"])
        #expect(Reply.badRelay(.notHexadecimal).lines == ["ERROR: Invalid hex value"])
        #expect(
            Reply.badRelay(.missing).lines == ["ERROR: RELAY requires hex value (e.g., RELAY 0A)"])
        #expect(
            Reply.inputs(.valid([.ignitionActive])).lines == ["IN1=0 IN2=1 IN3=0 IN4=0 raw=2"])
        #expect(Reply.inputs(.unknown).lines == ["ERROR"])
        #expect(Reply.help.lines.first == "Commands:" && Reply.help.lines.last == "END")
    }

    static func report() -> StatusReport {
        let start = Instant(sinceOrigin: .seconds(1))
        var report = StatusReport(
            of: GeneratorMachine(at: start), at: start, bus: .working, clients: 1,
            system: StatusReport.SystemHealth(
                uptimeSeconds: 6 * 3600 + 45 * 60 + 59, memoryPercent: 42,
                diskFreeMebibytes: 1229, diskUsedPercent: 35),
            server: StatusReport.ServerFacts(
                version: "0.1.0", uptimeSeconds: 100, connections: 7, bootID: "b-1"))
        report.inputs = .valid([.engineRunning, .ignitionActive])
        report.relays = [.ignition, .charger]
        report.state = .charging
        report.stateSecondsLeft = 21_000
        report.counters = ServiceCounters(runTime: .seconds(4000), starts: 3)
        return report
    }

    @Test func statusBeginsWithTheNineLegacyLines() {
        #expect(
            Self.report().lines.prefix(9) == [
                "INPUTS: IN1=1 IN2=1 IN3=0 IN4=0 raw=3",
                "RELAYS: IGN+CHARGER (0x0A)",
                "RUNNING: YES",
                "START_IN_PROGRESS: NO",
                "I2C: OK",
                "THREADS: 1",
                "UPTIME: 6h45m",
                "MEMORY: 42%",
                "DISK: 1.2G free (35% used)",
            ])
    }

    @Test func noLineBeforeTheLastHasTheLettersEND() {
        var lists = [Reply.help.lines]
        var report = Self.report()
        report.server.version = "1.0-END-APPENDIX"
        report.server.bootID = "ENDENDEND"
        report.hold = .init(owner: "LEGEND", secondsLeft: 9, reason: "WEEKEND")
        for state in GeneratorState.allCases {
            report.state = state
            for problem in Problem.allCases {
                report.lastProblem = problem
                report.latched = problem
                lists.append(report.lines)
            }
        }
        for raw in UInt8(0)...15 {
            report.inputs = .valid(Inputs(rawValue: raw))
            report.relays = RelaySet(rawValue: raw)
            lists.append(report.lines)
            report.relays = nil
            report.possibleRelays = RelaySet(rawValue: raw)
            lists.append(report.lines)
        }
        for lines in lists {
            #expect(lines.last == "END")
            for line in lines.dropLast() { #expect(!line.contains("END"), "\(line)") }
            // A reply that our own client would not take is no reply.
            #expect(lines.count <= WireLimits.replyLines)
            #expect(lines.allSatisfy { $0.utf8.count <= WireLimits.replyLine })
        }
    }

    @Test func unknownIsSaidAndUnderstood() {
        var report = Self.report()
        report.inputs = .unknown
        report.relays = nil
        report.bus = .failing
        #expect(report.lines.contains("INPUTS: ERROR"))
        #expect(report.lines.contains("RUNNING: NO"))
        let status = GeneratorStatus.parse(report.lines)
        #expect(status.inputs == .unknown)
        #expect(status.relays == .unknown)
        #expect(status.engine == .unknown)
        #expect(!status.showsIdle)
    }

    @Test func statusComesBackAsItWasSent() {
        let status = GeneratorStatus.parse(Self.report().lines)
        #expect(status.inputs == .value([.engineRunning, .ignitionActive]))
        #expect(status.relays == .value([.ignition, .charger]))
        #expect(status.running == .value(true))
        #expect(status.startInProgress == .value(false))
        #expect(status.bus == .value(.working))
        #expect(status.clients == .value(1))
        #expect(status.uptime == .value("6h45m"))
        #expect(status.state == .value(.charging))
        #expect(status.protocolVersion == .value(2))
        #expect(status.serverUptimeSeconds == .value(100))
        #expect(status.stateSecondsLeft == .value(21_000))
        #expect(status.hold == .value(nil) && status.leaseSeconds == .value(nil))
        #expect(status.latched == .value(nil))
        #expect(status.bootID == .value("b-1"))
        #expect(status.engine == .running)
        #expect(!status.showsIdle)
    }

    @Test func linesThatAreNotKnownChangeNothing() {
        var newer = Self.report().lines
        for place in stride(from: newer.count - 1, through: 0, by: -2) {
            newer.insert("NEWER_\(place): 1:2 END?", at: place)
        }
        newer.insert("no key at all", at: 3)
        var status = GeneratorStatus.parse(newer)
        var known = GeneratorStatus.parse(Self.report().lines)
        status.entries = []
        known.entries = []
        #expect(status == known)
    }

    @Test func theLegacyServersNineLinesAreEnoughForIdle() {
        let lines = [
            "INPUTS: IN1=0 IN2=0 IN3=0 IN4=0 raw=0", "RELAYS: OFF (0x00)", "RUNNING: NO",
            "START_IN_PROGRESS: NO", "I2C: OK", "THREADS: 1", "UPTIME: 6h45m", "MEMORY: 42%",
            "DISK: 1.2G free (35% used)", "END",
        ]
        let status = GeneratorStatus.parse(lines)
        #expect(status.state == .missing)
        #expect(status.showsIdle)
        for (index, hostile) in [
            (0, "INPUTS: IN1=0 IN2=0 IN3=0 IN4=0 raw=3"), (0, "INPUTS: ERROR"), (0, "INPUTS: "),
            (1, "RELAYS: OFF (0x08)"), (1, "RELAYS: "), (2, "RUNNING: no idea"),
            (2, "RUNNING: YES"),
            (3, "START_IN_PROGRESS: YES"), (3, "START"),
        ] {
            var changed = lines
            changed[index] = hostile
            #expect(!GeneratorStatus.parse(changed).showsIdle, "\(hostile)")
        }
        for index in 0..<4 {
            var cut = lines
            cut.remove(at: index)
            #expect(!GeneratorStatus.parse(cut).showsIdle)
        }
    }

    @Test func linesAreCutWhereverTheBytesAreSplit() {
        var framer = LineFramer(limit: 8)
        let bytes = Array("PING\r\n\nabcdefgh\nabcdefghi\nxx\rx\r\n".utf8) + [0, 255, 10]
        #expect(
            bytes.compactMap { framer.push($0) } == [
                .line(Array("PING".utf8)), .line([]), .line(Array("abcdefgh".utf8)), .tooLong,
                .line(Array("xx\rx".utf8)), .line([0, 255]),
            ])
    }

    @Test func repliesAreReadToTheirEnd() {
        var reader = ReplyReader()
        let text =
            "GENNY SERVER READY\nPONG\nINPUTS: ERROR\nRUNNING: NO\nEND\nCommands:\nx\nEND\nOK: a\n"
        #expect(
            text.utf8.compactMap { reader.push($0) } == [
                .reply(["GENNY SERVER READY"]), .reply(["PONG"]),
                .reply(["INPUTS: ERROR", "RUNNING: NO", "END"]),
                .reply(["Commands:", "x", "END"]), .reply(["OK: a"]),
            ])
    }

    @Test func anEndlessReplyIsGivenUp() {
        var reader = ReplyReader()
        let lines = "Commands:\n" + String(repeating: "x\n", count: 100)
        #expect(lines.utf8.contains { reader.push($0) == .overlong })
        var other = ReplyReader()
        let long = String(repeating: "x", count: 100_000) + "\n"
        #expect(long.utf8.contains { other.push($0) == .overlong })
    }
}
