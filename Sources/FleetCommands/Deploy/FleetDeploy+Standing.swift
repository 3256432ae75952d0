import Foundation
import Inventory
import RemoteOps

/// Deploys that an earlier run left on a host: what is said of them, and how they are ended.
extension FleetDeploy {
    /// Looks at a host. What an interrupted deploy left there is taken back or finished first, by
    /// the host and its own rules, where this run may change anything.
    func facts(of host: Host, words: [String]) async throws(DeployError) -> HostFacts {
        let remote = try await connect(host.name)
        let identity: RemoteCommand.Identity = host.privilege == .unprivileged ? .login : .root
        let facts = try await HostProbe.facts(of: remote, words: words, as: identity)
        guard let standing = facts.transaction else { return facts }
        console.say("\(host.name): \(standing.text)")
        guard settles, !standing.isAlive else { return facts }
        try await settle(remote)
        let settled = try await HostProbe.facts(of: remote, words: words, as: identity)
        if let left = settled.transaction {
            throw .standing(host: host.name.text, left.text)
        }
        return settled
    }

    private func settle(_ remote: any RemoteHost) async throws(DeployError) {
        let name = remote.name
        let result: CommandResult
        do {
            result = try await remote.run(
                .script([], as: .root), input: .bytes(RemoteScripts.settle),
                options: RunOptions(deadline: HostDeploy.applyDeadline))
        } catch {
            throw .remote(error)
        }
        for line in String(decoding: result.output, as: UTF8.self).split(separator: "\n")
        where ["reverted ", "finished ", "resumed "].contains(where: line.hasPrefix) {
            console.say("\(name): the host \(String(line).printable)")
        }
    }

    /// How a host's deploy is confirmed.
    func confirmation(of host: HostName) -> DeployConfirmation {
        DeployConfirmation(timeout: confirmTimeout) {
            (command, input, options) async throws(RemoteError) in
            try await connections.runApart(host, command, input: input, options: options)
        }
    }
}

extension StandingTransaction {
    /// What is known of it, for people: everything here was said by the host.
    var text: String {
        let time = begun.map {
            Date(timeIntervalSince1970: TimeInterval($0)).formatted(.iso8601)
        }
        let head = "a deploy of \(time ?? "an unknown time") by \(owner.printable)"
        let place = step == 0 ? "before its first step" : "at step \(step) (\(stepLine.printable))"
        if isAlive { return "\(head) is under way, \(place)" }
        switch phase {
        case .begun, .unclear: return "\(head) was interrupted \(place)"
        case .switched: return "\(head) waits for its confirmation"
        case .undoing: return "\(head) was interrupted while it was taken back"
        case .confirmed, .over: return "\(head) is done but for its last traces"
        }
    }
}
