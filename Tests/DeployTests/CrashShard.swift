import Foundation
import LabSupport
import Synchronization
import TestSupport
import Testing

/// One host and an operator's folder of its own, in which deploys are broken off one after another.
final class CrashShard: Sendable {
    /// What is deployed over what.
    enum Change {
        /// A release over another: files, unit and process change.
        case update
        /// The first deploy ever; on a host with systemd in the place of a unit made by hand.
        case takeover
    }

    /// The hosts' only link.
    private static let interface = "eth0"
    /// Seconds that a host waits for the confirmation where none is to come.
    private static let shortTimeout = 1
    /// And where one must come before the deploy is broken off.
    private static let longTimeout = 30

    let host: CrashHost
    let site: Site
    private let change: Change
    private struct Releases { var newest = 0, running = 0 }
    private let releases = Mutex(Releases())
    private var release: Int { releases.withLock { $0.newest } }

    private init(_ host: CrashHost, _ site: Site, _ change: Change) {
        self.host = host
        self.site = site
        self.change = change
    }

    /// Runs `body` with new hosts, which are removed afterwards.
    static func with(
        _ kind: CrashHost.Kind, _ change: Change, count: Int = 1,
        _ body: @Sendable ([CrashShard]) async throws -> Void
    ) async throws {
        let lab = try Lab.required()
        try await AddedHost.with(kind.inLab, count: count, in: lab) { added in
            try await body(
                added.map {
                    let host = CrashHost(lab: lab, name: $0.name, kind: kind)
                    return CrashShard(host, try Site(lab, hosts: host.entry($0.address)), change)
                })
        }
    }

    // MARK: Deploys

    /// Brings the first release onto the host.
    func establish() async throws {
        try makeRelease()
        try await site.deploy(0, "--host", host.name)
        noteThatItRuns()
    }

    private func noteThatItRuns() { releases.withLock { $0.running = $0.newest } }

    /// The points of a deploy that nothing breaks off, in their order.
    func points() async throws -> [String] {
        _ = try await prepare()
        try makeRelease()
        try await host.stop(at: 0)
        let client = try begin(confirmTimeout: Self.longTimeout)
        let status = try await client.end()
        #expect(status == 0, "\(client.talk)")
        noteThatItRuns()
        return try await host.passed()
    }

    /// The points of a deploy that the host takes back, from there on.
    func pointsBack() async throws -> [String] {
        let old = try await switchUnconfirmed(goingOnTo: 0)
        let found = try await host.atRest([old])
        #expect(found == old)
        return try await host.passed()
    }

    /// Breaks a deploy off at a point, looks, and deploys again.
    func breakOff(_ crash: CrashMatrix.Crash) async throws -> CrashMatrix.Row {
        let client: Running?
        let old: String
        switch crash.way {
        case .forth:
            old = try await prepare()
            try makeRelease()
            try await host.stop(at: crash.number)
            client = try begin(
                confirmTimeout: crash.isDecided ? Self.longTimeout : Self.shortTimeout)
        case .back:
            old = try await switchUnconfirmed(goingOnTo: crash.number)
            client = nil
        }
        let new = "whole release \(release)"
        guard let arrival = try await host.arrival() else {
            client?.kill()
            throw LabError(message: "no stop at \(crash): \(client?.talk ?? "")")
        }
        #expect(arrival.point == crash.name, "the points come in their order")
        try await strike(crash.fault, client, arrival.process)
        let nobodyActs = crash.isUnwatched && crash.fault == .scriptKilled
        let found = try await nobodyActs ? host.look() : host.atRest([old, new])
        if let expected = crash.expected(old, new) {
            #expect(found == expected, "\(host.name), \(crash)")
        } else {
            // Where the link or the client's end comes late the host may still have been confirmed.
            #expect([old, new].contains(found), "\(host.name), \(crash): \(found)")
        }
        let next = try await site.fleetctl("deploy", "--yes", "--host", host.name)
        #expect(next.status == 0, "\(host.name), \(crash): \(next)")
        noteThatItRuns()
        let after = try await host.look()
        #expect(after == new, "\(host.name), \(crash)")
        let left = try await host.lastingLeftovers()
        #expect(left.isEmpty, "\(host.name), \(crash)")
        return CrashMatrix.Row(crash: crash, cameUpOn: found, afterNext: after, left: left)
    }

