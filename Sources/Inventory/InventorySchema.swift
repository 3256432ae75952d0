/// The inventory's JSON Schema (draft 7, which editors' YAML servers know best), made from the same
/// tables as the validation. It lets through what only validation can see: references, clashes,
/// combinations.
public enum InventorySchema {
    /// The schema's text; `Inventory/schema.json` holds it, and a test compares the two.
    public static var json: String {
        let head: [(String, JSONText)] = [
            ("$schema", .string("http://json-schema.org/draft-07/schema#")),
            ("title", .string("fleetctl inventory")),
            (
                "description",
                .string("Made by `fleetctl inventory schema`; do not edit by hand.")
            ),
        ]
        return JSONText.object(head + object(InventoryFormat.root)).rendered() + "\n"
    }

    private static func object(_ shape: ObjectShape) -> [(String, JSONText)] {
        let properties = shape.keys.map { key -> (String, JSONText) in
            let description = [("description", JSONText.string(key.description))]
            return (key.name, .object(constraints(of: key.shape) + description))
        }
        let required = shape.keys.filter { $0.presence == .required }.map(\.name)
        var members: [(String, JSONText)] = [
            ("type", .string("object")), ("additionalProperties", .truth(false)),
            ("properties", .object(properties)),
        ]
        if !required.isEmpty { members.append(("required", .strings(required))) }
        return members
    }

    private static func constraints(of shape: Shape) -> [(String, JSONText)] {
        switch shape {
        case .text(let rule): return text(rule)
        case .integer(let range): return integer(range)
        case .duration: return string(pattern: "^(?=.)([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?$")
        case .choice(let words): return [("enum", .strings(words))]
        case .secret: return string(pattern: "^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+|command:.+)$")
        case .port:
            return [
                (
                    "anyOf",
                    .array([
                        .object(integer(1...65535)),
                        .object(string(pattern: "^[1-9][0-9]{0,4}(/(tcp|udp))?$")),
                    ])
                )
            ]
        case .pin:
            return string(
                pattern: "^\(HostKeyPin.prefix)[A-Za-z0-9+/]{\(HostKeyPin.hashLength)}$")
        case .mode: return string(pattern: "^0?[4-7][0145][0145]$")
        case .list(let element, let atLeast): return list(element, atLeast: atLeast)
        case .oneOrMany(let element):
            let one = JSONText.object(constraints(of: element))
            return [("anyOf", .array([one, .object(list(element, atLeast: 1))]))]
        case .named(let rule, let value, _, let atLeast):
            return [
                ("type", .string("object")),
                ("propertyNames", .object([("pattern", .string(rule.pattern))])),
                ("minProperties", .integer(atLeast)),
                ("additionalProperties", .object(constraints(of: value))),
            ]
        case .object(let shape): return object(shape)
        case .variant(let shapes, _):
            return [("oneOf", .array(shapes.map { .object(object($0)) }))]
        }
    }

    private static func list(_ element: Shape, atLeast: Int) -> [(String, JSONText)] {
        [
            ("type", .string("array")), ("minItems", .integer(atLeast)),
            ("items", .object(constraints(of: element))),
        ]
    }

    private static func text(_ rule: TextRule) -> [(String, JSONText)] {
        let type = rule.takesNumbers ? JSONText.strings(["string", "number"]) : .string("string")
        return [("type", type), ("pattern", .string(rule.pattern))]
    }

    private static func integer(_ range: ClosedRange<Int>) -> [(String, JSONText)] {
        [
            ("type", .string("integer")), ("minimum", .integer(range.lowerBound)),
            ("maximum", .integer(range.upperBound)),
        ]
    }

    private static func string(pattern: String) -> [(String, JSONText)] {
        [("type", .string("string")), ("pattern", .string(pattern))]
    }
}
