import Foundation
import LabSupport
import TestSupport
import Testing

/// Old releases on a real host: which go, which stay.
@Suite(.lab, .sharesLab) struct RetentionTests {
    private func deploy(_ host: FreshHost, _ text: String, kept: Int) async throws -> String {
        try host.site.program(Programs.sleeper + "# \(text)\n")
        try host.site.services(Programs.app(on: host.name, more: "keep_releases: \(kept)"))
        let run = try await host.site.deploy()
        return try #require(try run.service(host.name)["to"] as? String)
    }

    private func releases(_ host: FreshHost) async throws -> Set<String> {
        Set(
            try await host.sh("ls -A /opt/fleet/app/releases | grep -v about").split(
                separator: "\n"
            )
            .map(String.init))
    }

    @Test(.timeLimit(.minutes(10))) func onlyASuccessfulDeployRemovesOldReleases() async throws {
        try await FreshHost.with { host in
            var all: [String] = []
            for text in ["1", "2", "3"] { all.append(try await deploy(host, text, kept: 1)) }
            #expect(try await releases(host) == Set(all))
            // A process still runs from the first one.
            try await host.sh(
                "cd /opt/fleet/app/releases/\(all[0]) && setsid sleep 9999 >/dev/null 2>&1 </dev/null &"
            )
            try host.site.program(Programs.failing)
            let failed = try await host.site.deploy(4)
            let bad = try #require(try failed.service(host.name)["to"] as? String)
            #expect(try await releases(host) == Set(all + [bad]))
            all.append(try await deploy(host, "4", kept: 1))
            // In use, kept, previous, current; the one that never worked makes room first.
            #expect(try await releases(host) == [all[0], all[1], all[2], all[3]])
            let last = try await deploy(host, "5", kept: 0)
            #expect(try await releases(host) == [all[0], all[3], last])
            #expect(try await host.sh("ls /opt/fleet/app/releases/*.about | wc -l") == "3")
        }
    }

    @Test(.timeLimit(.minutes(10))) func aFullDiskNamesWhatPruneThenRemoves() async throws {
        try await FreshHost.with { host in
            var all: [String] = []
            // Does not get smaller on the way, nor on the disk.
            for text in ["1", "2", "3", "4"] {
                let ballast = (0..<80_000).map { _ in
                    String(UInt64.random(in: 0 ... .max), radix: 36)
                }
                all.append(try await deploy(host, text + ballast.joined(), kept: 3))
            }
            try await host.lab.fill(host.name, leaving: 3)
            try host.site.program(Programs.sleeper + "# 5\n")
            let full = try await host.site.fleetctl("deploy", "--yes")
            #expect(full.status == 1, "\(full)")
            #expect(full.talk.contains("older releases take up to"), "\(full)")
            #expect(full.talk.contains("fleetctl releases --prune --keep 0"), "\(full)")
            let refused = try await host.site.fleetctl("releases", "--prune", "--keep", "0")
            #expect(refused.status == 64, "without a terminal it must be told: \(refused)")
            let prune = try await host.site.fleetctl("releases", "--prune", "--keep", "0", "--yes")
            #expect(prune.status == 0, "\(prune)")
            #expect(try await releases(host) == [all[2], all[3]])
            try await host.site.deploy()
            #expect(try await host.isActive("app.service"))
        }
    }
}
