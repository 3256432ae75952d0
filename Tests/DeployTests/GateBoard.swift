import Foundation
import LabSupport
import RemoteOps
import TestSupport
import Testing

/// The board with a server of the generator on its emulated I2C bus, and deploys of that server that
/// are judged by what its relays and its process went through.
final class GateBoard {
    enum Kind: Sendable { case own, legacy }

    /// How one deploy ended.
    struct Outcome {
        /// fleetctl's exit status.
        var exit: Int
        /// Why the host or fleetctl refused; empty where it did not.
        var error: String
        /// What was written to the relays from the moment on in which the state was reached.
        var writes: [UInt8]
        /// Whether another process serves now.
        var isNewProcess: Bool
    }

    /// Where the board's own scripts keep what a test asks for afterwards.
    private static let reached = "/run/gate-table"

    let lab: Lab
    let site: Site
    private var plant: Task<Void, any Error>
    private var timings = ""
    private var kind = Kind.own
    /// Makes each deploy one of another release.
    private var stamp = 3_600

    init(_ lab: Lab) throws {
        self.lab = lab
        site = try ProductDeployTests.site(lab, arch: "amd64")
        plant = lab.plant()
    }

    deinit { plant.cancel() }

    // MARK: Before a deploy

    /// The engine from now on; a dead one that is cranked stays dead.
    func use(_ engine: LabEngine) {
        plant.cancel()
        plant = lab.plant(engine)
    }

    /// Deploys the server, with these timings; the generator must stand.
    func bring(_ kind: Kind, _ timings: String) async throws {
        guard kind != self.kind || timings != self.timings else { return }
        (self.kind, self.timings) = (kind, timings)
        try write()
        let run = try await deploy([], atGate: nil)
        try #require(run.status == 0, "\(timings): \(run)")
    }

    /// Runs lines of sh on the board, beside the gate's own functions: `say COMMAND`, whose answer
    /// is not waited for, `order COMMAND`, which our own server must accept, and `reach STATE`.
    func onBoard(_ lines: String) async throws {
        let script = """
            mkdir -p \(Self.reached) && cd \(Self.reached) || exit 1
            \(String(decoding: RemoteScripts.gate, as: UTF8.self))
            \(Self.words)
            \(lines)
            """
        let result = try await lab.sh("olimex", script)
        try #require(result.status == 0, "\(lines): \(result.output)")
    }

    private static let words = """
        say() { (gate_talk 9999 "$1" >/dev/null 2>&1 </dev/null 8>&- &) }
        order() {
            tries=0
            until gate_ask 9999 "$1" && grep -q '^OK: ' gate-said; do
                tries=$((tries + 1))
                [ "$tries" -lt 50 ] || { echo "$1: $(cat gate-said)"; exit 1; }
                sleep 0.1
            done
        }
        shows() { gate_ask 9999 STATUS && gate_line "$1" && [ "$gate_value" = "$2" ]; }
        reach() {
            tries=0
            until shows STATE "$1"; do
                tries=$((tries + 1))
                [ "$tries" -lt 400 ] || { echo "it is $gate_value, not $1"; exit 1; }
                sleep 0.05
            done
        }

        """

    // MARK: A deploy

    /// Deploys another release.
    ///
    /// - Parameter atGate: lines for the board, run there just before the gate is looked at.
    func attempt(_ flags: [String], atGate: String? = nil) async throws -> Outcome {
        try write()
        try await onBoard(Self.note)
        let run = try await deploy(flags, atGate: atGate)
        let noted = try await lab.sh("olimex", "cat \(Self.reached)/process \(Self.reached)/time")
        let lines = noted.output.split(separator: "\n").map(String.init)
        try #require(lines.count == 2, "\(noted): \(run)")
        let since = try #require(Double(lines[1]))
        // A run that ends before it looks at the host has no entry for it: the row's exit tells.
        let error = (try? run.host("olimex")["error"] as? String) ?? ""
        return Outcome(
            exit: run.status, error: error, writes: try writes(since: since),
            isNewProcess: try await process() != lines[0])
    }

    /// Notes which process serves, and the time. A server that was just started answers before its
    /// supervisor has written down which it is.
    private static let note = """
        until [ -s /run/fleet/gen-server/process ]; do sleep 0.1; done
        cat /run/fleet/gen-server/process >\(reached)/process
        date +%s.%N >\(reached)/time
        """

    private func write() throws {
        stamp += 1
        switch kind {
        case .own: try site.services(Self.own(timings, stamp: stamp))
        case .legacy:
            try site.folder.write("server/gen-server", Self.legacyProgram, mode: 0o755)
            try site.folder.write("server/stamp", "\(stamp)")
            try site.services(Self.legacy)
        }
    }

