import Foundation
import LabSupport
import TestSupport
import Testing

/// Many hosts at once, some of them dead, slow or full.
///
/// Eight of them, or thirty with FLEET_LONG_TESTS=1.
@Suite(.lab, .faultsLab) struct RollingTests {
    private static let isLong = ProcessInfo.processInfo.environment["FLEET_LONG_TESTS"] != nil
    private static let count = isLong ? 30 : 8
    private static let deadCount = isLong ? 3 : 1
    private static let slowCount = isLong ? 2 : 1
    private static let timeout = isLong ? 400 : 120
    /// What the run as a whole may take beyond its slowest host: planning tasks, two cores.
    private static let slackSeconds = 2.0

    @Test(.timeLimit(.minutes(20))) func theOthersAreDeployedWhateverSomeHostsDo() async throws {
        try await FreshHost.with(count: Self.count) { hosts in
            let site = hosts[0].site
            let lab = hosts[0].lab
            try site.program(Programs.sleeper)
            let names = hosts.map(\.name)
            try site.services(Programs.app(on: "[\(names.joined(separator: ", "))]"))
            let dead = hosts.prefix(Self.deadCount)
            let full = hosts[Self.deadCount]
            let slow = hosts.suffix(Self.slowCount)
            for host in dead { try await lab.kill(host.name) }
            try await lab.fill(full.name, leaving: 2)
            var wires: [LabWire] = []
            for host in slow {
                wires.append(
                    try await lab.wire(host.name, "eth0", roundTrip: .milliseconds(300)))
            }

            // As many failures as are not allowed: nothing is touched.
            let options = ["--yes", "-o", "json", "--timeout", "20", "--parallel", "30"]
            let strict = try await site.fleetctl(["deploy"] + options, timeout: Self.timeout)
            #expect(strict.talk.contains("nothing was changed on any host"), "\(strict)")
            #expect(strict.talk.contains("with --max-failures \(Self.deadCount + 1)"))
            #expect(try await hosts[Self.count - 1].sh("ls /opt") == "")

            let run = try await site.fleetctl(
                ["deploy", "--max-failures", String(Self.deadCount + 1)] + options,
                timeout: Self.timeout)
            #expect(run.status == 3, "\(run)")
            for host in hosts {
                let outcome = try run.host(host.name)["outcome"] as? String
                if dead.contains(where: { $0.name == host.name }) {
                    #expect(outcome == "unreachable")
                } else if host.name == full.name {
                    #expect(outcome == "failed")
                } else {
                    #expect(outcome == "updated", "\(host.name): \(run)")
                    #expect(try await host.isActive("app.service"))
                }
            }
            let updated = Self.count - Self.deadCount - 1
            #expect(
                run.talk.contains(
                    "\(Self.count) hosts: \(updated) updated, 1 failed, "
                        + "\(Self.deadCount) unreachable; "), "\(run)")
            let times = try names.map { try #require(try run.host($0)["seconds"] as? Double) }
            let slowest = try #require(times.max())
            let whole = try #require(Self.wholeSeconds(run.talk))
            #expect(whole < slowest + Self.slackSeconds, "\(run.talk)")
            for wire in wires { try await wire.end() }
            try await lab.unfill(full.name)
        }
    }

    /// `…; 12.3 s, the slowest was …` of the summary.
    private static func wholeSeconds(_ talk: String) -> Double? {
        guard
            let line = talk.split(separator: "\n").last(where: { $0.contains("the slowest was") }),
            let text = line.split(separator: "; ").last?.split(separator: " ").first
        else { return nil }
        return Double(text)
    }

    @Test(.timeLimit(.minutes(10))) func afterAFailureNoFurtherHostIsBegun() async throws {
        try await FreshHost.with(count: 3) { hosts in
            let site = hosts[0].site
            try site.program(Programs.failing)
            try site.services(
                Programs.app(on: "[\(hosts.map(\.name).joined(separator: ", "))]"))
            let one = try await site.deploy(4, "--parallel", "1")
            let outcomes = try hosts.map { try one.host($0.name)["outcome"] as? String }
            #expect(outcomes == ["rolled back", "skipped", "skipped"])
            #expect(one.talk.contains("3 hosts: 1 rolled back, 2 skipped"), "\(one.talk)")
            #expect(try await hosts[1].sh("ls /opt") == "")
            let two = try await site.deploy(4, "--parallel", "1", "--max-failures", "1")
            let after = try hosts.map { try two.host($0.name)["outcome"] as? String }
            #expect(after == ["rolled back", "rolled back", "skipped"])
        }
    }
}
