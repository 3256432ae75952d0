import ArgumentParser
import Inventory
import RemoteOps

/// What came of one host in a fan-out.
struct HostOutcome<Value: Sendable, Failure: Error>: Sendable {
    var host: Host
    var result: Result<Value, Failure>

    /// Why it failed; nil where it did not.
    var failure: Failure? {
        switch result {
        case .success: nil
        case .failure(let failure): failure
        }
    }
}

/// Does something with each host, at most `limit` at once, and collects every outcome, in the
/// order of the hosts: one host's failure stops no other.
func forEachHost<Value: Sendable, Failure: Error>(
    _ hosts: [Host], limit: Int,
    _ body: @escaping @Sendable (Host) async throws(Failure) -> Value
) async -> [HostOutcome<Value, Failure>] {
    precondition(limit > 0, "a limit of none would never end")
    return await withTaskGroup(of: (Int, HostOutcome<Value, Failure>).self) { group in
        var outcomes: [HostOutcome<Value, Failure>?] = Array(repeating: nil, count: hosts.count)
        var next = hosts.indices.makeIterator()
        func addNext() {
            guard let index = next.next() else { return }
            let host = hosts[index]
            group.addTask {
                // Not in one expression with the index: Swift 6.3.1 then loses the index under -O.
                let result: Result<Value, Failure>
                do throws(Failure) {
                    result = .success(try await body(host))
                } catch {
                    result = .failure(error)
                }
                return (index, HostOutcome(host: host, result: result))
            }
        }
        for _ in 0..<min(limit, hosts.count) { addNext() }
        while let (index, outcome) = await group.next() {
            outcomes[index] = outcome
            addNext()
        }
        return outcomes.compactMap { $0 }
    }
}

extension Connections {
    /// Does something with each host for the last time: as `forEachHost`, and each session ends
    /// once its host is done, so that a thousand hosts never take more than `limit` sessions
    /// beside those of the jump hosts.
    nonisolated func forEachHost<Value: Sendable, Failure: Error>(
        _ hosts: [Host], limit: Int,
        _ body: @escaping @Sendable (Host) async throws(Failure) -> Value
    ) async -> [HostOutcome<Value, Failure>] {
        await FleetCommands.forEachHost(hosts, limit: limit) {
            (host) async throws(Failure) -> Value in
            let value: Value
            do throws(Failure) {
                value = try await body(host)
            } catch {
                await self.finish(host.name)
                throw error
            }
            await self.finish(host.name)
            return value
        }
    }
}

extension FleetExit {
    /// The exit code for hosts of which some may have failed, for these reasons.
    static func forHosts(_ count: Int, failures: [RemoteError.Kind]) -> FleetExit {
        if failures.isEmpty { return .success }
        if failures.count < count { return .someHostsFailed }
        return failures.allSatisfy { $0 == .notPermitted } ? .notPermitted : .failed
    }
}
