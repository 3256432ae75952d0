import Foundation
import Inventory
import InventoryFile
import LabSupport
import RemoteOps
import Synchronization
import TestSupport
import Testing

@testable import FleetCommands

/// The sessions of a run over the lab's real hosts: shared, limited, closed.
@Suite(.lab, .sharesLab, .timeLimit(.minutes(10))) struct HostVerbTests {
    private func fleet(_ extra: [FleetCommands.Host] = []) throws -> Fleet {
        let lab = try Lab.required()
        func name(_ text: String) throws -> HostName { try #require(HostName(text)) }
        let pi = Inventory.Host(
            name: try name("pi"), address: try lab.addressOf("pi"), user: "pi",
            identity: lab.identityPath, architecture: .amd64)
        let board = Inventory.Host(
            name: try name("olimex"), address: try lab.addressOf("olimex"), user: "root",
            via: pi.name, password: .environment("LAB_OLIMEX_PASSWORD"), privilege: .isRoot,
            architecture: .armv5, initSystem: .rcLocal)
        return Fleet(
            name: "lab", knownHosts: lab.knownHostsPath, hosts: [pi, board] + extra, services: [])
    }

    @Test func hostsBehindAJumpShareItsSessionAlsoWhileItIsMade() async throws {
        let lab = try Lab.required()
        var hosts: [FleetCommands.Host] = []
        let first = try fleet()
        let board = try #require(first.hosts.last)
        for number in 0..<20 {
            var copy = board
            copy.name = try #require(HostName("board\(number)"))
            hosts.append(copy)
        }
        let fleet = try fleet(hosts)
        let connections = Connections(fleet)
        let count = "ss -Htn state established '( sport = :22 )' | grep -c 198.51.100.1:"
        let before = Int(try await lab.sh("pi", count).output.split(separator: "\n")[0]) ?? 0
        let outcomes = await forEachHost(fleet.hosts, limit: 30) {
            (host) async throws(RemoteError) -> CommandResult in
            try await connections.host(host.name).run(RemoteCommand(["uname", "-n"]))
        }
        for outcome in outcomes {
            let expected = outcome.host.name.text == "pi" ? "pi\n" : "olimex\n"
            #expect(String(decoding: try outcome.result.get().output, as: UTF8.self) == expected)
        }
        let after = Int(try await lab.sh("pi", count).output.split(separator: "\n")[0]) ?? 0
        // Other tests come and go beside this one; 21 sessions of our own would show.
        #expect(after - before < 12)
        await connections.close()
    }

    @Test func aSessionEndsWithItsHostsTurnAndAJumpHostsLater() async throws {
        var hosts: [FleetCommands.Host] = []
        let board = try #require(try fleet().hosts.last)
        for number in 0..<6 {
            var copy = board
            copy.name = try #require(HostName("turn\(number)"))
            hosts.append(copy)
        }
        let connections = Connections(try fleet(hosts))
        let seen = Mutex<[Int]>([])
        let outcomes = await connections.forEachHost(hosts, limit: 2) {
            (host) async throws(RemoteError) -> CommandResult in
            let session = try await connections.host(host.name)
            // What cannot be counted is too many.
            let count = (try? threadCount(named: "ssh turn")) ?? .max
            seen.withLock { $0.append(count) }
            return try await session.run(RemoteCommand(["true"]))
        }
        #expect(outcomes.allSatisfy { $0.failure == nil })
        // An ended session's thread may still be on its way out.
        #expect(seen.withLock { $0.max() ?? 0 } <= 4)
        try await waitUntil("no session is left") { try threadCount(named: "ssh turn") == 0 }
        let pi = try #require(HostName("pi"))
        let way = try await connections.session(pi)
        #expect(try await way.run(RemoteCommand(["true"])).succeeded)
        await connections.close()
    }

    @Test func aFailureIsKeptUntilTheHostIsDropped() async throws {
        let secrets = SecretResolver(environment: [:])
        let connections = Connections(try fleet(), secrets: secrets)
        let board = try #require(HostName("olimex"))
        for _ in 0..<2 {
            do throws(RemoteError) {
                _ = try await connections.host(board)
                Issue.record("the board let us in without a password")
            } catch {
                #expect(error.code == .secretUnavailable && error.host == "olimex")
            }
            await connections.drop(board)
        }
        await connections.close()
    }
}
