import Inventory
import RemoteOps

/// Asks a host for its releases, or has some removed, in one exec.
enum HostReleases {
    /// Old boards list their processes slowly.
    static let deadline = Duration.seconds(120)

    /// The releases of services on a host.
    static func list(
        _ services: [String], on remote: any RemoteHost, as identity: RemoteCommand.Identity
    ) async throws(DeployError) -> ReleaseListing {
        try await run(["list"] + services, "list the releases", on: remote, as: identity)
    }

    /// Removes releases; the host keeps those that are in use.
    static func remove(
        _ releases: [ReleaseName], on remote: any RemoteHost
    ) async throws(DeployError) -> ReleaseListing {
        let words = releases.map { "\($0.service):\($0.release)" }
        return try await run(["remove"] + words, "remove old releases", on: remote, as: .root)
    }

    private static func run(
        _ words: [String], _ what: String, on remote: any RemoteHost,
        as identity: RemoteCommand.Identity
    ) async throws(DeployError) -> ReleaseListing {
        let result: CommandResult
        do {
            result = try await remote.run(
                .script(words, as: identity), input: .bytes(RemoteScripts.releases),
                options: RunOptions(deadline: deadline))
        } catch {
            throw .remote(error)
        }
        guard result.succeeded else { throw .script(host: remote.name, what: what, result) }
        do {
            return try ReleaseListingParser.parse(result.output)
        } catch {
            switch error {
            case .notAListing(let line):
                throw .probe(host: remote.name, .notAProbe(line), result)
            case .cutOff: throw .probe(host: remote.name, .cutOff, result)
            }
        }
    }
}
