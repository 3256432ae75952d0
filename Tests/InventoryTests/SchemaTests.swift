import Foundation
import Inventory
import InventoryFile
import TestSupport
import Testing

@testable import Inventory

/// The repository's own inventories, schema and documentation, and that they belong together.
@Suite struct SchemaTests {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    @Test(arguments: [
        ("Inventory/fleet.yaml", ["gen-server", "pigenny-monitor"]),
        ("Inventory/lab.yaml", ["gen-server", "pigenny-monitor"]),
    ])
    func ourInventoriesAreValid(path: String, services: [String]) throws {
        let fleet = try InventoryFile.load(path: Self.root.appendingPathComponent(path).path)
        #expect(fleet.hosts.count == 3)
        #expect(fleet.services.map(\.name.text) == services)
    }

    @Test func theSchemaIsTheOneThatTheTablesMake() throws {
        #expect(
            try Self.text("Inventory/schema.json") == InventorySchema.json,
            "run: fleetctl inventory schema > Inventory/schema.json")
    }

    /// Every key of the format has a line of its own in the guide.
    @Test func everyKeyIsDocumented() throws {
        let guide = try Self.text("Documentation/inventory.md")
        for key in Self.keys(.object(InventoryFormat.root)) {
            #expect(guide.contains("`\(key)`"), "Documentation/inventory.md says nothing of \(key)")
        }
    }

    private static func keys(_ shape: Shape) -> Set<String> {
        switch shape {
        case .object(let object):
            object.keys.reduce(into: Set(object.keys.map(\.name))) { $0.formUnion(keys($1.shape)) }
        case .variant(let objects, _):
            objects.reduce(into: []) { $0.formUnion(keys(.object($1))) }
        case .list(let element, _), .oneOrMany(let element), .named(_, let element, _, _):
            keys(element)
        case .text, .integer, .duration, .choice, .secret, .port, .pin, .mode: []
        }
    }

    static let hasPython: Bool =
        system("python3 -c 'import jsonschema, yaml' 2>/dev/null >/dev/null") == 0

    /// An independent judge: every row is valid or not to both, the schema and us.
    @Test(.enabled(if: hasPython, "python3 with jsonschema and yaml is not installed"))
    func theSchemaAgreesWithTheValidation() async throws {
        let broken = [
            ("port: 2222", "port: 0"), ("port: 2222", "port: \"22\""), ("user: joe", "user: -x"),
            ("user: joe", "user: 12"), ("arm64", "arm65"), ("sudo: none", "sudo: never"),
            ("address: front.local", "adress: front.local"), ("env:SUDO_PW", "SUDO_PW"),
            ("fleet: Test fleet", "fleet: \"\""), ("version: 1", "version: 2"),
            ("SHA256:u", "SHA1:u"),
            ("9998/udp", "9998/sctp"), ("9998/udp", "0"), ("generator-idle", "idle"),
            ("stop_timeout: 1m30s", "stop_timeout: 90"), ("[--relays-off]", "[]"),
            ("- steady: 5s", "- steady: 5s\n        expect: x"), ("\"0600\"", "\"0666\""),
            ("\"0600\"", "0600"), ("PONG", "\"\""), ("source: a.ini", "sauce: a.ini"),
            ("  board:", "  Board:"), ("  board:", "  board-:"), ("QEMU_CPU", "1CPU"),
            ("other@.service", "other.timer"), ("[ssh-rsa]", "ssh-rsa"), ("tags: []", "tags: x"),
            ("bin/run.py", "/bin/run.py"), ("host: board", "host: []"),
            ("artifact: ../artifacts/script", "artifact: \"a\\u0001\""),
        ]
        let fine = [
            ("port: 2222", "port: 1"), ("9999, \"yes\"", "9.5"), ("host: board", "host: [board]"),
            ("1m30s", "1h"), ("\"0600\"", "\"640\""), ("c.ini", "c"), ("PONG", "12"),
        ]
        let texts =
            [Inventories.full, try Self.text("Inventory/fleet.yaml")]
            + [try Self.text("Inventory/lab.yaml")]
            + (broken + fine).map {
                Inventories.full.replacing($0.0, with: $0.1, maxReplacements: 1)
            }
        let ours = texts.map { Inventories.problems($0).isEmpty }
        #expect(
            ours == Array(repeating: true, count: 3) + broken.map { _ in false }
                + fine.map { _ in true })
        let theirs = try await Self.judgements(texts)
        try #require(theirs.count == ours.count)
        for (index, text) in texts.enumerated() {
            #expect(theirs[index] == ours[index], "\(text)")
        }
    }

    private static func judgements(_ texts: [String]) async throws -> [Bool] {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("inventories-\(UUID().uuidString).json").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try JSONEncoder().encode(texts).write(to: URL(fileURLWithPath: path))
        let script = """
            import json, sys, yaml, jsonschema
            schema = json.load(open(sys.argv[1]))
            jsonschema.Draft7Validator.check_schema(schema)
            judge = jsonschema.Draft7Validator(schema)
            print(json.dumps([judge.is_valid(yaml.safe_load(t)) for t in json.load(open(sys.argv[2]))]))
            """
        let schema = root.appendingPathComponent("Inventory/schema.json").path
        let result = try await Shell.run(["python3", "-c", script, schema, path])
        try #require(result.status == 0, "\(result.errorText)")
        return try JSONDecoder().decode([Bool].self, from: Data(result.output))
    }
}
