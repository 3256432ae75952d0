import Foundation
import LabSupport
import TestSupport
import Testing

/// Releases, the way back and the further health checks on the board with rc.local.
@Suite(.lab, .faultsLab, .serialized) struct BoardRollbackTests {
    private static func service(port: Int = 7777, _ check: String) -> String {
        Programs.server(on: "olimex", expect: "x")
            .replacing("args: [7777,", with: "args: [\(port),")
            .replacing("    - tcp: 7777\n      expect: x\n      within: 3s", with: check)
    }

    @Test(.timeLimit(.minutes(10))) func aSupervisedServiceGoesBackAndHasItsPort() async throws {
        try await BoardHost.with { lab, site in
            try site.program(Programs.server)
            var releases: [String] = []
            for text in ["one", "two"] {
                try site.folder.write("reply", text + "\n")
                try site.services(Self.service("    - listens: 7777\n      within: 20s"))
                let run = try await site.deploy(0, "--host", "olimex")
                releases.append(try #require(try run.service("olimex")["to"] as? String))
            }
            let back = try await site.fleetctl("rollback", "app", "--yes", "-o", "json")
            #expect(back.status == 0, "\(back)")
            #expect(try back.service("olimex")["to"] as? String == releases[0])
            let status =
                "/opt/fleet/app/current/supervise status; cat /opt/fleet/app/current/config/reply"
            let said = try await lab.sh("olimex", status).output
            #expect(said.hasPrefix("running") && said.hasSuffix("one\n"), "\(said)")

            let listed = try await site.fleetctl("releases", "app")
            #expect(listed.status == 0, "\(listed)")
            #expect(listed.output.contains("\(releases[0])  current "), "\(listed)")
            #expect(listed.output.contains("\(releases[1])  previous "), "\(listed)")

            // Listens elsewhere: the supervisor's process is there, the port is not.
            try site.services(
                Self.service(port: 7778, "    - listens: 7777\n      within: 2s"))
            let run = try await site.deploy(4, "--host", "olimex")
            let error = try #require(try run.host("olimex")["error"] as? String)
            #expect(error.contains("nothing listens on port 7777/tcp"), "\(error)")
            #expect(
                try await lab.sh("olimex", "readlink /opt/fleet/app/current").output.trimmed
                    == "releases/\(releases[0])")
            // Has the port, but is none of the service's own.
            try await lab.sh(
                "olimex",
                """
                /opt/fleet/app/current/supervise stop
                setsid python3 -c 'import socket, time
                s = socket.socket(); s.bind(("0.0.0.0", 7779)); s.listen(); time.sleep(9999)' \
                    >/dev/null 2>&1 </dev/null & echo $! >/tmp/stranger
                """)
            let strange = Self.service("    - listens: 7779\n      within: 2s")
                .replacing("ports: [7777]", with: "ports: [7777, 7779]")
            try site.services(strange)
            let refused = try await site.fleetctl("deploy", "--yes", "--host", "olimex")
            #expect(refused.status == 1, "\(refused)")
            #expect(refused.talk.contains("port 7779/tcp, which app needs, is held"))
            try await lab.sh("olimex", "kill -9 $(cat /tmp/stranger); rm /tmp/stranger")
        }
    }
}
