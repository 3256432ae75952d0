import Inventory
import RemoteOps
import Synchronization
import Testing

@testable import FleetCommands

/// Many hosts at once: the limit, the order, every failure, the exit code.
@Suite struct HostFanOutTests {
    private static func hosts(_ count: Int) -> [FleetCommands.Host] {
        (0..<count).compactMap { number in
            HostName("h\(number)").map {
                Inventory.Host(name: $0, address: "192.0.2.1", user: "pi", architecture: .arm64)
            }
        }
    }

    @Test func everyHostIsServedInOrderAndWithinTheLimit() async throws {
        let running = Mutex((now: 0, most: 0))
        let outcomes = await forEachHost(Self.hosts(30), limit: 4) {
            (host) async throws(RemoteError) -> String in
            running.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            for _ in 0..<10 { await Task.yield() }
            running.withLock { $0.now -= 1 }
            if host.name.text.hasSuffix("7") {
                throw RemoteError(.unreachable, host: host.name.text)
            }
            return host.name.text
        }
        #expect(outcomes.map(\.host.name.text) == (0..<30).map { "h\($0)" })
        #expect(outcomes.compactMap(\.failure?.host) == ["h7", "h17", "h27"])
        #expect(running.withLock { $0.most } <= 4)
    }

    @Test func noHostsAreNoWork() async {
        let outcomes = await forEachHost([], limit: 1) { (_) async throws(RemoteError) -> Int in 1 }
        #expect(outcomes.isEmpty)
    }

    @Test(arguments: [
        (3, [], FleetExit.success),
        (3, [RemoteError.Kind.failed], .someHostsFailed),
        (3, [.notPermitted], .someHostsFailed),
        (2, [.failed, .notPermitted], .failed),
        (2, [.notPermitted, .notPermitted], .notPermitted),
        (1, [.failed], .failed),
    ])
    func theExitCodeSaysHowManyFailedAndWhy(
        count: Int, failures: [RemoteError.Kind], expected: FleetExit
    ) {
        #expect(FleetExit.forHosts(count, failures: failures) == expected)
    }
}
