extension Fleet {
    /// The fleet that a file describes, or everything that is wrong with it at once.
    ///
    /// - Parameters:
    ///   - root: what the file holds, with places.
    ///   - file: the file's name for messages.
    /// - Throws: every problem, in the order of the file.
    public static func validated(
        from root: Node, file: String
    ) throws(InventoryProblems) -> Fleet {
        var structure = StructureCheck(file: file)
        structure.check(root, .object(InventoryFormat.root), at: "")

        var list = ProblemList(file: file)
        let draft = FleetDraft(Fields(root, path: ""), &list)
        ReferenceCheck.run(draft, &list)

        let problems = structure.problems + list.problems
        guard problems.isEmpty, !list.isIncomplete else {
            // A stand-in without a complaint would be a bug of this file; it must still refuse.
            let unexplained = Problem(
                file: file, position: root.position, path: "",
                sentence: "a required value could not be read")
            throw InventoryProblems(problems.isEmpty ? [unexplained] : problems)
        }
        return draft.fleet
    }
}

/// A fleet whose parts still know where they were written.
struct FleetDraft {
    /// A host with its mapping.
    struct HostEntry {
        var host: Host
        var fields: Fields
    }
    /// A service with its mapping.
    struct ServiceEntry {
        var service: Service
        var fields: Fields
    }

    var name: String
    var knownHosts: String?
    var hosts: [HostEntry] = []
    var services: [ServiceEntry] = []
    /// Every name under `hosts`, those of hosts with problems too: references to them resolve.
    var hostNames: [String] = []
    // Asked for each mention of a host: thousands of them are not compared with thousands of names.
    private var hostNameSet: Set<String> = []
    private var hostsWithoutSystemd: [HostName] = []

    init(_ root: Fields, _ list: inout ProblemList) {
        let format = InventoryFormat.root
        name = list.required(root.text("fleet", of: format), or: "")
        knownHosts = root.text("known_hosts", of: format)
        let defaults = root.fields("defaults")
        for entry in root.fields("hosts")?.node.entries ?? [] {
            guard let text = entry.key.text, hostNameSet.insert(text).inserted else { continue }
            hostNames.append(text)
            let fields = Fields(entry.value, path: "hosts." + Shown.text(text))
            let name = list.required(HostName(text), or: Self.placeholderHost)
            let host = HostBuilder(fields: fields, defaults: defaults).build(name, &list)
            hosts.append(HostEntry(host: host, fields: fields))
            if host.initSystem == .rcLocal { hostsWithoutSystemd.append(host.name) }
        }
        var seen: Set<String> = []
        for entry in root.fields("services")?.node.entries ?? [] {
            guard let text = entry.key.text, seen.insert(text).inserted,
                let name = ServiceName(text)
            else { continue }
            let fields = Fields(entry.value, path: "services." + Shown.text(text))
            let service = ServiceBuilder(fields: fields).build(name, &list)
            services.append(ServiceEntry(service: service, fields: fields))
        }
    }

    /// Whether there is such a name under `hosts`.
    func hasHost(_ name: String) -> Bool { hostNameSet.contains(name) }

    /// The first host of the file that has rc.local and is to have the service.
    func hostWithoutSystemd(of service: Service) -> HostName? {
        hostsWithoutSystemd.first(where: service.hosts.contains)
    }

    /// `did you mean 'x'?` for the host that somebody meant; only of names that are good ones.
    func question(forHost name: String) -> String? {
        Suggestion.question(for: name, in: hostNames.filter { HostName($0) != nil })
    }

    var fleet: Fleet {
        Fleet(
            name: name, knownHosts: knownHosts, hosts: hosts.map(\.host),
            services: services.map(\.service))
    }

    /// Stands for a name that is none; such a draft never becomes a fleet.
    private static let placeholderHost: HostName = {
        guard let name = HostName("x") else { preconditionFailure("'x' is a host name") }
        return name
    }()
}
