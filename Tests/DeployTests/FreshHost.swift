import Foundation
import LabSupport
import Testing

/// A systemd host of the lab that one test has for itself: nothing is left on it by others.
struct FreshHost: Sendable {
    /// Hosts at once; each boot takes a good part of a core.
    private static let limit = 3
    private static let firstAddress = 140
    private static let diskMebibytes = 64
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
        // A name or an address of its own for each: keys and hardware addresses are remembered.
        let number = await slots.enter(count)
        do {
            try await boot(lab, number, count, body)
        } catch {
            await slots.leave()
            throw error
        }
        await slots.leave()
    }

    private static func boot(
        _ lab: Lab, _ number: Int, _ count: Int,
        _ body: @Sendable ([FreshHost]) async throws -> Void
    ) async throws {
        let names = (0..<count).map { "d\(number + $0)" }
        let addresses = (0..<count).map { "198.51.100.\(firstAddress + number + $0)" }
        let entries = zip(names, addresses).map {
            "\($0):\n  address: \($1)\n  user: pi\n  arch: amd64\n"
        }
        let outcome: Result<Void, any Error>
        do {
            for (name, address) in zip(names, addresses) {
                try await lab.verb("disk", name, String(diskMebibytes))
                try await lab.verb("add", name, "systemd", "lan:\(address)")
            }
            for name in names { try await lab.verb("wait", name) }
            let site = try Site(lab, hosts: entries.joined())
            try await body(
                zip(names, addresses).map {
                    FreshHost(lab: lab, name: $0, address: $1, site: site)
                })
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        for name in names { _ = try await lab.run(["wipe", name]) }
        try outcome.get()
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

    /// A few at once, each with numbers that no other has had.
    private actor Slots {
        private var free: Int
        private var next = 0
        private var waiting: [CheckedContinuation<Void, Never>] = []

        init(_ count: Int) { free = count }

        /// - Returns: the first of `count` new numbers.
        func enter(_ count: Int) async -> Int {
            if free > 0 {
                free -= 1
            } else {
                await withCheckedContinuation { waiting.append($0) }
            }
            defer { next += count }
            return next
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
