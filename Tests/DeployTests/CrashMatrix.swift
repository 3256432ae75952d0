import Foundation
import LabSupport
import TestSupport
import Testing

/// Breaks a deploy off at every point at which its host's scripts have just made something last, in
/// several ways, and sees that the host comes up whole, and that the next deploy leaves no trace.
final class CrashMatrix {
    /// How the deploy is broken off.
    enum Fault: String {
        case powerCut = "power cut"
        case clientKilled = "client killed"
        case linkCut = "link cut"
        case scriptKilled = "script killed"
    }

    /// What is deployed over what.
    enum Change {
        /// A release over another: files, unit and process change.
        case update
        /// The first deploy ever, in the place of a unit made by hand.
        case takeover
    }

    /// One broken deploy.
    struct Row {
        var point: String
        var fault: Fault
        /// What ran when the host had come to rest, and after the next deploy.
        var cameUpOn: String
        var afterNext: String
    }

    /// Seconds that hosts wait for the confirmation here.
    private static let confirmTimeout = "3"

    private let host: CrashHost
    private let site: Site
    private let change: Change
    private let interface: String
    private var release = 0
    private(set) var rows: [Row] = []

    init(
        _ host: CrashHost, _ site: Site, _ change: Change = .update, interface: String = "eth0"
    ) {
        self.change = change
        self.host = host
        self.site = site
        self.interface = interface
    }

    /// The next release: another answer, another unit.
    private func makeRelease() throws {
        release += 1
        try site.program(Programs.server)
        try site.folder.write("points.sh", CrashHost.points)
        try site.folder.write("reply", "release \(release)\n")
        try site.folder.write(
            "Units/app.service",
            Programs.unit.replacing("@description@", with: "release \(release)"))
        let service = Programs.server(on: host.name, expect: "release \(release)")
        switch change {
        case .update: try site.services(service)
        case .takeover: try site.services(service + "  replaces: [old.service]\n")
        }
    }

    /// What the next deploy finds; how the host then looks.
    private func prepare() async throws -> String {
        switch change {
        case .update: return "whole release \(release)"
        case .takeover:
            try await host.bringOldUnit()
            return "whole old"
        }
    }

    private func begin() throws -> Running {
        try site.running(
            ["deploy", "--yes", "--host", host.name, "--confirm-timeout", Self.confirmTimeout],
            environment: ["FLEETCTL_TEST_POINTS": site.folder.path + "/points.sh"])
    }

    /// The points of the deploy, in their order.
    func points() async throws -> [String] {
        try makeRelease()
        try await site.deploy(0, "--host", host.name)
        _ = try await prepare()
        try makeRelease()
        try await host.stop(at: 0)
        let client = try begin()
        #expect(try await client.end() == 0, "\(client.talk)")
        return try await host.passed()
    }

    /// Breaks a deploy off at this point, from 1, and looks.
    func breakOff(at point: Int, named name: String, by fault: Fault) async throws {
        let old = try await prepare()
        try makeRelease()
        let new = "whole release \(release)"
        try await host.stop(at: point)
        let client = try begin()
        try await waitUntil("the host stops at point \(point)", deadline: .seconds(30)) {
            if try await host.waiting() != nil { return true }
            guard client.isRunning else {
                throw LabError(message: "no stop at \(point) (\(name)): \(client.talk)")
            }
            return false
        }
        #expect(try await host.passed().last == name, "the points come in their order")
        try await strike(fault, client)
        let found = try await atRest(old, new)
        // Where the client and the link are lost the host may still have been confirmed.
        if fault == .powerCut { #expect(found == (isDecided(name) ? new : old), "\(name)") }
        #expect([old, new].contains(found), "\(name), \(fault.rawValue): \(found)")
        let next = try await site.fleetctl("deploy", "--yes", "--host", host.name)
        #expect(next.status == 0, "\(name), \(fault.rawValue): \(next)")
        let after = try await host.look()
        #expect(after == new, "\(name), \(fault.rawValue): \(after)")
        try await waitUntil("nothing is left after \(name), \(fault.rawValue)") {
            try await host.leftovers().isEmpty
        }
        rows.append(Row(point: "\(point) \(name)", fault: fault, cameUpOn: found, afterNext: after))
    }

    private func isDecided(_ point: String) -> Bool {
        ["journal confirmed", "recorded", "closed", "released"].contains(point)
    }

    private func strike(_ fault: Fault, _ client: Running) async throws {
        switch fault {
        case .powerCut:
            try await host.lab.powercut(host.name)
            client.kill()
            _ = try await client.end()
            try await host.lab.start(host.name)
        case .clientKilled:
            client.kill()
            _ = try await client.end()
            try await host.goOn()
        case .linkCut:
            let host = host
            try await host.lab.whileCut(host.name, interface) {
                try await host.goOn()
                try await waitUntil("the steps are over", deadline: .seconds(30)) {
                    try await host.sh(
                        """
                        cd /opt/fleet/.transaction 2>/dev/null || { echo over; exit 0; }
                        grep '^switched ' journal || true
                        """
                    ).isEmpty == false
                }
            }
            _ = try await client.end(deadline: .seconds(120))
        case .scriptKilled:
            let process = try #require(try await host.waiting())
            try await host.sh("kill -KILL \(process); rm -rf /run/points")
            _ = try await client.end(deadline: .seconds(120))
        }
    }

    /// What the host runs once it has ended the transaction.
    private func atRest(_ old: String, _ new: String) async throws -> String {
        var found = ""
        let ended = ContinuousClock.now + .seconds(30)
        repeat {
            let stands = try await host.sh("ls -d /opt/fleet/.transaction 2>/dev/null || true")
            found = try await host.look()
            if stands.isEmpty, found == old || found == new { return found }
            try await Task.sleep(for: .milliseconds(100))
        } while ContinuousClock.now < ended
        return found
    }

    /// The rows as a table, for whoever reads the test's output.
    func printTable(_ title: String) {
        print("\(title): \(rows.count) rows")
        for row in rows {
            print(
                "  \(row.point.padded(34))\(row.fault.rawValue.padded(16))"
                    + "\(row.cameUpOn.padded(22))\(row.afterNext)")
        }
    }
}

extension String {
    fileprivate func padded(_ width: Int) -> String {
        padding(toLength: max(width, count + 1), withPad: " ", startingAt: 0)
    }
}
