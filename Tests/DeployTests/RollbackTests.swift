import Foundation
import LabSupport
import TestSupport
import Testing

/// `releases` and `rollback` on real hosts.
@Suite(.lab, .sharesLab) struct RollbackTests {
    /// A host on which two releases of `app` were deployed, the second with a unit and a
    /// configuration file of its own.
    private func withTwoReleases(
        _ body: @Sendable (FreshHost, _ first: String, _ second: String) async throws -> Void
    ) async throws {
        try await FreshHost.with { host in
            let site = host.site
            try site.program(Programs.server)
            try site.folder.write("reply", "one\n")
            try site.services(Programs.server(on: host.name, expect: "o"))
            let first = try await site.deploy()
            try site.folder.write("reply", "two\n")
            try site.folder.write(
                "Units/app.service", Programs.unit.replacing("Restart=no", with: "Restart=always"))
            let second = try await site.deploy()
            try await body(
                host, try #require(try first.service(host.name)["to"] as? String),
                try #require(try second.service(host.name)["to"] as? String))
        }
    }

    private func rows(_ host: FreshHost) async throws -> [[String: Any]] {
        let run = try await host.site.fleetctl("releases", "app", "-o", "json")
        #expect(run.status == 0, "\(run)")
        let value = try JSONSerialization.jsonObject(with: Data(run.output.utf8))
        return try #require(value as? [[String: Any]])
    }

    @Test(.timeLimit(.minutes(10))) func releasesTellWhatBecameOfThem() async throws {
        try await withTwoReleases { host, first, second in
            try host.site.program(Programs.failing)
            let failed = try await host.site.deploy(4)
            let third = try #require(try failed.service(host.name)["to"] as? String)
            let rows = try await rows(host)
            let states = Dictionary(
                uniqueKeysWithValues: rows.map {
                    ($0["release"] as? String, $0["state"] as? String)
                })
            #expect(states == [first: "previous", second: "current", third: "failed"])
            for row in rows {
                #expect((row["owner"] as? String)?.hasPrefix("\(NSUserName())@") == true)
                #expect(row["time"] as? String != nil)
                #expect(try #require(row["kibibytes"] as? Int) > 0)
                #expect(row["running"] as? Bool == (row["release"] as? String == second))
            }
            let table = try await host.site.fleetctl("releases")
            #expect(table.output.contains("current") && table.output.contains(second))
        }
    }

    @Test(.timeLimit(.minutes(10))) func aRollbackBringsTheReleaseBeforeWithItsUnit() async throws {
        try await withTwoReleases { host, first, second in
            let dry = try await host.site.fleetctl("rollback", "app", "--dry-run")
            #expect(dry.status == 0, "\(dry)")
            #expect(dry.output.contains("release \(second) → \(first)"), "\(dry)")
            #expect(dry.output.contains("-Restart=always"), "\(dry)")
            #expect(dry.output.contains("-two") && dry.output.contains("+one"), "\(dry)")
            #expect(try await host.sh("readlink /opt/fleet/app/current") == "releases/\(second)")

            // What is here plays no part: nothing is built or read but the inventory.
            try host.site.program("#!/bin/sh\nexit 1\n")
            let run = try await host.site.fleetctl("rollback", "app", "--yes", "-o", "json")
            #expect(run.status == 0, "\(run)")
            #expect(try run.host(host.name)["outcome"] as? String == "updated")
            #expect(try run.service(host.name)["sends"] as? [String] == [])
            #expect(try await host.sh("readlink /opt/fleet/app/current") == "releases/\(first)")
            #expect(
                try await host.sh("grep Restart= /etc/systemd/system/app.service") == "Restart=no")
            let process = try await host.process(of: "app")
            #expect(
                try await host.sh("readlink /proc/\(process)/cwd")
                    == "/opt/fleet/app/releases/\(first)")

            // Again leads forward; a deploy brings what the inventory says.
            let again = try await host.site.fleetctl("rollback", "app", "--yes", "-o", "json")
            #expect(try again.service(host.name)["to"] as? String == second, "\(again)")
            try host.site.program(Programs.server + "# third\n")
            let forward = try await host.site.deploy()
            #expect(try forward.service(host.name)["from"] as? String == second)
            let chosen = try await host.site.fleetctl(
                "rollback", "app", "--to", first, "--yes", "-o", "json")
            #expect(try chosen.service(host.name)["to"] as? String == first, "\(chosen)")
        }
    }

    @Test(.timeLimit(.minutes(10))) func aDamagedReleaseIsNoWayBack() async throws {
        try await withTwoReleases { host, first, second in
            let folder = "/opt/fleet/app/releases/\(first)"
            for (damage, repair) in [
                ("echo rot >>\(folder)/config/reply", "echo one >\(folder)/config/reply"),
                ("chmod 755 \(folder)/config/reply", "chmod 644 \(folder)/config/reply"),
                ("touch \(folder)/more", "rm \(folder)/more"),
                ("mv \(folder)/config /root/config", "mv /root/config \(folder)/config"),
            ] {
                try await host.sh(damage)
                let run = try await host.site.fleetctl("rollback", "app", "--yes")
                #expect(run.status == 1, "\(damage): \(run)")
                #expect(run.talk.contains("release \(first) of app is damaged"), "\(run)")
                #expect(
                    try await host.sh("readlink /opt/fleet/app/current") == "releases/\(second)")
                try await host.sh(repair)
            }
            let gone = try await host.site.fleetctl(
                "rollback", "app", "--to", "0123456789abcdef", "--yes")
            #expect(gone.status == 1 && gone.talk.contains("is not there"), "\(gone)")
            try await host.sh("rm -rf \(folder)")
            let none = try await host.site.fleetctl("rollback", "app", "--yes")
            #expect(none.status == 1 && none.talk.contains("has no release there from before"))
            #expect(try await host.isActive("app.service"))
        }
    }

    @Test(.timeLimit(.minutes(10))) func aRollbackThatDoesNotWorkIsTakenBack() async throws {
        try await withTwoReleases { host, _, second in
            try host.site.services(Programs.server(on: host.name, expect: "two"))
            let before = try await host.state()
            let run = try await host.site.fleetctl("rollback", "app", "--yes", "-o", "json")
            #expect(run.status == 4, "\(run)")
            #expect(try run.host(host.name)["outcome"] as? String == "rolled back")
            try await host.expectState(before)
            #expect(try await host.sh("readlink /opt/fleet/app/current") == "releases/\(second)")
        }
    }
}
