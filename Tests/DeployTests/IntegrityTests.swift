import Foundation
import LabSupport
import TestSupport
import Testing

/// Who may change a release on a host, and who may read what is in it.
@Suite(.lab, .sharesLab) struct IntegrityTests {
    @Test(.timeLimit(.minutes(10))) func theServicesUserCannotChangeItsRelease() async throws {
        try await FreshHost.with { host in
            try host.site.program("#!/bin/sh\necho evil >>\"$0\"\nexec sleep 9999\n")
            try host.site.folder.write(
                "Units/app.service",
                Programs.unit.replacing("Type=exec\n", with: "Type=exec\nUser=@user@\n"))
            try host.site.services(Programs.app(on: host.name, more: "user: daemon"))
            try await host.site.deploy()
            let process = try await host.process(of: "app")
            #expect(try await host.sh("stat -c %U /proc/\(process)") == "daemon")
            #expect(try await host.sh("grep -c evil /opt/fleet/app/current/app") == "1")
            #expect(try await host.sh("find /opt/fleet ! -user root") == "")
            #expect(try await host.sh("find /opt/fleet ! -type l -perm /022") == "")
            let tries =
                "cd /opt/fleet/app; echo x >>current/app; touch current/x; mv current y; true"
            #expect(
                try await host.sh("setpriv --reuid daemon sh -c '\(tries)' 2>&1 | grep -c denied")
                    == "3")
            let again = try await host.site.deploy()
            #expect(try again.host(host.name)["outcome"] as? String == "unchanged")
        }
    }

    @Test(.timeLimit(.minutes(10))) func theServiceReadsWhatIsForItsGroup() async throws {
        try await FreshHost.with { host in
            let site = host.site
            try site.folder.write("keys", "password = hunter2\n")
            let config = "config:\n  - source: keys\n    mode: \"0640\""
            for reader in ["user: daemon", "user: games\ngroup: daemon"] {
                try site.services(Programs.app(on: host.name, more: "\(reader)\n\(config)"))
                try site.program(
                    "#!/bin/sh\n# \(reader.count)\ncat config/keys >/dev/null || exit 3\nexec sleep 9999\n"
                )
                try site.folder.write(
                    "Units/app.service",
                    Programs.unit.replacing(
                        "Type=exec\n",
                        with: "Type=exec\nUser=@user@\nGroup=@group@\nWorkingDirectory=@release@\n")
                )
                try await site.deploy()
                #expect(
                    try await host.sh("stat -c '%a %U %G' /opt/fleet/app/current/config/keys")
                        == "640 root daemon")
                let again = try await site.deploy()
                #expect(try again.host(host.name)["outcome"] as? String == "unchanged")
            }
            try site.services(Programs.app(on: host.name, more: "user: nobody-here\n\(config)"))
            let run = try await site.deploy(1)
            let error = try #require(try run.host(host.name)["error"] as? String)
            #expect(error.contains("app: there is no such user"), "\(error)")
        }
    }

    @Test(.timeLimit(.minutes(10)), arguments: ["0600", "0640"])
    func aSecretInAConfigurationFileIsSaidNowhere(mode: String) async throws {
        try await FreshHost.with { host in
            let site = host.site
            try site.program(Programs.sleeper)
            try site.services(
                Programs.app(
                    on: host.name, more: "config:\n  - source: keys\n    mode: \"\(mode)\""))
            var said = ""
            func run(_ words: String...) async throws {
                let run = try await site.fleetctl(words)
                #expect(run.status == 0, "\(run)")
                said += run.output + run.talk
            }
            for secret in ["hunter2-first", "hunter2-second"] {
                try site.folder.write("keys", "password = \(secret)\n")
                try await run("plan", "-vv")
                try await run("plan", "-o", "json")
                try await run("deploy", "--yes", "-v", "-o", "json")
            }
            try await run("rollback", "app", "--dry-run")
            try await run("rollback", "app", "--yes", "-v")
            try await run("history", "-o", "json")
            try await run("releases", "-o", "json")
            said += try await host.sh(
                """
                cat /var/log/fleet/audit.jsonl* /opt/fleet/app/releases/*.about
                journalctl --no-pager -q; find /run/fleet /opt/fleet/.staging
                """)
            #expect(said.contains("config/keys"))
            #expect(!said.contains("hunter2"))
            #expect(
                try await host.sh("stat -c '%a %U' /opt/fleet/app/current/config/keys")
                    == "\(mode.dropFirst()) root")
            #expect(try await host.sh("cat /opt/fleet/app/current/config/keys").contains("first"))
        }
    }
}
