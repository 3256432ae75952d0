import ArgumentParser
import Foundation
import Inventory

/// `fleetctl generator update`: the short way to deploy the generator's server.
struct GeneratorUpdateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Deploy the generator's server, and nothing else.",
        discussion: """
            What `fleetctl deploy --service` does for the one chosen service with `gate: \
            generator-idle`: only while the generator is idle, and held idle until the new server \
            answers; where that is not well, the old one comes back. Says how long nobody \
            controlled the relays.

            EXIT STATUS: as for deploy; 75 where the gate is closed.
            """)

    @OptionGroup var deploy: DeployCommand

    @Option(
        name: .long,
        help: "This program, or folder of a release, in place of what the inventory names.")
    var source: String?

    func validate() throws {
        guard let source else { return }
        guard FileManager.default.fileExists(atPath: source) else {
            throw ValidationError("--source: there is no '\(source)'")
        }
    }

    func run() async throws {
        let console = Console(deploy.options.common)
        try await deploy.run { chosen in
            let server: GeneratorServer
            do {
                server = try GeneratorServer(chosen)
            } catch {
                console.error("\(error)")
                throw FleetExit.usage.error
            }
            var service = server.service
            if let source { service.take(source) }
            chosen.services = [service]
            chosen.hosts = chosen.hosts.filter { service.hosts.contains($0.name) }
        }
    }
}

extension Service {
    /// Makes the service from a file or folder of the operator's; a file is what is started.
    fileprivate mutating func take(_ path: String) {
        let url = URL(fileURLWithPath: path)
        source = .artifact(url.path)
        let values = try? url.resourceValues(forKeys: [.isDirectoryKey])
        // A folder that cannot be looked at is refused when it is packed.
        if values?.isDirectory != true { executable = url.lastPathComponent }
    }
}
