import DeployPlan
import RemoteOps

/// Asks a host everything that a plan needs, in one exec.
enum HostProbe {
    /// The probe hashes every file of a release, on boards that do 10 MB/s.
    static let deadline = Duration.seconds(120)

    static func facts(
        of remote: any RemoteHost, about services: [DesiredService],
        as identity: RemoteCommand.Identity
    ) async throws(DeployError) -> HostFacts {
        try await facts(of: remote, words: services.map(\.probeWord), as: identity)
    }

    /// The same, asked with the probe's own words.
    static func facts(
        of remote: any RemoteHost, words: [String], as identity: RemoteCommand.Identity
    ) async throws(DeployError) -> HostFacts {
        let result: CommandResult
        do {
            result = try await remote.run(
                .script([], as: identity),
                input: .bytes(RemoteScripts.input(RemoteScripts.probe, words)),
                options: RunOptions(deadline: deadline))
        } catch {
            throw .remote(error)
        }
        guard result.succeeded else {
            throw .script(host: remote.name, what: "look at the host", result)
        }
        do {
            return try ProbeParser.parse(result.output)
        } catch {
            throw .probe(host: remote.name, error, result)
        }
    }
}
