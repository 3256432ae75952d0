import Foundation
import LabSupport
import TestSupport
import Testing

/// The project's own runbooks on a host that has the fault: what they say, what they mend, and that
/// they change nothing where nobody agreed.
@Suite(.lab, .sharesLab, .timeLimit(.minutes(20))) struct RunbookFaultTests {
    /// How a run ended, and each step's mark.
    private struct Run: CustomStringConvertible {
        var status: Int
        var marks: [String]
        var text: String
        var next: String?
        var description: String

        /// The mark of the step with this command; nothing where there is none.
        func mark(_ words: String) -> String? { marks.first { $0.contains(words) } }
    }

    private func runbook(_ host: FreshHost, _ words: String...) async throws -> Run {
        let run = try await host.site.fleetctl(
            ["runbook", "run", "-o", "json"] + words, timeout: 300)
        let steps = try #require(try run.json()["steps"] as? [[String: Any]], "\(run)")
        let conclusion = try #require(try run.json()["conclusion"] as? [String: Any])
        return Run(
            status: run.status,
            marks: steps.map { "\($0["result"] ?? "") \($0["command"] ?? "")" },
            text: conclusion["text"] as? String ?? "",
            next: conclusion["nextCommand"] as? String, description: "\(run)")
    }

    // MARK: Ports

    /// A service with a port, deployed, which takes the place of `old.service`.
    private func deployServer(_ host: FreshHost) async throws {
        try host.site.services(
            Programs.server(on: host.name, expect: "hello")
                + "  match: app\n  replaces: [old.service]\n")
        try host.site.program(Programs.server)
        try host.site.folder.write("reply", "hello\n")
        try await host.site.deploy()
        try await host.put("/srv/app", Programs.server)
        try await host.put("/srv/reply", "old\n")
    }

    /// The service ends and is not started again: started once more, it would itself make room.
    private func giveUp(_ host: FreshHost) async throws {
        try await host.sh("systemctl kill -s KILL app")
        try await waitUntil("the service has given up", deadline: .seconds(30)) {
            try await host.lab.sh(host.name, "systemctl is-failed app").output.trimmed == "failed"
        }
    }

    private func answer(_ host: FreshHost) async throws -> String {
        try await host.lab.sh(
            host.name,
            """
            python3 -c 'import socket
            s = socket.create_connection(("127.0.0.1", 7777), 5)
            print(s.recv(99).decode())' 2>/dev/null
            """
        ).output.trimmed
    }

    @Test func aPortThatTwoServicesWantGoesToItsOwn() async throws {
        try await FreshHost.with { host in
            try await deployServer(host)
            // Somebody brings the old unit back, enabled, and it is first.
            try await host.put(
                "/etc/systemd/system/old.service",
                "[Service]\nExecStart=/usr/bin/python3 /srv/app 7777 /srv/reply\n"
                    + "[Install]\nWantedBy=multi-user.target\n")
            try await giveUp(host)
            try await host.sh("systemctl daemon-reload; systemctl enable --now old.service")
            try await waitUntil("the old one has the port", deadline: .seconds(30)) {
                try await answer(host) == "old"
            }
            let variable = ["--var", "host=\(host.name)"]
            let looked = try await runbook(host, "port-conflict", variable[0], variable[1])
            #expect(looked.status == 5, "\(looked)")
            #expect(looked.mark("audit ports units")?.hasPrefix("passed") == true, "\(looked)")
            #expect(looked.mark("--fix")?.hasPrefix("skipped") == true, "\(looked)")
            #expect(
                looked.next == "fleetctl runbook run orphan-holds-a-port --var host=\(host.name)")
            #expect(try await answer(host) == "old")

            let mended = try await runbook(
                host, "port-conflict", variable[0], variable[1], "--yes")
            #expect(mended.status == 0, "\(mended)")
            #expect(mended.text.hasPrefix("Each port is held by its own service."))
            #expect(try await answer(host) == "hello")
            let old = try await host.sh("systemctl is-enabled old.service || true")
            #expect(old == "disabled")
        }
    }

    @Test func anOrphanIsEndedWhereSomebodyAgrees() async throws {
        try await FreshHost.with { host in
            try await deployServer(host)
            try await host.sh("systemctl stop app")
            let free = try await runbook(
                host, "orphan-holds-a-port", "--var", "host=\(host.name)")
            #expect(free.text.contains("the port is free, and its service stands."), "\(free)")
            try await host.sh("systemctl start app")
            try await giveUp(host)
            // From an SSH session, which it outlives.
            let start = try await host.site.fleetctl(
                "host", "exec", "--shell",
                "setsid /usr/bin/python3 /srv/app 7777 /srv/reply </dev/null >/dev/null 2>&1 &")
            #expect(start.status == 0, "\(start)")
            try await waitUntil("the orphan has the port", deadline: .seconds(30)) {
                try await answer(host) == "old"
            }
            let words = [
                Site.program, "runbook", "run", "orphan-holds-a-port", "--var",
                "host=\(host.name)", "-i", host.site.folder.path + "/fleet.yaml",
            ]
            let terminal = try Terminal(words)
            let question = "services that gave up are started. Do it? [y/N] "
            try await terminal.says(question, deadline: .seconds(120))
            terminal.type("n\n")
            #expect(try await terminal.status(within: .seconds(120)) == 5, "\(terminal.text)")
            #expect(try await answer(host) == "old")

            let again = try Terminal(words)
            try await again.says(question, deadline: .seconds(120))
            again.type("y\n")
            #expect(try await again.status(within: .seconds(120)) == 0, "\(again.text)")
            #expect(again.text.contains("The ports are held by their services."))
            #expect(try await host.lab.sh(host.name, "pgrep -f '[s]rv/reply'").status == 1)
            #expect(try await answer(host) == "hello")
        }
    }

    // MARK: The monitor

    /// A stand-in for the monitor, with its files, and a clock that is kept.
    private func standIn(_ host: FreshHost, exec: String, rowAge: Int) async throws {
        try host.site.services(
            "pigenny-monitor:\n  host: \(host.name)\n  product: pigenny-monitor\n  user: pi\n")
        let text = try host.site.folder.read("fleet.yaml")
            .replacing("    arch: amd64", with: "    arch: amd64\n    \(HealthLook.lenient)")
        try host.site.folder.write("fleet.yaml", text)
        try await host.put(
            "/etc/systemd/system/pigenny-monitor.service",
            "[Service]\nUser=pi\nExecStart=\(exec)\nRestart=always\nRestartPreventExitStatus=64\n")
        try await host.put(
            "/usr/local/bin/timedatectl", "#!/bin/sh\necho NTPSynchronized=yes\n")
        try await host.sh(
            HealthLook.timesync + """
                chmod 755 /usr/local/bin/timedatectl
                mkdir -p /var/log/pigenny /run/pigenny-monitor
                printf '%s\\n' state=IDLE alarms= poll_seconds=3600 "updated=$(date +%s)" \
                    complete=yes >/run/pigenny-monitor/status
                systemctl daemon-reload
                systemctl start pigenny-monitor
                """)
        try await writeRow(host, age: rowAge)
    }

    private func writeRow(_ host: FreshHost, age: Int) async throws {
        try await host.sh(
            """
            {
                echo timestamp,timestamp_unix,soc_pct,soh_pct,vbat_v,vpv1_v,vpv2_v,pv1_power_w,\
            pv2_power_w,load_power_w,charge_power_w,discharge_power_w,generator_state,\
            generator_running
                echo "2026-01-01T00:00:00,$(($(date +%s) - \(age))),61,94,52.8,0,0,0,0,400,0,400,\
            IDLE,0"
            } >/var/log/pigenny/data_20260101.csv
            """)
    }

    @Test func rowsThatAreNotWrittenLeadToTheFolderThatIsNotTheMonitors() async throws {
        try await FreshHost.with { host in
            try await standIn(host, exec: "/bin/sleep 100000", rowAge: 7200)
            let ill = try await runbook(host, "csv-not-written")
            #expect(ill.status == 5, "\(ill)")
            #expect(ill.mark(" health ")?.hasPrefix("failed") == true, "\(ill)")
            #expect(ill.mark("charge status")?.hasPrefix("passed") == true, "\(ill)")
            #expect(ill.mark("-user pi")?.hasPrefix("failed") == true, "\(ill)")
            #expect(ill.mark(" df ")?.hasPrefix("skipped") == true, "\(ill)")
            #expect(ill.text.contains("belongs to somebody else than pi."), "\(ill)")
            try await host.sh("chown pi /var/log/pigenny")
            try await writeRow(host, age: 60)
            let well = try await runbook(host, "csv-not-written")
            #expect(well.status == 0 && well.text.hasPrefix("Rows are written."), "\(well)")

            try await host.sh("mount -t tmpfs -o ro,uid=pi tmpfs /var/log/pigenny")
            let stuck = try await runbook(host, "csv-not-written")
            #expect(stuck.mark("findmnt")?.hasPrefix("failed") == true, "\(stuck)")
            #expect(stuck.next == "fleetctl runbook run restore-a-board --var host=\(host.name)")
        }
    }

    @Test func aMonitorThatEndsAtOnceIsNotCalledMended() async throws {
        try await FreshHost.with { host in
            try await standIn(host, exec: "/bin/sh -c \"exit 64\"", rowAge: 60)
            try await waitUntil("it has failed", deadline: .seconds(30)) {
                try await host.sh("systemctl is-failed pigenny-monitor || true") == "failed"
            }
            let looked = try await runbook(host, "monitor-keeps-stopping")
            #expect(looked.status == 5, "\(looked)")
            #expect(looked.mark("systemctl show")?.hasPrefix("failed") == true, "\(looked)")
            #expect(looked.description.contains("ExecMainStatus=64"), "\(looked)")
            #expect(looked.mark("systemctl start")?.hasPrefix("skipped") == true, "\(looked)")
            let tried = try await runbook(host, "monitor-keeps-stopping", "--yes")
            #expect(tried.mark("systemctl start")?.hasPrefix("passed") == true, "\(tried)")
            #expect(tried.mark("charge status")?.hasPrefix("failed") == true, "\(tried)")
            #expect(tried.text.contains("it has ended again"), "\(tried)")
            try await host.sh(
                """
                sed -i 's,^ExecStart=.*,ExecStart=/bin/sleep 100000,' \
                    /etc/systemd/system/pigenny-monitor.service
                systemctl daemon-reload
                """)
            let mended = try await runbook(host, "monitor-keeps-stopping", "--yes")
            #expect(mended.mark("charge status")?.hasPrefix("passed") == true, "\(mended)")
            #expect(try await host.isActive("pigenny-monitor"))
        }
    }
}
