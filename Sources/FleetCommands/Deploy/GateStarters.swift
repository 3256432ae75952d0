import Inventory
import RemoteOps

/// Services elsewhere that might start the generator while its server is replaced: stopped before
/// that, and started again whatever happens. The host that they run on does so by itself where
/// fleetctl is gone by then.
actor GateStarters {
    /// When the host starts a stopped service again by itself.
    static let alarmSeconds = 900

    private let services: [Service]
    private let connections: Connections
    private let console: Console
    private var paused: [(service: ServiceName, host: HostName)] = []

    init(_ services: [Service], _ connections: Connections, _ console: Console) {
        self.services = services
        self.connections = connections
        self.console = console
    }

    /// Stops those that run; why it could not, where one of them may run on.
    func pause() async -> String? {
        for service in services {
            for host in service.hosts {
                do throws(RemoteError) {
                    let said = try await run(
                        ["pause", Self.unit(service), String(Self.alarmSeconds)], on: host)
                    guard said == "inactive" || said == "paused" else {
                        return "\(service.name) on \(host), which could start the generator, "
                            + "could not be stopped: \(said)"
                    }
                    if said == "paused" {
                        paused.append((service.name, host))
                        console.say("\(host): \(service.name) is stopped for the restart")
                    }
                } catch {
                    return "\(service.name) on \(host), which could start the generator, could "
                        + "not be stopped: \(error.summary)"
                }
            }
        }
        return nil
    }

    /// Starts them again. What cannot be is said; its host does it then.
    func resume() async {
        let paused = paused
        self.paused = []
        for (service, host) in paused {
            let problem: String?
            do throws(RemoteError) {
                let said = try await run(["resume", service.text + ".service"], on: host)
                problem = said == "resumed" ? nil : said
            } catch {
                problem = error.summary
            }
            if let problem {
                console.error(
                    "\(host): \(service) could not be started again: \(problem)\n  The host "
                        + "starts it by itself within \(Self.alarmSeconds / 60) minutes; look "
                        + "with: systemctl status \(service)")
            } else {
                console.say("\(host): \(service) runs again")
            }
        }
    }

    private static func unit(_ service: Service) -> String { service.name.text + ".service" }

    /// What the script printed, or its complaint.
    private func run(_ words: [String], on host: HostName) async throws(RemoteError) -> String {
        let result = try await connections.host(host).run(
            .script(words, as: .root), input: .bytes(RemoteScripts.pause), options: RunOptions())
        let said = String(decoding: result.output, as: UTF8.self).printable
        return result.succeeded ? said : result.errorText
    }
}
