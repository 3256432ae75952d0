import Foundation
import LabSupport
import TestSupport
import Testing

/// `fleetctl audit` on hosts of the lab; `AuditFightTests` has the great disaster.
@Suite(.lab, .sharesLab) struct AuditVerbTests {
    private func findings(
        _ host: FreshHost, _ arguments: String...
    ) async throws -> [[String: Any]] {
        let run = try await host.site.fleetctl(["audit", "-o", "json"] + arguments)
        #expect([0, 5].contains(run.status), "\(run)")
        let found = try #require(try run.json()["findings"] as? [[String: Any]])
        #expect((run.status == 5) == !found.isEmpty)
        return found
    }

    private func names(_ findings: [[String: Any]]) -> [String] {
        findings.map { "\($0["id"] as? String ?? "") \($0["subject"] as? String ?? "")" }
    }

    /// What a deploy leaves is what the audit wants; what somebody changes then is seen.
    @Test func aDeployedServiceIsCleanUntilSomebodyChangesIt() async throws {
        try await FreshHost.with { host in
            try host.site.program(Programs.server)
            try host.site.folder.write("reply", "hello\n")
            try host.site.services(Programs.server(on: host.name, expect: "hello"))
            try await host.site.deploy()
            #expect(names(try await findings(host)) == [])
            try await host.sh(
                """
                echo '# by hand' >>/etc/systemd/system/app.service
                mkdir -p /etc/systemd/system/app.service.d /etc/cron.d
                printf '[Service]\\nNice=1\\n' >/etc/systemd/system/app.service.d/1.conf
                printf '*/5 * * * * root systemctl restart app\\n' >/etc/cron.d/x
                printf '[Service]\\n' >/etc/systemd/system/-rf.service
                touch -d '+1 hour' /opt/fleet/app/current/app
                """)
            let changed = Set(names(try await findings(host)))
            #expect(
                changed == [
                    "unit-differs app.service", "unit-not-reloaded app.service",
                    "job-touches-service /etc/cron.d/x", "script-newer-than-process app.service",
                ], "\(changed)")
            try await host.sh("systemctl daemon-reload; systemctl disable app.service")
            #expect(
                Set(names(try await findings(host, "drift"))) == [
                    "unit-differs app.service", "unit-has-drop-in app.service",
                    "service-not-enabled app.service",
                ])
            // Accepted, until a day; and nothing is left of what is accepted.
            try host.site.folder.write(
                "baseline.yaml",
                """
                accepted:
                  - { finding: job-touches-service, host: '*', what: /etc/cron.d/x,
                      reason: for a week, expires: 2999-01-01 }
                """)
            let path = host.site.folder.path + "/baseline.yaml"
            let left = try await findings(host, "units", "--baseline", path)
            #expect(names(left) == [])
        }
    }

    /// A board with busybox's tools and no systemd.
    @Test func aBoardWithoutSystemdIsLookedAt() async throws {
        let lab = try Lab.required()
        let site = try Site.piAndBoard(lab)
        try site.services(
            "gen-server:\n  host: olimex\n  product: gen-server\n  ports: [9998]\n")
        let password = try lab.password("olimex")
        let result = try await Shell.run(
            [
                Site.program, "audit", "ports", "--host", "olimex", "-o", "json", "-i",
                site.folder.path + "/fleet.yaml",
            ], environment: ["LAB_OLIMEX_PASSWORD": password])
        #expect(result.status == 5, "\(result.errorText)")
        #expect(result.text.contains("nobody listens on tcp/9998"), "\(result.text)")
        #expect(!result.text.contains("not-read"), "\(result.text)")
    }
}
