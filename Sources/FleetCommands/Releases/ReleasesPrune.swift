import Inventory
import RemoteOps

/// Has the hosts remove old releases by hand, where a deploy lacks room.
struct ReleasesPrune {
    let connections: Connections
    let parallel: Int
    let console: Console
    /// How many stay beside the current one and the one before; nil for what the inventory says.
    let kept: Int?

    /// What may go from one host.
    func surplus(
        _ listing: ReleaseListing, _ services: [Service]
    ) -> [(name: ReleaseName, kibibytes: Int)] {
        services.flatMap { service -> [(name: ReleaseName, kibibytes: Int)] in
            let name = service.name.text
            let found = listing.services[name] ?? ServiceReleases()
            // Without a current release nothing says what matters.
            guard found.current != nil else { return [] }
            return ReleaseHistory(found, service: name)
                .surplus(keeping: kept ?? service.keptReleases)
                .map { (ReleaseName(service: name, release: $0.stored.id), $0.stored.kibibytes) }
        }
    }

    /// Shows, asks and removes.
    func run(
        _ listings: [(host: Host, listing: ReleaseListing)], _ chosen: Selection, yes: Bool
    ) async throws -> [DeployError] {
        var surplus: [HostName: [ReleaseName]] = [:]
        for (host, listing) in listings {
            let found = self.surplus(listing, chosen.services(on: host.name))
            guard !found.isEmpty else { continue }
            surplus[host.name] = found.map(\.name)
            for (name, kibibytes) in found {
                console.say(
                    "\(host.name): remove \(name.service)/\(name.release), \(kibibytes) KiB")
            }
        }
        guard !surplus.isEmpty else {
            console.say("no release is older than those that stay; nothing to do")
            return []
        }
        let count = surplus.reduce(0) { $0 + $1.value.count }
        try console.confirm(
            "Remove \(count) \(count == 1 ? "release" : "releases")?", yes: yes,
            verb: "releases --prune")
        let wanted = surplus
        let hosts = listings.map(\.host).filter { wanted[$0.name] != nil }
        let outcomes = await forEachHost(hosts, limit: parallel) {
            (host) async throws(DeployError) -> Void in
            try await remove(wanted[host.name] ?? [], from: host)
        }
        return outcomes.compactMap(\.failure)
    }

    private func remove(
        _ releases: [ReleaseName], from host: Host
    ) async throws(DeployError) {
        let remote: any RemoteHost
        do {
            remote = try await connections.host(host.name)
        } catch {
            throw .remote(error)
        }
        let after = try await HostReleases.remove(releases, on: remote)
        if after.isBusy {
            throw .locked(host: host.name.text, holder: "its lock or journal is there")
        }
        for name in after.notRemoved {
            console.say("\(host.name): kept \(name.service)/\(name.release): it is in use")
        }
        console.result(
            "\(host.name): removed \(after.removed.count) of \(releases.count) old releases")
    }
}