    private func deploy(_ flags: [String], atGate: String?) async throws -> Site.Run {
        let arguments = ["deploy", "--yes", "-o", "json"] + flags
        guard let atGate else { return try await site.fleetctl(arguments, timeout: 5 * 60) }
        try site.folder.write(
            "points.sh",
            """
            \(Self.words)
            point() {
                [ "$1" = watched ] || return 0
                \(atGate)
                \(Self.note)
            }

            """)
        let run = try site.running(
            arguments, environment: ["FLEETCTL_TEST_POINTS": site.folder.path + "/points.sh"])
        let status = try await run.end(deadline: .seconds(5 * 60))
        return Site.Run(status: status, output: run.results, talk: run.talk)
    }

    // MARK: Afterwards

    /// The process that serves, by the supervisor's record.
    func process() async throws -> String {
        try await lab.sh("olimex", "cat /run/fleet/gen-server/process").output.trimmed
    }

    /// What the board's relays were told since a time of the clock.
    private func writes(since: Double) throws -> [UInt8] {
        try String(contentsOfFile: lab.runFolder + "/hosts/olimex/i2c.log", encoding: .utf8)
            .split(separator: "\n").compactMap { line in
                let words = line.split(separator: " ")
                guard words.count == 6, words[3] == "write", words[4] == "0x10",
                    let time = Double(words[0]), time > since
                else { return nil }
                return UInt8(words[5].dropFirst(2), radix: 16)
            }
    }

    /// Back to a generator that stands and a server that answers, whatever the row did.
    func rest() async throws {
        try lab.setDevice(.working)
        try await lab.sh(
            "olimex",
            """
            ip link set lo up
            rm -f \(Self.reached)/odd
            read -r pid _ </run/fleet/gen-server/process && kill -CONT "$pid"
            """)
        use(.catches)
        // A supervisor that could not switch the relays off tries again after half a minute.
        try await waitUntil("it can be deployed to", deadline: .seconds(120)) {
            try await lab.sh(
                "olimex", "cat /run/fleet/gen-server/process && [ ! -e /opt/fleet/.transaction ]"
            ).status == 0
        }
        switch kind {
        case .own:
            try await onBoard(
                """
                until gate_ask 9999 'STOP NOW'; do sleep 0.2; done
                gate_ask 9999 'RELEASE you@there'
                gate_ask 9999 RESET
                reach OFF
                """)
        case .legacy:
            // It forgets its engine with its process. Its supervisor starts the next one, for the
            // bus is there only for what the board itself has started.
            try await onBoard(
                """
                read -r pid start </run/fleet/gen-server/process; kill -KILL "$pid"
                until read -r next _ </run/fleet/gen-server/process && [ "$next" != "$pid" ] &&
                    shows RUNNING NO; do sleep 0.2; done
                """)
            try lab.setRelays(0)
        }
    }

    // MARK: The servers

    private static func own(_ timings: String, stamp: Int) -> String {
        """
        gen-server:
          host: olimex
          product: gen-server
          args: [--bus, /dev/i2c-0, --unsafe-timings, --rest, 0.05, --idle-timeout, \(stamp),
            \(timings)]
        \(timings.contains("--adopt") ? "" : "  after_exit: [--relays-off]\n")\
          ports: [9999]
          gate: generator-idle
          health:
            - steady: 0s

        """
    }

    private static let legacy = """
        gen-server:
          host: olimex
          artifact: server
          executable: gen-server
          args: [legacy]
          ports: [9999]
          gate: generator-idle
          health:
            - steady: 0s

        """

    /// The stand-in with the board's relays behind it, and another answer to STATUS where a test has
    /// put one.
    private static let legacyProgram =
        "#!/usr/bin/python3\n"
            + """
            import array, fcntl, os, struct
            BUS = os.open("/dev/i2c-0", os.O_RDWR)
            fcntl.ioctl(BUS, 0x0703, 0x58)
            def bus(value):
                data = array.array("B", [value] + [0] * 33)
                fcntl.ioctl(BUS, 0x0720, struct.pack("BBxxIP", 0, 0x10, 2, data.buffer_info()[0]))

            """
        + LegacyServer.script.replacing("127.0.0.1", with: "0.0.0.0")
        .replacing("raw=3); time.sleep(3)", with: "raw=3); time.sleep(8)")
        .replacing("relays(8); time.sleep(4)", with: "relays(8); time.sleep(20)")
        .replacing("    S.update(relays=value", with: "    bus(value)\n    S.update(relays=value")
        .replacing(
            "def status():\n",
            with: """
                def status():
                    if os.path.exists("\(reached)/odd"): return open("\(reached)/odd").read()

                """)
}
