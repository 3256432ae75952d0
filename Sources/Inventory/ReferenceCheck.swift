/// What values of different hosts and services say about each other: references that resolve,
/// chains that end, ports and units that have one owner.
enum ReferenceCheck {
    static func run(_ draft: FleetDraft, _ list: inout ProblemList) {
        checkVia(draft, &list)
        for entry in draft.services {
            checkService(entry, draft, &list)
            checkStarters(entry, draft, &list)
        }
        checkPorts(draft, &list)
        checkReplaced(draft, &list)
    }

    // MARK: Hosts

    private static func checkVia(_ draft: FleetDraft, _ list: inout ProblemList) {
        var next: [String: String] = [:]
        for entry in draft.hosts {
            guard let via = entry.host.via else { continue }
            next[entry.host.name.text] = via.text
            if !draft.hasHost(via.text) {
                list.add(
                    entry.fields["via"], entry.fields.path + ".via",
                    "there is no host '\(via)'",
                    draft.question(forHost: via.text))
            }
        }
        var reported: Set<String> = []
        for entry in draft.hosts where !reported.contains(entry.host.name.text) {
            guard let circle = circle(from: entry.host.name.text, next) else { continue }
            reported.formUnion(circle)
            let way = (circle + [circle[0]]).joined(separator: " → ")
            list.add(
                entry.fields["via"], entry.fields.path + ".via",
                circle.count == 1
                    ? "the host is reached through itself" : "the way goes in a circle: \(way)",
                "one of them must be reached directly")
        }
    }

    /// The names of the circle that begins and ends with `start`; nil where there is none.
    private static func circle(from start: String, _ next: [String: String]) -> [String]? {
        var way = [start]
        var current = next[start]
        while let name = current, way.count <= next.count {
            if name == start { return way }
            way.append(name)
            current = next[name]
        }
        return nil
    }

    // MARK: Services

    private static func checkService(
        _ entry: FleetDraft.ServiceEntry, _ draft: FleetDraft, _ list: inout ProblemList
    ) {
        for (text, node) in entry.fields.texts("host", of: InventoryFormat.service)
        where !draft.hasHost(text) {
            list.add(
                node, entry.fields.path + ".host", "there is no host '\(text)'",
                draft.question(forHost: text)
                    ?? "the hosts are "
                    + draft.hostNames.prefix(10).map(Shown.text).joined(separator: ", "))
        }
        guard let host = draft.hostWithoutSystemd(of: entry.service) else { return }
        for key in ["unit", "replaces"] where entry.fields.has(key) {
            list.add(
                entry.fields[key], "\(entry.fields.path).\(key)",
                "'\(key)' is for systemd, and the host '\(host)' has rc.local",
                "remove the key, or make a service of its own for \(host)")
        }
    }

    /// Starters are stopped and started by systemd.
    private static func checkStarters(
        _ entry: FleetDraft.ServiceEntry, _ draft: FleetDraft, _ list: inout ProblemList
    ) {
        for (text, node) in entry.fields.texts("starters", of: InventoryFormat.service) {
            guard let starter = draft.services.first(where: { $0.service.name.text == text })
            else {
                let names = draft.services.map { $0.service.name.text }
                list.add(
                    node, entry.fields.path + ".starters", "there is no service '\(text)'",
                    Suggestion.nearest(to: text, in: names).map { "did you mean '\($0)'?" }
                        ?? "only a service of this inventory can be stopped and started again")
                continue
            }
            if let host = draft.hostWithoutSystemd(of: starter.service) {
                list.add(
                    node, entry.fields.path + ".starters",
                    "the service '\(text)' runs on '\(host)', which has rc.local",
                    "only systemd starts it again when fleetctl cannot")
            }
        }
    }

    private struct Claim: Hashable {
        var host: HostName
        var port: PortClaim
    }

    private static func checkPorts(_ draft: FleetDraft, _ list: inout ProblemList) {
        var owners: [Claim: (service: ServiceName, node: Node)] = [:]
        for entry in draft.services {
            var own: Set<Claim> = []
            for (text, node) in entry.fields.texts("ports", of: InventoryFormat.service) {
                guard let port = PortClaim(text) else { continue }
                for host in entry.service.hosts {
                    let claim = Claim(host: host, port: port)
                    guard own.insert(claim).inserted else { continue }
                    if let owner = owners[claim] {
                        list.add(
                            node, entry.fields.path + ".ports",
                            "port \(port) on '\(host)' belongs to '\(owner.service)' already,"
                                + " in line \(owner.node.position.line)",
                            "two services cannot listen on one port: change one of them")
                    } else {
                        owners[claim] = (entry.service.name, node)
                    }
                }
            }
        }
    }

    /// A unit that one service puts on a host cannot be the old one that another replaces there.
    private static func checkReplaced(_ draft: FleetDraft, _ list: inout ProblemList) {
        for entry in draft.services {
            for (unit, node) in entry.fields.texts("replaces", of: InventoryFormat.service) {
                guard
                    let other = draft.services.first(where: {
                        $0.service.name != entry.service.name
                            && $0.service.name.text + ".service" == unit
                            && !Set($0.service.hosts).isDisjoint(with: entry.service.hosts)
                    })
                else { continue }
                list.add(
                    node, entry.fields.path + ".replaces",
                    "'\(unit)' is the unit of the service '\(other.service.name)' on the same host",
                    "the two would stop each other: remove one of the services, or this line")
            }
        }
    }
}
