import Inventory
import RemoteOps

/// What one service must look like on one host: its release with everything rendered.
public struct DesiredService: Sendable, Equatable {
    /// How the host starts it.
    public enum Start: Sendable, Equatable {
        /// By this unit, whose text is also in the release under `unit/`.
        case unit(name: String, text: String)
        /// By the supervisor in the release; rc.local gets one line.
        case supervisor
    }

    /// The service as the inventory has it.
    public var service: Service
    /// The release's name.
    public var release: ReleaseID
    /// The release's files.
    public var manifest: ReleaseManifest
    /// How the host starts it.
    public var start: Start
    /// Texts of the configuration files that everybody may read, by path in the release.
    public var configTexts: [String: String]

    /// A service from its parts.
    public init(
        service: Service, release: ReleaseID, manifest: ReleaseManifest, start: Start,
        configTexts: [String: String] = [:]
    ) {
        self.service = service
        self.release = release
        self.manifest = manifest
        self.start = start
        self.configTexts = configTexts
    }

    /// The service's name as text.
    public var name: String { service.name.text }

    /// The word that asks the probe about this service.
    public var probeWord: String {
        let ports = service.ports.map { "\($0.transport.rawValue)/\($0.number)" }
        let unit: String
        switch start {
        case .unit(let name, _): unit = name
        case .supervisor: unit = "-"
        }
        func list(_ items: [String]) -> String {
            items.isEmpty ? "-" : items.joined(separator: ",")
        }
        return [name, unit, list(ports), release.text, list(service.replaces)].joined(
            separator: ":")
    }
}
