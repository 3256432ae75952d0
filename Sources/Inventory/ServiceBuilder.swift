/// Reads one service from its mapping and checks what of it fits together.
struct ServiceBuilder {
    let fields: Fields
    private let format = InventoryFormat.service

    init(fields: Fields) { self.fields = fields }

    func build(_ name: ServiceName, _ list: inout ProblemList) -> Service {
        let source = source(&list)
        let ports = ports(&list)
        let arguments = words("args", &list)
        return Service(
            name: name,
            hosts: hosts(&list),
            source: source,
            executable: executable(source, &list),
            arguments: arguments,
            environment: environment(&list),
            configFiles: configFiles(&list),
            unit: fields.text("unit", of: format),
            user: fields.text("user", of: format),
            group: fields.text("group", of: format),
            ports: ports,
            match: fields.text("match", of: format),
            replaces: replaces(name, &list),
            gate: fields.text("gate", of: format).flatMap(Service.Gate.init),
            starters: starters(name, &list),
            health: health(ports, &list),
            metricsFile: fields.text("metrics", of: format),
            stopTimeout: fields.duration("stop_timeout", of: format) ?? .seconds(10),
            afterExit: words("after_exit", &list),
            keptReleases: fields.number("keep_releases", of: format)
                ?? Service.keptReleasesDefault)
    }

    private func path(_ key: String) -> String { fields.path + "." + key }

    private func hosts(_ list: inout ProblemList) -> [HostName] {
        var names: [HostName] = []
        for (text, node) in fields.texts("host", of: format) {
            guard let name = HostName(text) else { continue }
            if names.contains(name) {
                list.add(node, path("host"), "the host '\(text)' is given twice")
            } else {
                names.append(name)
            }
        }
        return names
    }

    private func source(_ list: inout ProblemList) -> Service.Source {
        switch (fields["product"], fields["artifact"]) {
        case (nil, nil):
            if fields.node.entries != nil {
                list.add(
                    fields.node, fields.path, "neither 'product' nor 'artifact' is given",
                    "say where the service's files come from")
            }
        case (.some, .some(let artifact)):
            list.add(
                artifact, path("artifact"), "both 'product' and 'artifact' are given",
                "keep the one that the service is made from")
        case (.some, nil), (nil, .some): break
        }
        if let artifact = fields.text("artifact", of: format) { return .artifact(artifact) }
        return .product(list.required(fields.text("product", of: format), or: ""))
    }

    private func executable(_ source: Service.Source, _ list: inout ProblemList) -> String {
        if let executable = fields.text("executable", of: format) { return executable }
        switch source {
        case .product(let name): return name
        case .artifact:
            if !fields.has("executable"), !fields.has("product") {
                list.add(
                    fields.node, fields.path, "the key 'executable' is missing",
                    "name the file of the artifact that is started")
            }
            return list.required(nil, or: "")
        }
    }

    // MARK: What the process is given

    /// Arguments, none of which may look like a secret: they stand in units and in `ps`.
    private func words(_ key: String, _ list: inout ProblemList) -> [String] {
        let words = fields.texts(key, of: format)
        for (text, node) in words {
            guard let option = SecretLookalike.option(text) else { continue }
            list.add(
                node, path(key), "the option '\(Shown.text(option))' passes a secret",
                SecretLookalike.advice)
        }
        return words.map { $0.text }
    }

    private func environment(_ list: inout ProblemList) -> [EnvironmentVariable] {
        var variables: [EnvironmentVariable] = []
        for entry in fields.fields("environment")?.node.entries ?? [] {
            guard let name = entry.key.text, let value = entry.value.text,
                !variables.contains(where: { $0.name == name })
            else { continue }
            if SecretLookalike.isSecretName(name) {
                list.add(
                    entry.key, path("environment"),
                    "the variable '\(Shown.text(name))' passes a secret", SecretLookalike.advice)
            }
            variables.append(EnvironmentVariable(name: name, value: value))
        }
        return variables
    }

    private func configFiles(_ list: inout ProblemList) -> [ConfigFile] {
        let format = InventoryFormat.config
        var files: [ConfigFile] = []
        for (index, node) in (fields["config"]?.elements ?? []).enumerated() {
            let item = Fields(node, path: "\(path("config"))[\(index)]")
            guard let source = item.text("source", of: format) else { continue }
            let last = source.split(separator: "/").last.map(String.init) ?? ""
            let name = item.has("name") ? item.text("name", of: format) : last
            guard let name else { continue }
            if !item.has("name"), TextRule.fileName.objection(to: name) != nil {
                list.add(
                    item["source"], item.path,
                    "'\(Shown.text(name))' cannot be its name on the host",
                    "give a 'name'")
            }
            if files.contains(where: { $0.name == name }) {
                list.add(
                    item["name"] ?? item["source"], item.path,
                    "two configuration files are named '\(Shown.text(name))'", "give another 'name'"
                )
            }
            let mode = item.text("mode", of: format).flatMap(FileMode.parse) ?? 0o644
            files.append(ConfigFile(source: source, name: name, mode: mode))
        }
        return files
    }

