/// The values of one mapping by key, for the second pass of validation. Values that the first
/// pass found wrong read as absent; of duplicate keys the first counts.
struct Fields {
    let node: Node
    let path: String
    private let values: [String: Node]

    init(_ node: Node, path: String) {
        self.node = node
        self.path = path
        let pairs = (node.entries ?? []).compactMap { entry in
            entry.key.text.map { ($0, entry.value) }
        }
        values = Dictionary(pairs) { first, _ in first }
    }

    subscript(_ key: String) -> Node? { values[key] }

    func has(_ key: String) -> Bool { values[key] != nil }

    /// The text of a key that obeys the form of `object`.
    func text(_ key: String, of object: ObjectShape) -> String? {
        guard let node = values[key], case .scalar(let text, let style) = node.content,
            let shape = object.key(key)?.shape,
            ScalarRule.fault(text, style, Self.elementShape(shape)) == nil
        else { return nil }
        return text
    }

    /// The elements of a list, or of a single value in the place of one, with where they stand.
    func texts(_ key: String, of object: ObjectShape) -> [(text: String, node: Node)] {
        guard let node = values[key], let shape = object.key(key)?.shape else { return [] }
        return node.elements.compactMap { element in
            guard case .scalar(let text, let style) = element.content,
                ScalarRule.fault(text, style, Self.elementShape(shape)) == nil
            else { return nil }
            return (text, element)
        }
    }

    func duration(_ key: String, of object: ObjectShape) -> Duration? {
        text(key, of: object).flatMap(DurationText.parse)
    }

    func number(_ key: String, of object: ObjectShape) -> Int? {
        text(key, of: object).flatMap { Int($0) }
    }

    func secret(_ key: String, of object: ObjectShape) -> SecretReference? {
        text(key, of: object).flatMap { SecretReference($0) }
    }

    /// The mapping under a key.
    func fields(_ key: String) -> Fields? {
        guard let node = values[key], node.entries != nil else { return nil }
        return Fields(node, path: path.isEmpty ? key : "\(path).\(key)")
    }

    private static func elementShape(_ shape: Shape) -> Shape {
        switch shape {
        case .list(let element, _), .oneOrMany(let element): element
        default: shape
        }
    }
}
