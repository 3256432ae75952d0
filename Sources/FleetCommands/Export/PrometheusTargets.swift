import Inventory

/// One entry of a file for Prometheus' file_sd_configs.
struct PrometheusTargets: Encodable, Equatable {
    var targets: [String]
    var labels: [String: String]

    /// The exporter, which speaks for all hosts.
    static func exporter(_ address: String, _ selection: Selection) -> [PrometheusTargets] {
        [PrometheusTargets(targets: [address], labels: ["fleet": selection.fleet.name])]
    }

    /// Each host that can be reached without another.
    static func hosts(_ selection: Selection, port: Int) -> [PrometheusTargets] {
        selection.hosts.filter { $0.via == nil }.map { host in
            var labels = [
                "fleet": selection.fleet.name, "host": host.name.text,
                "arch": host.architecture.rawValue, "init": host.initSystem.rawValue,
            ]
            if !host.tags.isEmpty { labels["tags"] = listed(host.tags) }
            let services = selection.services(on: host.name).map(\.name.text)
            if !services.isEmpty { labels["services"] = listed(services) }
            let address = NetworkAddress(host: host.address, port: port)
            return PrometheusTargets(targets: ["\(address)"], labels: labels)
        }
    }

    /// Commas on both sides, so that `.*,battery,.*` finds one of several.
    private static func listed(_ words: [String]) -> String {
        "," + words.joined(separator: ",") + ","
    }
}