    /// The next release: another answer, another unit.
    private func makeRelease() throws {
        releases.withLock { $0.newest += 1 }
        try site.program(Programs.server)
        try site.folder.write("points.sh", CrashHost.points)
        try site.folder.write("reply", "release \(release)\n")
        try site.folder.write(
            "Units/app.service",
            Programs.unit.replacing("@description@", with: "release \(release)"))
        let service = Programs.server(on: host.name, expect: "release \(release)")
        let replaces = change == .takeover && host.kind == .systemd
        try site.services(service + (replaces ? "  replaces: [old.service]\n" : ""))
    }

    /// What the next deploy finds; how the host then looks.
    private func prepare() async throws -> String {
        switch change {
        case .update: return "whole release \(releases.withLock { $0.running })"
        case .takeover:
            try await host.forgetDeploys()
            return "whole old"
        }
    }

    private func begin(confirmTimeout: Int) throws -> Running {
        try site.running(
            [
                "deploy", "--yes", "--host", host.name,
                "--confirm-timeout", String(confirmTimeout),
            ],
            environment: ["FLEETCTL_TEST_POINTS": site.folder.path + "/points.sh"])
    }

    /// A deploy whose steps are done and whose client is gone before it could confirm: the host
    /// goes back by itself, up to this point of that.
    ///
    /// - Returns: how the host looks when it has gone back.
    private func switchUnconfirmed(goingOnTo point: Int) async throws -> String {
        let old = try await stopSwitched(confirmTimeout: Self.shortTimeout)
        try await host.goOn(to: point)
        return old
    }

    /// A deploy whose steps are done and whose client is gone; its script still has the lock.
    ///
    /// - Returns: how the host looked before.
    func stopSwitched(confirmTimeout: Int) async throws -> String {
        let old = try await prepare()
        try makeRelease()
        try await host.stop(at: "journal switched")
        let client = try begin(confirmTimeout: confirmTimeout)
        let arrival = try await host.arrival()
        client.kill()
        _ = try await client.end()
        guard arrival != nil else { throw LabError(message: "no switch: \(client.talk)") }
        return old
    }

    // MARK: Faults

    private func strike(
        _ fault: CrashMatrix.Fault, _ client: Running?, _ process: String
    ) async throws {
        switch fault {
        case .powerCut:
            try await host.lab.powercut(host.name)
            client?.kill()
            _ = try await client?.end()
            try await host.lab.start(host.name)
        case .clientKilled:
            client?.kill()
            _ = try await client?.end()
            try await host.goOn()
        case .linkCut:
            let host = host
            try await host.lab.whileCut(host.name, Self.interface) {
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
            _ = try await client?.end(deadline: .seconds(120))
        case .scriptKilled:
            try await host.sh("kill -KILL \(process); rm -rf /run/points")
            _ = try await client?.end(deadline: .seconds(120))
        }
    }
}

extension CrashHost.Kind {
    /// What the lab calls it.
    fileprivate var inLab: AddedHost.Kind {
        switch self {
        case .systemd: .systemd
        case .board: .sysv
        }
    }
}

extension CrashHost {
    /// Its entry in an inventory.
    fileprivate func entry(_ address: String) -> String {
        let login =
            switch kind {
            case .systemd: "user: pi"
            case .board: "user: root\n  password: env:LAB_OLIMEX_PASSWORD\n  init: rc-local"
            }
        return "\(name):\n  address: \(address)\n  arch: amd64\n  \(login)\n"
    }
}
