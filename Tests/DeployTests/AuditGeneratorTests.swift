import Foundation
import LabSupport
import TestSupport
import Testing

/// `audit --fix` and the generator's controller: left alone while the generator is not idle.
@Suite(.lab, .faultsLab, .serialized, .timeLimit(.minutes(5))) struct AuditGeneratorTests {
    private static let folder = "/tmp/generator-verbs"
    private static let log = "/tmp/audit-orphan.log"
    private static let command =
        "\(folder)/gen-server --bus sim --host 127.0.0.1 --port 9999 --reset 0.2 --ignition 0.2"
        + " --crank 2 --sim-catch 0.2 --coast 0.5 --warm-up 1 --stabilise 1 --cooldown 1 --rest 0.05"
    private static let units = "/etc/systemd/system/"

    /// An orphan answers on the controller's port, its service cannot start, and the unit that it
    /// replaces is enabled.
    private func withOrphan(
        _ body: @Sendable (GeneratorHost, _ orphan: String) async throws -> Void
    ) async throws {
        try await GeneratorHost.with { host in
            let outcome: Result<Void, any Error>
            do {
                try await body(host, try await prepare(host))
                outcome = .success(())
            } catch {
                outcome = .failure(error)
            }
            try await host.lab.sh(
                "pi",
                """
                systemctl disable --now gen-server.service generator.service
                rm -f \(Self.units)gen-server.service \(Self.units)generator.service
                systemctl daemon-reload
                read -r orphan <\(Self.log).pid && kill -9 "$orphan"
                rm -f \(Self.log) \(Self.log).pid
                """)
            try outcome.get()
        }
    }

    /// - Returns: the orphan's number.
    private func prepare(_ host: GeneratorHost) async throws -> String {
        try host.site.services(
            """
            gen-server:
              host: pi
              product: gen-server
              ports: [9999]
              gate: generator-idle
              replaces: [generator.service]
            """)
        try await sh(host, "systemctl stop gen-server.service")
        let started = try await host.site.fleetctl(
            "host", "exec", "--shell",
            "LD_LIBRARY_PATH=\(Self.folder) setsid \(Self.command) </dev/null >\(Self.log) 2>&1 &"
                + " echo $! >\(Self.log).pid")
        #expect(started.status == 0, "\(started)")
        try await waitUntil("the orphan knows its inputs", deadline: .seconds(20)) {
            let uptime = try await host.status("server_uptime") ?? "0"
            return (Int(uptime) ?? 0) >= 3
        }
        try await sh(
            host,
            """
            cat >\(Self.units)gen-server.service <<'EOF'
            [Service]
            Environment=LD_LIBRARY_PATH=\(Self.folder)
            ExecStart=\(Self.command)
            [Install]
            WantedBy=multi-user.target
            EOF
            cat >\(Self.units)generator.service <<'EOF'
            [Service]
            ExecStart=/usr/bin/python3 /srv/generator_server.py
            [Install]
            WantedBy=multi-user.target
            EOF
            systemctl daemon-reload
            systemctl enable gen-server.service generator.service
            systemctl start gen-server.service
            """)
        try await waitUntil("the service gave up", deadline: .seconds(20)) {
            try await sh(host, "systemctl show -P ActiveState gen-server.service") == "failed"
        }
        // The shell's own number may be setsid's or the server's; the port tells whose it is.
        return try await sh(
            host, "ss -Hltnp 'sport = :9999' | sed 's/.*pid=\\([0-9]*\\).*/\\1/'")
    }

    @discardableResult
    private func sh(_ host: GeneratorHost, _ script: String) async throws -> String {
        let result = try await host.lab.sh("pi", script)
        #expect(result.status == 0, "\(script): \(result.output)")
        return result.output.trimmed
    }

    private static let steps = [
        "stop and disable generator.service", "by SIGTERM alone", "start gen-server.service",
    ]

    @Test func whileTheGeneratorRunsNothingIsTouched() async throws {
        try await withOrphan { host, orphan in
            try await host.generator(0, "start")
            try await waitUntil("it runs", deadline: .seconds(30)) {
                try await host.status("state") == "CHARGING"
            }
            // Every relay that is written is in its log.
            let log = try await sh(host, "cat \(Self.log)")
            #expect(log.contains("relay"), "\(log)")
            let run = try await host.site.fleetctl("audit", "--fix", "--yes")
            #expect(run.status == 75, "\(run)")
            #expect(run.talk.contains("the engine runs"), "\(run)")
            for step in Self.steps {
                #expect(run.talk.components(separatedBy: step).count == 3, "\(step): \(run)")
            }
            #expect(try await host.status("state") == "CHARGING")
            #expect(try await sh(host, "cat \(Self.log)") == log)
            try await sh(host, "test -d /proc/\(orphan)")
            #expect(try await sh(host, "systemctl is-enabled generator.service") == "enabled")
            #expect(
                try await sh(host, "systemctl show -P ActiveState gen-server.service") == "failed")
        }
    }

    @Test func whoDoesNotAnswerCountsAsRunning() async throws {
        try await withOrphan { host, orphan in
            try await sh(host, "kill -STOP \(orphan)")
            let run = try await host.site.fleetctl("audit", "--fix", "--yes")
            #expect(run.status == 75, "\(run)")
            #expect(run.talk.contains("unknown counts as running"), "\(run)")
            try await sh(host, "kill -CONT \(orphan)")
            try await sh(host, "test -d /proc/\(orphan)")
            #expect(try await sh(host, "systemctl is-enabled generator.service") == "enabled")
        }
    }

    @Test func anIdleGeneratorsControllerIsMended() async throws {
        try await withOrphan { host, orphan in
            let run = try await host.site.fleetctl("audit", "--fix", "--yes", "-o", "json")
            // What is left is for a deploy: there is no release.
            #expect(run.status == 5, "\(run)")
            for step in Self.steps { #expect(run.talk.contains(step), "\(step): \(run)") }
            try await sh(host, "! test -d /proc/\(orphan)")
            #expect(
                try await host.lab.sh("pi", "systemctl is-enabled generator.service").output
                    .trimmed == "disabled")
            try await waitUntil("the service answers", deadline: .seconds(20)) {
                try await host.status("relays") == "OFF (0x00)"
            }
            let owner = try await sh(host, "systemctl show -P MainPID gen-server.service")
            #expect(try await sh(host, "ss -Hltnp 'sport = :9999'").contains("pid=\(owner),"))
        }
    }
}
