import DeployPlan
import Inventory
import ReleasePacker
import RemoteOps

/// Plans the way back to releases that a host has already. Nothing is built and nothing sent.
struct RollbackPlanner {
    /// The release to go to; nil for the one before the current one.
    var target: ReleaseID?

    /// One host's plan, and the services as they will be.
    func plan(
        _ host: Host, _ services: [Service], of deploy: FleetDeploy
    ) async throws(DeployError) -> (plan: HostPlan, desired: [DesiredService]) {
        let remote = try await deploy.connect(host.name)
        let identity: RemoteCommand.Identity = host.privilege == .unprivileged ? .login : .root
        let listing = try await HostReleases.list(
            services.map(\.name.text), on: remote, as: identity)
        var refusals: [Refusal] = []
        var chosen: [DesiredService] = []
        for service in services {
            let found = listing.services[service.name.text] ?? ServiceReleases()
            switch choose(service, found, host) {
            case .success(let desired): chosen.append(desired)
            case .failure(let refusal): refusals.append(refusal.refusal)
            }
        }
        let facts = try await deploy.facts(of: host, words: chosen.map(\.probeWord))
        var desired: [DesiredService] = []
        for service in chosen {
            if let whole = service.asInstalled(facts) {
                desired.append(whole)
            } else {
                refusals.append(
                    .releaseDamaged(service: service.name, release: service.release))
            }
        }
        var plan = HostPlan.make(host: host, desired: desired, facts: facts)
        plan.refusals += refusals
        plan.hideSizes()
        return (plan, desired)
    }

    private struct Refused: Error { var refusal: Refusal }

    /// What the service must be, but for its files, which only the probe reads.
    private func choose(
        _ service: Service, _ found: ServiceReleases, _ host: Host
    ) -> Result<DesiredService, Refused> {
        let name = service.name.text
        let history = ReleaseHistory(found, service: name)
        guard let target = target ?? history.previous else {
            return .failure(Refused(refusal: .noPreviousRelease(service: name)))
        }
        guard let release = found.releases.first(where: { $0.id == target }) else {
            return .failure(Refused(refusal: .releaseMissing(service: name, release: target)))
        }
        var start = DesiredService.Start.supervisor
        if host.initSystem == .systemd {
            let unit = ServiceRenderer(service).unitName
            guard let lines = release.units[unit] else {
                return .failure(
                    Refused(refusal: .releaseWithoutUnit(service: name, release: target)))
            }
            start = .unit(name: unit, text: lines.map { $0 + "\n" }.joined())
        }
        return .success(
            DesiredService(
                service: service, release: target, manifest: ReleaseManifest([]), start: start))
    }
}

extension DesiredService {
    /// The service with the files of its release as they are on the host; nil where they are not
    /// those that the release is named after.
    fileprivate func asInstalled(_ facts: HostFacts) -> DesiredService? {
        guard let found = facts.services[name], let files = found.releases[release] else {
            return nil
        }
        // The host tells no sizes, and the name does not depend on them.
        let manifest = ReleaseManifest(
            files.map {
                ReleaseFile(path: $0.path, mode: $0.mode ?? -1, size: 0, sha256: $0.sha256)
            })
        guard manifest.id == release else { return nil }
        var service = self
        service.manifest = manifest
        service.configTexts = (found.texts[release] ?? [:]).mapValues {
            $0.lines.map { $0 + "\n" }.joined()
        }
        return service
    }
}

extension HostPlan {
    /// The sizes of files that are not sent are not known.
    fileprivate mutating func hideSizes() {
        for service in services.indices {
            for file in services[service].files.indices { services[service].files[file].size = nil }
        }
    }
}
