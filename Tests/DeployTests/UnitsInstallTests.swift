import Foundation
import LabSupport
import Testing

/// `fleetctl units diff` and `install` on a real systemd host.
@Suite(.lab, .sharesLab) struct UnitsInstallTests {
    private func withApp(
        more: String = "", _ body: @Sendable (FreshHost) async throws -> Void
    ) async throws {
        try await FreshHost.with { host in
            try host.site.program(Programs.sleeper)
            try host.site.services(Programs.app(on: host.name, more: more))
            try await host.site.deploy()
            try await body(host)
        }
    }

    private func change(_ host: FreshHost, _ line: String) throws {
        try host.site.folder.write(
            "Units/app.service",
            Programs.unit.replacing("Restart=no\n", with: "Restart=no\n\(line)\n"))
    }

    private static let file = "/etc/systemd/system/app.service"

    @Test(.timeLimit(.minutes(10))) func everyLayerThatDriftsIsShownInOneExec() async throws {
        try await withApp { host in
            try await host.sh(
                "touch /tmp/execs; chmod 666 /tmp/execs; echo 'echo >>/tmp/execs' >/etc/ssh/sshrc")
            let same = try await host.site.fleetctl("units", "diff", "--detailed-exitcode")
            #expect(same.status == 0 && same.output == "\(host.name): nothing to do\n", "\(same)")
            #expect(try await host.sh("wc -l </tmp/execs") == "1")

            try change(host, "RestartSec=7")
            try await host.sh(
                """
                mkdir -p \(Self.file).d
                printf '[Service]\\nNice=5\\n' >\(Self.file).d/own.conf
                systemctl daemon-reload
                echo '# by hand' >>\(Self.file)
                """)
            let before = try await host.state()
            let diff = try await host.site.fleetctl("units", "diff", "app", "--detailed-exitcode")
            #expect(diff.status == 2, "\(diff)")
            for line in ["+RestartSec=7", "-# by hand", "\(Self.file).d/own.conf"] {
                #expect(diff.output.contains(line), "\(line) is not in \(diff)")
            }
            try await host.expectState(before)
        }
    }

    @Test(.timeLimit(.minutes(10))) func installingRestartsNothingUnlessAsked() async throws {
        try await withApp { host in
            let process = try await host.process(of: "app.service")
            try change(host, "RestartSec=7")
            let unasked = try await host.site.fleetctl("units", "install")
            #expect(unasked.status == 64, "\(unasked)")
            let run = try await host.site.fleetctl("units", "install", "--yes")
            #expect(run.status == 0, "\(run)")
            #expect(run.talk.contains("+RestartSec=7"))
            #expect(try await host.process(of: "app.service") == process)
            #expect(
                try await host.sh("systemctl show -P RestartUSec -P NeedDaemonReload app")
                    == "7s\nno")
            let again = try await host.site.fleetctl("units", "install", "--yes", "-o", "json")
            #expect(again.status == 0)
            #expect(try again.host(host.name)["outcome"] as? String == "unchanged")

            try change(host, "RestartSec=8")
            let restarted = try await host.site.fleetctl("units", "install", "--yes", "--restart")
            #expect(restarted.status == 0, "\(restarted)")
            #expect(try await host.process(of: "app.service") != process)
        }
    }

    /// The lines that systemd refuses, or only warns of.
    @Test(.timeLimit(.minutes(10)), arguments: ["ExecStartPre=/no/such/program", "Rubbish=1"])
    func whatSystemdRefusesTouchesNothing(line: String) async throws {
        try await withApp { host in
            let before = try await host.state()
            let process = try await host.process(of: "app.service")
            try change(host, line)
            let run = try await host.site.fleetctl("units", "install", "--yes", "--restart")
            #expect(run.status == 1, "\(run)")
            #expect(run.talk.contains("systemd "), "\(run)")
            try await host.expectState(before)
            #expect(try await host.process(of: "app.service") == process)
        }
    }

    @Test(.timeLimit(.minutes(10))) func aRestartThatFailsBringsTheOldUnitBack() async throws {
        try await withApp { host in
            let before = try await host.state()
            try change(host, "ExecStartPre=/bin/false")
            let run = try await host.site.fleetctl("units", "install", "--yes", "--restart")
            #expect(run.status == 4, "\(run)")
            try await host.expectState(before)
            #expect(try await host.isActive("app.service"))
        }
    }

    /// Behind a gate nothing answers: unknown counts as running.
    @Test(.timeLimit(.minutes(10))) func aGateIsAskedOnlyForARestart() async throws {
        let more = "ports: [9999]\ngate: generator-idle"
        try await withApp(more: more) { host in
            let process = try await host.process(of: "app.service")
            try change(host, "RestartSec=7")
            let before = try await host.state()
            let refused = try await host.site.fleetctl("units", "install", "--yes", "--restart")
            #expect(refused.status == 75, "\(refused)")
            try await host.expectState(before)
            let run = try await host.site.fleetctl("units", "install", "--yes")
            #expect(run.status == 0, "\(run)")
            #expect(try await host.process(of: "app.service") == process)
        }
    }

    @Test(.timeLimit(.minutes(10))) func whatIsNotDeployedIsRefused() async throws {
        try await FreshHost.with { host in
            try host.site.program(Programs.sleeper)
            try host.site.services(Programs.app(on: host.name))
            let run = try await host.site.fleetctl("units", "install", "--yes")
            #expect(run.status == 1, "\(run)")
            #expect(run.talk.contains("app has no release there"))
            #expect(try await host.lab.sh(host.name, "ls \(Self.file)").status != 0)
        }
    }
}
