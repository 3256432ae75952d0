/// The first pass of validation: every value has the form that its key's table demands. References
/// between values are the second pass's (`FleetBuilder`, `ReferenceCheck`).
struct StructureCheck {
    let file: String
    private(set) var problems: [Problem] = []

    init(file: String) { self.file = file }

    mutating func check(_ node: Node, _ shape: Shape, at path: String) {
        switch shape {
        case .object(let object): checkObject(node, object, at: path)
        case .variant(let variants, let noun): checkVariant(node, variants, noun, at: path)
        case .named(let rule, let value, let noun, let atLeast):
            checkNamed(node, rule, value, noun: noun, atLeast: atLeast, at: path)
        case .list(let element, let atLeast):
            guard case .sequence(let nodes) = node.content else {
                return wrongType(node, "a list in brackets or with dashes", at: path)
            }
            if nodes.count < atLeast {
                report(node, path, "the list is empty", "give at least \(atLeast) or leave it out")
            }
            checkElements(nodes, element, at: path)
        case .oneOrMany(let element):
            guard case .sequence(let nodes) = node.content else {
                return check(node, element, at: path)
            }
            if nodes.isEmpty { report(node, path, "the list is empty", "give at least one") }
            checkElements(nodes, element, at: path)
        case .text, .integer, .duration, .choice, .secret, .port, .pin, .mode:
            checkScalar(node, shape, at: path)
        }
    }

    private mutating func checkElements(_ nodes: [Node], _ shape: Shape, at path: String) {
        for (index, node) in nodes.enumerated() { check(node, shape, at: "\(path)[\(index)]") }
    }

    // MARK: Mappings

    private mutating func checkObject(_ node: Node, _ object: ObjectShape, at path: String) {
        guard let entries = mapping(node, of: object.noun, at: path) else { return }
        checkDuplicates(entries, noun: "key", at: path)
        for entry in entries {
            guard let name = entry.key.text else { continue }
            guard let key = object.key(name) else {
                unknownKey(entry.key, name, of: object, at: path)
                continue
            }
            check(entry.value, key.shape, at: joined(path, name))
        }
        // A key that is there, but misspelt, has been complained about already.
        let given = entries.compactMap(\.key.text)
        let meant = given.filter { object.key($0) == nil }.compactMap {
            Suggestion.nearest(to: $0, in: object.keys.map(\.name))
        }
        let present = Set(given + meant)
        for key in object.keys where key.presence == .required && !present.contains(key.name) {
            report(node, path, "the key '\(key.name)' is missing", nil)
        }
    }

    private mutating func unknownKey(
        _ key: Node, _ name: String, of object: ObjectShape, at path: String
    ) {
        let suggestion: String? =
            name == "<<"
            ? "merge keys are not read; use 'defaults', or an alias for the whole value"
            : Suggestion.question(for: name, in: object.keys.map(\.name))
                ?? "a \(object.noun) takes " + object.keys.map(\.name).joined(separator: ", ")
        report(key, path, "unknown key '\(Shown.text(name))'", suggestion)
    }

    private mutating func checkVariant(
        _ node: Node, _ variants: [ObjectShape], _ noun: String, at path: String
    ) {
        guard let entries = mapping(node, of: noun, at: path) else { return }
        let markers = variants.compactMap(\.keys.first?.name)
        let given = entries.compactMap(\.key.text)
        let chosen = variants.filter { given.contains($0.keys.first?.name ?? "") }
        if chosen.count > 1 {
            let names = markers.filter(given.contains).map { "'\($0)'" }.joined(separator: " and ")
            return report(
                node, path, "\(names) in one \(noun)", "make each an element of its own")
        }
        if let only = chosen.first { return checkObject(node, only, at: path) }
        let misspelt = entries.lazy.compactMap { entry -> (Node, String)? in
            guard let name = entry.key.text,
                let meant = Suggestion.question(for: name, in: markers)
            else { return nil }
            return (entry.key, meant)
        }.first
        guard let (key, meant) = misspelt else {
            let list = markers.map { "'\($0)'" }.joined(separator: ", ")
            return report(node, path, "no \(noun) is named here", "give one of \(list)")
        }
        report(key, path, "unknown key '\(Shown.text(key.text ?? ""))'", meant)
    }

    private mutating func checkNamed(
        _ node: Node, _ rule: TextRule, _ value: Shape, noun: String, atLeast: Int, at path: String
    ) {
        guard let entries = mapping(node, of: "\(noun)s by name", at: path) else { return }
        checkDuplicates(entries, noun: noun, at: path)
        if entries.count < atLeast {
            report(node, path, "no \(noun) is given", "give at least \(atLeast)")
        }
        for entry in entries {
            guard let name = entry.key.text else { continue }
            if let objection = rule.objection(to: name) {
                report(
                    entry.key, path, "the \(noun) name '\(Shown.text(name))' \(objection)",
                    "write \(rule.noun)")
            }
            check(entry.value, value, at: joined(path, name))
        }
    }

    private mutating func mapping(_ node: Node, of noun: String, at path: String) -> [Node.Entry]? {
        guard case .mapping(let entries) = node.content else {
            wrongType(node, "keys and values (\(noun))", at: path)
            return nil
        }
        for entry in entries where entry.key.text == nil {
            report(entry.key, path, "a key is a list or a mapping", "write a word as the key")
        }
        return entries
    }

    private mutating func checkDuplicates(_ entries: [Node.Entry], noun: String, at path: String) {
        var seen: [String: Position] = [:]
        for entry in entries {
            guard let name = entry.key.text else { continue }
            if let earlier = seen[name] {
                report(
                    entry.key, path,
                    "the \(noun) '\(Shown.text(name))' was given before, in line \(earlier.line)",
                    "keep one of the two")
            } else {
                seen[name] = entry.key.position
            }
        }
    }

    // MARK: Scalars

    private mutating func checkScalar(_ node: Node, _ shape: Shape, at path: String) {
        guard case .scalar(let text, let style) = node.content else {
            return wrongType(node, ScalarRule.expectation(shape), at: path)
        }
        if let fault = ScalarRule.fault(text, style, shape) {
            report(node, path, fault.sentence, fault.suggestion)
        }
    }

    private mutating func wrongType(_ node: Node, _ expected: String, at path: String) {
        let found: String
        switch node.content {
        case .scalar(let text, .plain) where PlainScalar(text) == .nothing:
            return report(
                node, path, "there is no value", "give \(expected), or remove the key")
        case .scalar: found = "a single value"
        case .sequence: found = "a list"
        case .mapping: found = "a mapping"
        }
        report(node, path, "\(found) where \(expected) belongs", nil)
    }

    private mutating func report(
        _ node: Node, _ path: String, _ sentence: String, _ suggestion: String?
    ) {
        problems.append(
            Problem(
                file: file, position: node.position, path: path, sentence: sentence,
                suggestion: suggestion))
    }

    private func joined(_ path: String, _ name: String) -> String {
        path.isEmpty ? Shown.text(name) : path + "." + Shown.text(name)
    }
}
