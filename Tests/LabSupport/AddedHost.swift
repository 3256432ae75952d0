/// A host that a test adds to the lab, and that is gone after the test.
public struct AddedHost: Sendable {
    /// What starts its services, as `lab add` calls it.
    public enum Kind: String, Sendable { case systemd, sysv }

    private static let diskMebibytes = 64

    /// Its name in the lab; no other host ever had it.
    public let name: String
    /// Its address on the lan; no other host has it at the time.
    public let address: String

    /// Boots hosts with disks of their own, and removes them after `body`, whatever happens.
    ///
    /// - Throws: `LabError` where they do not come up or all addresses are taken; what `body` throws.
    public static func with(
        _ kind: Kind, count: Int, in lab: Lab,
        _ body: @Sendable ([AddedHost]) async throws -> Void
    ) async throws {
        let hosts = try await AddedHosts.shared.take(count)
        let outcome: Result<Void, any Error>
        do {
            for host in hosts {
                try await lab.verb("disk", host.name, String(diskMebibytes))
                try await lab.verb("add", host.name, kind.rawValue, "lan:\(host.address)")
            }
            for host in hosts { try await lab.verb("wait", host.name) }
            try await body(hosts)
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        for host in hosts { _ = try await lab.run(["wipe", host.name]) }
        await AddedHosts.shared.giveBack(hosts)
        try outcome.get()
    }
}

/// The names and addresses for hosts that are added to the one lab of a test run.
private actor AddedHosts {
    static let shared = AddedHosts()

    /// The last parts of the addresses, that longest free first. Below are the lab's own hosts.
    private var free = Array(140...253)
    private var named = 0

    func take(_ count: Int) throws -> [AddedHost] {
        guard free.count >= count else {
            throw LabError(message: "\(free.count) of \(count) addresses are free")
        }
        let numbers = free.prefix(count)
        free.removeFirst(count)
        return numbers.map { number in
            named += 1
            return AddedHost(name: "h\(named)", address: "198.51.100.\(number)")
        }
    }

    func giveBack(_ hosts: [AddedHost]) {
        free += hosts.compactMap { $0.address.split(separator: ".").last.flatMap { Int($0) } }
    }
}