    // MARK: What the host sees

    private func ports(_ list: inout ProblemList) -> [PortClaim] {
        var claims: [PortClaim] = []
        for (text, node) in fields.texts("ports", of: format) {
            guard let claim = PortClaim(text) else { continue }
            if claims.contains(claim) {
                list.add(node, path("ports"), "the port \(claim) is given twice")
            } else {
                claims.append(claim)
            }
        }
        return claims
    }

    private func replaces(_ name: ServiceName, _ list: inout ProblemList) -> [String] {
        let own = name.text + ".service"
        let units = fields.texts("replaces", of: format)
        var seen: Set<String> = []
        for (text, node) in units {
            if text == own {
                list.add(
                    node, path("replaces"), "the service cannot replace its own unit \(own)",
                    "a unit of the same name is replaced anyway")
            }
            if !seen.insert(text).inserted {
                list.add(node, path("replaces"), "the unit '\(text)' is given twice")
            }
        }
        return units.map { $0.text }
    }

    private func starters(_ name: ServiceName, _ list: inout ProblemList) -> [ServiceName] {
        if fields.has("starters"), !fields.has("gate") {
            list.add(
                fields["starters"], path("starters"), "'starters' without 'gate' says nothing",
                "give 'gate' too")
        }
        var names: [ServiceName] = []
        for (text, node) in fields.texts("starters", of: format) {
            guard let starter = ServiceName(text) else { continue }
            if starter == name {
                list.add(node, path("starters"), "a service cannot be its own starter")
            } else if names.contains(starter) {
                list.add(node, path("starters"), "the service '\(text)' is given twice")
            } else {
                names.append(starter)
            }
        }
        return names
    }

    private func health(_ ports: [PortClaim], _ list: inout ProblemList) -> [HealthCheck] {
        var checks: [HealthCheck] = []
        for (index, node) in (fields["health"]?.elements ?? []).enumerated() {
            let item = Fields(node, path: "\(path("health"))[\(index)]")
            let shapes = InventoryFormat.health
            guard let format = shapes.first(where: { item.has($0.keys[0].name) }) else { continue }
            let within = item.duration("within", of: format) ?? .seconds(10)
            if let duration = item.duration("steady", of: format) {
                checks.append(.steady(duration))
            } else if let port = item.number("tcp", of: format) {
                checks.append(tcp(port, item, format, within: within, ports, &list))
            } else if item.has("command") {
                let argv = item.texts("command", of: format).map(\.text)
                checks.append(.command(argv, within: within))
            } else if let claim = item.text("listens", of: format).flatMap(PortClaim.init) {
                owns(claim, "listens", item, ports, &list)
                checks.append(.listens(claim, within: within))
            } else if let port = item.number("http", of: format) {
                owns(PortClaim(port), "http", item, ports, &list)
                checks.append(
                    .http(
                        port: port, path: item.text("path", of: format) ?? "/",
                        status: item.number("status", of: format) ?? 200, within: within))
            } else if let path = item.text("file", of: format),
                let younger = item.duration("younger", of: format)
            {
                checks.append(.file(path: path, younger: younger, within: within))
            }
        }
        return checks
    }

    /// A check of a port that is not the service's own would look at somebody else.
    private func owns(
        _ claim: PortClaim, _ key: String, _ item: Fields, _ ports: [PortClaim],
        _ list: inout ProblemList
    ) {
        if ports.contains(claim) { return }
        let name = claim.transport == .tcp ? "\(claim.number)" : "\(claim)"
        list.add(
            item[key], item.path, "port \(name) is not one of the service's ports",
            "add \(name) to 'ports', so that others keep off it")
    }

    private func tcp(
        _ port: Int, _ item: Fields, _ format: ObjectShape, within: Duration, _ ports: [PortClaim],
        _ list: inout ProblemList
    ) -> HealthCheck {
        owns(PortClaim(port), "tcp", item, ports, &list)
        if item.has("send"), !item.has("expect") {
            list.add(
                item["send"], item.path, "'send' without 'expect' says nothing about the answer",
                "give 'expect' too")
        }
        return .tcp(
            port: port, send: item.text("send", of: format),
            expect: item.text("expect", of: format), within: within)
    }
}
