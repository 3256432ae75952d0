import Foundation
import LabSupport
import TestSupport
import Testing

/// port-guard under a real systemd, before units that hide everything from their own processes.
@Suite(.lab, .sharesLab, .serialized, .timeLimit(.minutes(5))) struct PortGuardUnitTests {
    /// A test's own names and port on the host renogy, taken away afterwards.
    struct Bench {
        static let host = "renogy"
        let lab: Lab
        let port: Int
        var folder: String { "/opt/guard\(port)" }
        var unit: String { "guard\(port).service" }
        var other: String { "other\(port).service" }

        /// Runs a script as root; it must succeed.
        @discardableResult
        func sh(_ script: String, sourceLocation: SourceLocation = #_sourceLocation) async throws
            -> String
        {
            let result = try await lab.sh(Self.host, script)
            #expect(result.status == 0, "\(script): \(result)", sourceLocation: sourceLocation)
            return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
        }

        /// What systemctl says of a unit, whatever its status.
        func systemctl(_ words: String) async throws -> LabResult {
            try await lab.sh(Self.host, "systemctl \(words)")
        }

        func process(of unit: String) async throws -> String {
            try await sh("systemctl show -P MainPID \(unit)")
        }

        func journal(_ unit: String) async throws -> String {
            try await sh("journalctl --sync; journalctl --no-pager -o cat -u \(unit)")
        }

        /// Starts a program in a login by ssh that ends at once.
        ///
        /// - Returns: Its process id on the host.
        func orphan(
            _ file: String = "proxy.py", _ kind: String = "tcp", port: Int? = nil,
            manners: String = "good"
        ) async throws -> Int {
            let number = port ?? self.port
            let log = "/tmp/\(file)-\(kind)-\(number).out"
            let result = try await lab.run([
                "ws", "ssh", "-F", lab.sshConfigPath, Self.host,
                "setsid -f python3 \(folder)/\(file) \(kind) \(number) \(manners) "
                    + ">\(log) 2>&1 </dev/null",
            ])
            try #require(result.status == 0, "\(result)")
            try await waitUntil("the orphan is ready", deadline: .seconds(30)) {
                try await lab.sh(Self.host, "grep ready \(log)").status == 0
            }
            let pid = try await sh("pgrep -n -f '[/]\(file) \(kind) \(number)'; rm -f \(log)")
            #expect(try await sh("cat /proc/\(pid)/cgroup").contains("/session-"))
            return try #require(Int(pid))
        }

        func lives(_ pid: Int) async throws -> Bool {
            try await lab.sh(Self.host, "kill -0 \(pid)").status == 0
        }

        /// A unit behind port-guard whose own processes see nobody but themselves.
        func install(_ unit: String, match: Bool = true, more: String = "") async throws {
            let match = match ? " --match proxy.py" : ""
            try await sh(
                """
                cat >/etc/systemd/system/\(unit) <<'END'
                [Service]
                Type=exec
                ExecStartPre=+\(folder)/port-guard --port \(port) --unit \(unit)\(match) --wait 1
                ExecStart=/usr/bin/python3 \(folder)/proxy.py tcp \(port) good
                User=jorik
                NoNewPrivileges=yes
                ProtectProc=invisible
                ProcSubset=pid
                PrivateUsers=yes
                ProtectSystem=strict
                ProtectHome=yes
                PrivateTmp=yes
                CapabilityBoundingSet=
                RestrictAddressFamilies=AF_INET
                SystemCallFilter=@system-service
                \(more)
                END
                systemctl daemon-reload
                """)
        }
    }

    private static func with(
        _ port: Int, _ body: (Bench) async throws -> Void
    ) async throws {
        let bench = Bench(lab: try Lab.required(), port: port)
        let shell = [bench.lab.script, "sh", Bench.host, "sh", "-c"]
        try await Products.install("port-guard", to: bench.folder, by: shell)
        for file in ["proxy.py", "editor.py"] {
            let result = try await bench.lab.sh(
                Bench.host, "cat >\(bench.folder)/\(file)", input: PortHolder.script)
            try #require(result.status == 0, "\(result)")
        }
        let outcome: Result<Void, any Error>
        do {
            try await body(bench)
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        try await bench.sh(
            """
            for unit in \(bench.unit) \(bench.other); do
                systemctl stop $unit 2>/dev/null; rm -f /etc/systemd/system/$unit
            done
            systemctl daemon-reload; systemctl reset-failed
            pkill -KILL -f '[g]uard\(port)/'
            rm -rf \(bench.folder)
            """)
        try outcome.get()
    }

    /// Unknown is never free, not even beside somebody who is known.
    @Test func whoCannotBeSeenIsNotTakenForNobody() async throws {
        try await Self.with(7110) { bench in
            try await bench.sh(
                "setsid -f python3 \(bench.folder)/editor.py udp 7110 good "
                    + ">/dev/null 2>&1 </dev/null")
            try await waitUntil("root has the port", deadline: .seconds(30)) {
                try await bench.lab.sh(
                    Bench.host, "ss -Hlun 'sport = :7110' | grep -q ."
                ).status == 0
            }
            let look =
                "setpriv --reuid jorik --regid jorik --clear-groups \(bench.folder)/port-guard "
                + "--port 7110 --unit \(bench.unit) --match proxy.py"
            let alone = try await bench.lab.sh(Bench.host, look)
            #expect(alone.status == 12, "\(alone)")
            #expect(alone.output.contains("is held by user 0, by a process that cannot be seen"))
            let orphan = try await bench.orphan()
            let beside = try await bench.lab.sh(Bench.host, look)
            #expect(beside.status == 12, "\(beside)")
            #expect(beside.output.contains("is held by an orphan"))
            #expect(try await bench.lives(orphan))
        }
    }

    @Test func theUnitsOwnProcessIsLeftAndItRestarts() async throws {
        try await Self.with(7101) { bench in
            try await bench.install(bench.unit)
            try await bench.sh("systemctl start \(bench.unit)")
            try await bench.waitUntilItListens()
            let before = try await bench.process(of: bench.unit)
            let looked = try await bench.sh(
                "\(bench.folder)/port-guard --port 7101 --unit \(bench.unit) --match proxy.py")
            #expect(looked.contains("is held by \(bench.unit) itself: process \(before)"))
            try await bench.sh("systemctl restart \(bench.unit)")
            #expect(try await bench.process(of: bench.unit) != before)
            #expect(try await bench.journal(bench.unit).contains("port 7101 is free"))
        }
    }

    /// The site's two units for one port: the second is refused and the first goes on.
    @Test func anotherUnitsHolderIsRefused() async throws {
        try await Self.with(7102) { bench in
            try await bench.install(bench.unit)
            try await bench.install(bench.other)
            try await bench.sh("systemctl start \(bench.unit)")
            try await bench.waitUntilItListens()
            let before = try await bench.process(of: bench.unit)
            #expect(try await bench.systemctl("start \(bench.other)").status != 0)
            let told = try await bench.sh("systemctl show -p Result -p ExecStartPre \(bench.other)")
            #expect(told.contains("Result=exit-code") && told.contains("status=10"), "\(told)")
            let said = try await bench.journal(bench.other)
            #expect(said.contains("is held by \(bench.unit): process \(before)"), "\(said)")
            #expect(try await bench.process(of: bench.unit) == before)
        }
    }

    @Test(arguments: ["tcp", "tcp6", "udp"])
    func anOrphanOfALoginIsStopped(_ kind: String) async throws {
        try await Self.with(7103) { bench in
            try await bench.install(bench.unit)
            let orphan = try await bench.orphan("proxy.py", kind)
            try await bench.sh("systemctl start \(bench.unit)")
            #expect(try await bench.lives(orphan) == false)
            let said = try await bench.journal(bench.unit)
            #expect(said.contains("SIGTERM to process \(orphan) of user"), "\(said)")
            #expect(said.contains("port 7103 is free now") && !said.contains("SIGKILL"))
            try await bench.waitUntilItListens()
        }
    }

    @Test func anOrphanThatIgnoresSIGTERMGetsSIGKILL() async throws {
        try await Self.with(7104) { bench in
            try await bench.install(bench.unit)
            let orphan = try await bench.orphan(manners: "deaf")
            try await bench.sh("systemctl start \(bench.unit)")
            #expect(try await bench.lives(orphan) == false)
            #expect(try await bench.journal(bench.unit).contains("SIGKILL to process \(orphan)"))
        }
    }

    /// The site's old script killed whatever matched; these only look alike.
    @Test func lookalikesAreLeftAlone() async throws {
        try await Self.with(7105) { bench in
            try await bench.install(bench.unit)
            let neighbour = try await bench.orphan(port: 17105)
            let editor = try await bench.orphan("editor.py", manners: "proxy.py")
            #expect(try await bench.systemctl("start \(bench.unit)").status != 0)
            let said = try await bench.journal(bench.unit)
            #expect(said.contains("is held outside any service: process \(editor)"), "\(said)")
            #expect(try await bench.lives(editor))
            try await bench.sh("kill -KILL \(editor); systemctl start \(bench.unit)")
            #expect(try await bench.lives(neighbour))
        }
    }

    /// A generator controller that somebody started by hand: named, not stopped, and the command
    /// after the failed start does not run under it.
    @Test func withoutAMatchTheOrphanIsNamedAndNothingIsSwitchedOffUnderIt() async throws {
        try await Self.with(7106) { bench in
            let guarded =
                "ExecStopPost=+\(bench.folder)/port-guard --port 7106 --unit \(bench.unit) "
                + "--ran ${EXIT_CODE} -- /usr/bin/touch /tmp/switched-off-7106"
            try await bench.install(bench.unit, match: false, more: guarded)
            // A run of before is none of this start's.
            try await bench.sh("systemctl start \(bench.unit) && systemctl stop \(bench.unit)")
            try await bench.sh("rm /tmp/switched-off-7106")
            let orphan = try await bench.orphan()
            #expect(try await bench.systemctl("start \(bench.unit)").status != 0)
            #expect(try await bench.lives(orphan))
            try await bench.sh("[ ! -e /tmp/switched-off-7106 ]")
            try await bench.sh("kill -KILL \(orphan); systemctl start \(bench.unit)")
            // What the service itself left is switched off whoever has the port then.
            try await bench.waitUntilItListens()
            let main = try await bench.process(of: bench.unit)
            try await bench.sh("kill -STOP \(main)")
            _ = try await bench.orphan("proxy.py", "udp")
            try await bench.sh("kill -KILL \(main)")
            try await waitUntil("it is switched off", deadline: .seconds(30)) {
                try await bench.lab.sh(Bench.host, "rm /tmp/switched-off-7106").status == 0
            }
        }
    }
}

extension PortGuardUnitTests.Bench {
    func waitUntilItListens() async throws {
        try await waitUntil("port \(port) is held", deadline: .seconds(30)) {
            try await lab.sh(Self.host, "ss -Hltn 'sport = :\(port)' | grep -q LISTEN").status == 0
        }
    }
}
