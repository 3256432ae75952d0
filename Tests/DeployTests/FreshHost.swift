import Foundation
import LabSupport
import Testing

/// A systemd host of the lab that one test has for itself: nothing is left on it by others.
struct FreshHost: Sendable {
    /// Hosts at once; each boot takes a good part of a core.
    private static let limit = 3
    private static let slots = Slots(limit)

    let lab: Lab
    /// Its name in the lab and in the inventory.
    let name: String
    let address: String
    /// An operator's folder with this host in its inventory.
    let site: Site

    /// Runs `body` with a host that is removed afterwards, whatever happens.
    static func with(_ body: @Sendable (FreshHost) async throws -> Void) async throws {
        try await with(count: 1) { try await body($0[0]) }
    }

    /// The same with several hosts, all of them in every site's inventory.
    static func with(
        count: Int, _ body: @Sendable ([FreshHost]) async throws -> Void
    ) async throws {
        let lab = try Lab.required()
        await slots.enter()
        do {
            try await boot(lab, count, body)
        } catch {
            await slots.leave()
            throw error
        }
        await slots.leave()
    }

    private static func boot(
        _ lab: Lab, _ count: Int, _ body: @Sendable ([FreshHost]) async throws -> Void
    ) async throws {
        try await AddedHost.with(.systemd, count: count, in: lab) { added in
            let entries = added.map {
                "\($0.name):\n  address: \($0.address)\n  user: pi\n  arch: amd64\n"
            }
            let site = try Site(lab, hosts: entries.joined())
            try await body(
                added.map {
                    FreshHost(lab: lab, name: $0.name, address: $0.address, site: site)
                })
        }
    }

    /// Runs a script as root inside the host; it must succeed.
    @discardableResult
    func sh(_ script: String, sourceLocation: SourceLocation = #_sourceLocation) async throws
        -> String
    {
        let result = try await lab.sh(name, script)
        #expect(result.status == 0, "\(script): \(result.output)", sourceLocation: sourceLocation)
        return result.output.trimmed
    }

    /// Everything that a deploy that changed nothing must leave as it was. Releases that nothing
    /// points to, the log of what was tried, and what looks after deploys may be there.
    func state() async throws -> String {
        try await sh(
            """
            cd /etc/systemd/system
            find . ! -name 'fleet-*' ! -name sysinit.target.wants -printf '%p %M %u:%g %l\n' | sort
            find . -type f ! -name 'fleet-*' -exec sha256sum {} + | sort
            for link in /opt/fleet/*/current; do echo "$link $(readlink "$link")"; done
            for unit in app old hand; do
                echo "$unit $(systemctl is-enabled $unit.service 2>&1) \
            $(systemctl is-active $unit.service)"
            done
            ls -d /opt/fleet/.staging/* /run/fleet/* 2>/dev/null
            true
            """)
    }

    /// The state is this one; says which lines are not.
    func expectState(
        _ before: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let now = Set(try await state().split(separator: "\n"))
        let then = Set(before.split(separator: "\n"))
        #expect(now.subtracting(then) == [], "new on \(name)", sourceLocation: sourceLocation)
        #expect(then.subtracting(now) == [], "gone from \(name)", sourceLocation: sourceLocation)
    }

    /// The main process of a unit.
    func process(of unit: String) async throws -> String {
        try await sh("systemctl show -p MainPID --value \(unit)")
    }

    func isActive(_ unit: String) async throws -> Bool {
        try await lab.sh(name, "systemctl is-active \(unit)").output.trimmed == "active"
    }

    /// A few at once, first come first served.
    private actor Slots {
        private var free: Int
        private var waiting: [CheckedContinuation<Void, Never>] = []

        init(_ count: Int) { free = count }

        func enter() async {
            if free > 0 {
                free -= 1
            } else {
                await withCheckedContinuation { waiting.append($0) }
            }
        }

        func leave() {
            if waiting.isEmpty {
                free += 1
            } else {
                waiting.removeFirst().resume()
            }
        }
    }
}
