import Foundation
import LabSupport
import Testing

/// What the command line promises of `plan` and `deploy`.
@Suite(.lab, .sharesLab) struct CommandLineTests {
    @Test(.timeLimit(.minutes(10))) func lookingChangesNothing() async throws {
        try await FreshHost.with { host in
            try host.site.program(Programs.sleeper)
            try host.site.services(Programs.app(on: host.name))
            let before = try await host.state()
            for command in [["plan"], ["deploy", "--dry-run"]] {
                let run = try await host.site.fleetctl(
                    command[0], command.count > 1 ? command[1] : "-q")
                #expect(run.status == 0, "\(run)")
                #expect(run.output.contains("  app: release none → "), "\(run)")
                #expect(run.output.contains("+ app ("), "\(run)")
                #expect(run.output.contains("1. switch app to release"), "\(run)")
            }
            let json = try await host.site.fleetctl("deploy", "--dry-run", "-o", "json")
            let entry = try json.host(host.name)
            #expect(
                Set(entry.keys) == ["host", "changes", "refusals", "services", "steps", "undo"])
            #expect(entry["changes"] as? Bool == true)
            #expect((entry["steps"] as? [String])?.count == 6)
            try await host.expectState(before)
            #expect(try await host.sh("ls /opt") == "")
        }
    }

    @Test(.timeLimit(.minutes(10))) func withoutATerminalAndWithoutYesNothingHappens() async throws
    {
        try await FreshHost.with { host in
            try host.site.program(Programs.sleeper)
            try host.site.services(Programs.app(on: host.name))
            let run = try await host.site.fleetctl("deploy")
            #expect(run.status == 64)
            #expect(run.talk.contains("there is no terminal to ask on; say --yes to deploy"))
            #expect(try await host.sh("ls /opt") == "")
        }
    }

    @Test(.timeLimit(.minutes(10))) func theReportHasItsKeys() async throws {
        try await FreshHost.with { host in
            try host.site.program(Programs.sleeper)
            try host.site.services(Programs.app(on: host.name))
            let run = try await host.site.deploy()
            #expect(
                Set(try run.host(host.name).keys) == [
                    "host", "outcome", "seconds", "bytesSent", "services", "removed",
                ])
            #expect(
                Set(try run.service(host.name).keys) == [
                    "service", "to", "restart", "repairs", "notes", "sends", "reuses", "files",
                ])
            let files = try #require(
                try run.service(host.name)["files"] as? [[String: Any]])
            #expect(files.map { $0["path"] as? String } == ["app", "unit/app.service"])
            #expect(files.allSatisfy { $0["change"] as? String == "added" })
        }
    }

    @Test(.timeLimit(.minutes(10))) func onlyWhatIsChosenIsDone() async throws {
        try await FreshHost.with(count: 2) { hosts in
            let site = hosts[0].site
            try site.program(Programs.sleeper)
            let both = "[\(hosts[0].name), \(hosts[1].name)]"
            let app = Programs.app(on: both)
            try site.services(app + app.replacing("app:\n", with: "other:\n"))
            try await site.deploy(0, "--host", hosts[1].name, "--service", "app")
            #expect(try await hosts[0].sh("ls /opt") == "")
            #expect(try await hosts[1].sh("ls /opt/fleet") == "app")
            let run = try await site.fleetctl("deploy", "--yes", "--host", "d99")
            #expect(run.status == 64)
            #expect(run.talk.contains("there is no host 'd99' in the inventory"))
        }
    }

    @Test(.timeLimit(.minutes(10))) func oneFailureAmongSeveralIsThree() async throws {
        try await FreshHost.with(count: 2) { hosts in
            let site = hosts[0].site
            try site.program("#!/bin/sh\n[ ! -e /bad ] || exit 1\nexec sleep 9999\n")
            try site.services(Programs.app(on: "[\(hosts[0].name), \(hosts[1].name)]"))
            try await hosts[1].sh("touch /bad")
            let run = try await site.deploy(3)
            #expect(try run.host(hosts[0].name)["outcome"] as? String == "updated")
            #expect(try run.host(hosts[1].name)["outcome"] as? String == "rolled back")
        }
    }

    @Test(.timeLimit(.minutes(10))) func aHostThatIsDownKeepsEveryoneFromBeingTouched() async throws
    {
        try await FreshHost.with(count: 2) { hosts in
            let site = hosts[0].site
            try site.program(Programs.sleeper)
            try site.services(Programs.app(on: "[\(hosts[0].name), \(hosts[1].name)]"))
            try await hosts[1].lab.kill(hosts[1].name)
            let run = try await site.fleetctl("deploy", "--yes", "--timeout", "3")
            #expect(run.status == 3, "\(run)")
            #expect(run.talk.contains("\(hosts[1].name): "))
            #expect(run.talk.contains("nothing was changed on any host"))
            #expect(try await hosts[0].sh("ls /opt") == "")
        }
    }
}
