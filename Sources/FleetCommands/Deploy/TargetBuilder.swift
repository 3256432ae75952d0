import ArtifactBuilder
import DeployPlan
import Foundation
import Inventory
import InventoryFile
import ReleasePacker

/// Makes what each host must be: builds what is stale, renders units, hashes everything.
struct TargetBuilder {
    /// Why a service cannot be put together; nothing was done on any host.
    struct Failure: Error {
        var service: String
        var reason: String
        var text: String { "\(service): \(reason)" }
    }

    let selection: Selection
    /// The folder of the inventory file; paths in it are relative to this.
    let folder: String
    let console: Console

    /// Every chosen host with its chosen services.
    func targets() async throws -> [FleetDeploy.Target] {
        let artifacts = try await buildProducts()
        var targets: [FleetDeploy.Target] = []
        for host in selection.hosts {
            var target = FleetDeploy.Target(host: host, desired: [], contents: [:])
            for service in selection.services(on: host.name) {
                let (desired, content) = try prepare(service, host, artifacts)
                target.desired.append(desired)
                target.contents[service.name.text] = content
            }
            if !target.desired.isEmpty { targets.append(target) }
        }
        return targets
    }

    /// The built folders, by product and architecture.
    private func buildProducts() async throws -> [BuildRequest: BuiltArtifact] {
        let requests = BuildRequest.all(of: selection)
        guard !requests.isEmpty else { return [:] }
        let builder = try BuildCommand.builder(near: folder, console)
        let results = try await BuildCommand.build(requests, with: builder, console: console)
        return Dictionary(
            zip(requests, results.map(\.artifact)), uniquingKeysWith: { first, _ in first })
    }

    private func prepare(
        _ service: Service, _ host: Host, _ artifacts: [BuildRequest: BuiltArtifact]
    ) throws(Failure) -> (DesiredService, ReleaseContent) {
        let name = service.name.text
        do {
            var entries = try self.files(of: service, host, artifacts)
            for file in service.configFiles {
                entries.append(
                    .init(
                        path: "config/\(file.name)", mode: file.mode,
                        origin: .file(file.source)))
            }
            if ServiceRenderer.needsPortGuard(service) {
                entries += try portGuard(for: service, host, artifacts, beside: entries)
            }
            let start = try self.start(of: service, on: host)
            entries.append(start.entry)
            let content = try ReleaseContent(entries)
            try check(service, content)
            let desired = DesiredService(
                service: service, release: content.id, manifest: content.manifest,
                start: start.start, configTexts: try configTexts(service))
            return (desired, content)
        } catch let error as PackingError {
            throw Failure(service: name, reason: error.text)
        } catch let error as ServiceRenderer.Failure {
            throw Failure(service: name, reason: "\(error.place): \(error.reason)")
        } catch let error as UnitSources.Failure {
            throw Failure(service: error.service, reason: error.reason)
        } catch let error as Failure {
            throw error
        } catch {
            throw Failure(service: name, reason: "\(error)")
        }
    }

    private func files(
        of service: Service, _ host: Host, _ artifacts: [BuildRequest: BuiltArtifact]
    ) throws -> [ReleaseContent.Entry] {
        switch service.source {
        case .product(let product):
            return Self.built(product, service, host, artifacts)
        case .artifact(let path):
            return try ReleaseContent.entries(at: path)
        }
    }

    private static func built(
        _ product: String, _ service: Service, _ host: Host,
        _ artifacts: [BuildRequest: BuiltArtifact]
    ) -> [ReleaseContent.Entry] {
        guard let request = BuildRequest(service, product, host), let built = artifacts[request]
        else { preconditionFailure("\(product) for \(host.name) was not built") }
        return built.files.map {
            .init(path: $0.path, mode: $0.mode, origin: .file(built.folder + "/" + $0.path))
        }
    }

    /// The guard of the service's ports, for the host's processor, also beside an artifact.
    private func portGuard(
        for service: Service, _ host: Host, _ artifacts: [BuildRequest: BuiltArtifact],
        beside entries: [ReleaseContent.Entry]
    ) throws(Failure) -> [ReleaseContent.Entry] {
        let added = Self.built(ServiceRenderer.portGuard, service, host, artifacts)
        let taken = Set(entries.map(\.path))
        if let clash = added.first(where: { taken.contains($0.path) }) {
            throw Failure(
                service: service.name.text,
                reason: "its files have a '\(clash.path)' of their own, where the guard of its "
                    + "ports must stand; give that another name")
        }
        return added
    }

    /// What starts the service, and the file of the release that says so.
    private func start(
        of service: Service, on host: Host
    ) throws -> (start: DesiredService.Start, entry: ReleaseContent.Entry) {
        let sources = UnitSources(inventoryFolder: folder)
        switch host.initSystem {
        case .systemd:
            let (name, text) = try sources.unit(of: service)
            return (
                .unit(name: name, text: text),
                .init(path: "unit/\(name)", mode: 0o644, origin: .bytes(Array(text.utf8)))
            )
        case .rcLocal:
            let text = try sources.supervisor(of: service)
            return (
                .supervisor,
                .init(path: "supervise", mode: 0o755, origin: .bytes(Array(text.utf8)))
            )
        }
    }

    private func check(_ service: Service, _ content: ReleaseContent) throws(Failure) {
        guard let file = content.manifest[path: service.executable] else {
            let some = content.manifest.files.prefix(5).map(\.path).joined(separator: ", ")
            throw Failure(
                service: service.name.text,
                reason: "the release has no file '\(service.executable)' to start; it has \(some)")
        }
        guard file.mode & 0o111 != 0 else {
            throw Failure(
                service: service.name.text,
                reason: "'\(service.executable)' is not executable; chmod +x it")
        }
    }

    /// Texts for the diff: what everybody on the host may read, and small.
    private func configTexts(_ service: Service) throws -> [String: String] {
        let sizeMax = 16 * 1024
        var texts: [String: String] = [:]
        for file in service.configFiles where file.mode & 0o004 != 0 {
            let path = file.source
            let data = try Data(contentsOf: URL(fileURLWithPath: path))
            if data.count <= sizeMax, let text = String(data: data, encoding: .utf8) {
                texts["config/\(file.name)"] = text
            }
        }
        return texts
    }
}

extension BuildRequest {
    /// The request for a service's product on a host; nil where no build fits the processor.
    init?(_ service: Service, _ product: String, _ host: Host) {
        guard let architecture = BuildArchitecture(rawValue: host.architecture.rawValue) else {
            return nil
        }
        self.init(service: service.name.text, product: product, architecture: architecture)
    }

    /// What the selection's services need, each pair once.
    static func all(of selection: Selection) -> [BuildRequest] {
        var requests: [BuildRequest] = []
        for host in selection.hosts {
            for service in selection.services(on: host.name) {
                var products: [String] = []
                if case .product(let product) = service.source { products.append(product) }
                if ServiceRenderer.needsPortGuard(service) {
                    products.append(ServiceRenderer.portGuard)
                }
                for product in products {
                    guard let request = BuildRequest(service, product, host),
                        !requests.contains(request)
                    else { continue }
                    requests.append(request)
                }
            }
        }
        return requests
    }
}
