import ArgumentParser
import Inventory
import Testing

@testable import FleetCommands

@Suite struct SelectionTests {
    static func fleet() throws -> Fleet {
        func host(_ name: String, _ tags: [String]) throws -> Inventory.Host {
            Inventory.Host(
                name: try #require(HostName(name)), address: name, user: "u", architecture: .amd64,
                tags: tags)
        }
        func service(_ name: String, _ hosts: [String]) throws -> Service {
            Service(
                name: try #require(ServiceName(name)),
                hosts: try hosts.map { try #require(HostName($0)) }, source: .product(name),
                executable: name)
        }
        return Fleet(
            name: "f",
            hosts: [try host("pi", ["a"]), try host("olimex", ["a", "b"]), try host("bare", [])],
            services: [try service("gen", ["olimex"]), try service("mon", ["pi", "olimex"])])
    }

    static func chosen(_ arguments: [String]) throws -> (hosts: [String], services: [String]) {
        let selection = try Selection(try fleet(), try SelectionOptions.parse(arguments))
        return (selection.hosts.map(\.name.text), selection.services.map(\.name.text))
    }

    @Test(arguments: [
        ([String](), ["pi", "olimex", "bare"], ["gen", "mon"]),
        (["--host", "pi"], ["pi"], ["mon"]),
        (["--host", "olimex", "--host", "bare"], ["olimex", "bare"], ["gen", "mon"]),
        (["--service", "gen"], ["olimex"], ["gen"]),
        (["--service", "mon", "--host", "pi"], ["pi"], ["mon"]),
        (["--tag", "b"], ["olimex"], ["gen", "mon"]),
        (["--tag", "a", "--service", "gen"], ["olimex"], ["gen"]),
        (["--host", "bare"], ["bare"], []),
    ])
    func optionsNarrowTheFleet(arguments: [String], hosts: [String], services: [String]) throws {
        let chosen = try Self.chosen(arguments)
        #expect(chosen.hosts == hosts)
        #expect(chosen.services == services)
    }

    @Test(arguments: [
        (
            ["--host", "olimx"],
            SelectionError.unknown(noun: "host", name: "olimx", suggestion: "olimex")
        ),
        (["--service", "zzz"], .unknown(noun: "service", name: "zzz", suggestion: nil)),
        (["--tag", "c"], .unknown(noun: "tag", name: "c", suggestion: "a")),
        (["--host", "bare", "--service", "gen"], .nothingChosen),
    ])
    func namesThatDoNotExistAreErrors(arguments: [String], error: SelectionError) {
        #expect(throws: error) { try Self.chosen(arguments) }
    }
}
