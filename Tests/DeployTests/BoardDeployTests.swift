import Foundation
import LabSupport
import TestSupport
import Testing

/// Deploys to the board with rc.local, through the Pi, and to the Pi's other users. These hosts are
/// the lab's own: each test leaves them as they were.
@Suite(.lab, .faultsLab, .serialized) struct BoardDeployTests {
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

    /// Everything that a deploy that changed nothing must leave as it was on the board.
    private static func state(_ lab: Lab) async throws -> String {
        try await lab.sh(
            "olimex",
            """
            sha256sum /etc/rc.local; ls -l /etc/rc.local
            readlink /opt/fleet/app/current
            /opt/fleet/app/current/supervise status 2>/dev/null | cut -d ' ' -f 1
            ls -d /opt/fleet/.staging/* /run/fleet/lock 2>/dev/null
            true
            """
        ).output
    }

    private static func expectState(
        _ before: String, _ lab: Lab, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let now = try await state(lab)
        #expect(now == before, sourceLocation: sourceLocation)
    }

    private static let boardApp = Programs.app(on: "olimex", health: "- steady: 1s")

    @Test(.timeLimit(.minutes(10))) func theBoardBehindThePiIsDeployedAndNotTouchedAgain()
        async throws
    {
        try await Self.with { lab, site in
            try site.program(Programs.sleeper)
            try site.services(
                Self.boardApp + Programs.app(on: "pi").replacing("app:\n", with: "other:\n"))
            try await site.deploy(0, "--host", "olimex")
            let first = try await lab.sh("olimex", "/opt/fleet/app/current/supervise status")
            #expect(first.output.hasPrefix("running"), "\(first)")
            let rcLocal = try await lab.sh("olimex", "cat /etc/rc.local").output
            let ours = "/opt/fleet/app/current/supervise start || true # fleet:app\nexit 0\n"
            #expect(rcLocal.replacing("\n\nexit", with: "\nexit").hasSuffix(ours), "\(rcLocal)")

            for host in ["pi", "olimex"] {
                try await lab.sh(
                    host,
                    "touch /tmp/execs; chmod 666 /tmp/execs; echo 'echo >>/tmp/execs' >/etc/ssh/sshrc"
                )
            }
            let again = try await site.deploy(0, "--host", "olimex")
            #expect(try again.host("olimex")["outcome"] as? String == "unchanged")
            let execs = "wc -l </tmp/execs"
            #expect(try await lab.sh("olimex", execs).output.trimmed == "1")
            #expect(try await lab.sh("pi", execs).output.trimmed == "0")
            let second = try await lab.sh("olimex", "/opt/fleet/app/current/supervise status")
            #expect(second == first)
        }
    }

    @Test(.timeLimit(.minutes(10))) func theBoardsServiceComesBackAfterAReboot() async throws {
        try await Self.with { lab, site in
            try site.program(Programs.sleeper)
            try site.services(Self.boardApp)
            try await site.deploy()
            try await lab.reboot("olimex")
            try await waitUntil("the service runs again", deadline: .seconds(20)) {
                try await lab.sh("olimex", "/opt/fleet/app/current/supervise status").status == 0
            }
            let again = try await site.deploy()
            #expect(try again.host("olimex")["outcome"] as? String == "unchanged")
        }
    }

    @Test(.timeLimit(.minutes(10))) func aBadReleaseIsTakenBackOnTheBoard() async throws {
        try await Self.with { lab, site in
            try await lab.sh("olimex", "chmod 744 /etc/rc.local")
            let untouched = try await Self.state(lab)
            try site.program(Programs.failing)
            try site.services(Self.boardApp)
            let first = try await site.deploy(4)
            let error = try #require(try first.host("olimex")["error"] as? String)
            #expect(error.contains("it cannot work"), "\(error)")
            try await Self.expectState(untouched, lab)

            try site.program(Programs.sleeper)
            try await site.deploy()
            let good = try await Self.state(lab)
            #expect(good.contains("running"))
            try site.program(Programs.failing)
            try await site.deploy(4)
            try await Self.expectState(good, lab)
        }
    }

    @Test(.timeLimit(.minutes(10))) func filesAreRepairedAndStoppedServicesStartedOnTheBoard()
        async throws
    {
        try await Self.with { lab, site in
            try site.program(Programs.sleeper)
            try site.services(Self.boardApp)
            try await site.deploy()
            let good = try await Self.state(lab)
            for change in [
                "/opt/fleet/app/current/supervise stop", "echo rot >>/opt/fleet/app/current/app",
                "sed -i /fleet:app/d /etc/rc.local",
            ] {
                try await lab.sh("olimex", change)
                let run = try await site.deploy()
                #expect(try run.host("olimex")["outcome"] as? String == "updated", "\(change)")
                try await Self.expectState(good, lab)
            }
        }
    }

    // MARK: Who may

    private static func piSite(_ lab: Lab, _ user: String) throws -> Site {
        let site = try Site(
            lab,
            hosts: "pi:\n  address: \(try lab.addressOf("pi"))\n  arch: amd64\n\(user.indented)\n")
        try site.program(Programs.sleeper)
        try site.services(Programs.app(on: "pi"))
        return site
    }

    @Test(.timeLimit(.minutes(10))) func aUserWhoCannotBecomeRootIsRefused() async throws {
        try await Self.with { lab, _ in
            for (user, status, said) in [
                ("user: plain\nsudo: none", 1, "user plain cannot become root there"),
                ("user: plain", 77, "sudo refused"),
            ] {
                let run = try await Self.piSite(lab, user).fleetctl("deploy", "--yes")
                #expect(run.status == status, "\(run)")
                #expect(run.talk.contains(said), "\(run)")
                #expect(run.talk.contains("nothing was changed on any host"))
                #expect(try await lab.sh("pi", "ls -A /opt").output == "")
            }
        }
    }

    @Test(.timeLimit(.minutes(10))) func aUserWhoseSudoAsksForAPasswordDeploys() async throws {
        try await Self.with { lab, _ in
            let site = try Self.piSite(
                lab, "user: operator\nsudo: password\nsudo_password: env:LAB_OPERATOR_PASSWORD")
            try await site.deploy()
            #expect(try await lab.sh("pi", "systemctl is-active app").output.trimmed == "active")
            let again = try await site.deploy()
            #expect(try again.host("pi")["outcome"] as? String == "unchanged")
        }
    }
}
