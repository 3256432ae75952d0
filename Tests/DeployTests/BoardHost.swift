import LabSupport

/// The lab's board with rc.local behind its Pi: one test has both for itself and leaves them as they
/// were.
enum BoardHost {
    static func with(_ body: @Sendable (Lab, Site) async throws -> Void) async throws {
        let lab = try Lab.required()
        let site = try Site.piAndBoard(lab)
        let rcLocal = try await lab.sh("olimex", "cat /etc/rc.local")
        let outcome: Result<Void, any Error>
        do {
            try await body(lab, site)
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        try await lab.sh(
            "olimex",
            """
            for service in /opt/fleet/*/current/supervise; do
                [ ! -x "$service" ] || "$service" stop
            done >/dev/null
            rm -rf /opt/fleet /run/fleet /var/log/fleet /etc/ssh/sshrc /tmp/execs
            cat >/etc/rc.local
            """, input: rcLocal.output)
        try await lab.sh(
            "pi",
            """
            systemctl disable --now -q app.service pigenny-monitor.service 2>/dev/null
            rm -rf /opt/fleet /run/fleet /var/log/fleet /etc/ssh/sshrc /tmp/execs
            rm -f /etc/systemd/system/app.service /etc/systemd/system/pigenny-monitor.service
            systemctl daemon-reload; systemctl reset-failed
            """)
        try outcome.get()
    }
}
