import ArgumentParser

/// How results are printed.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable { case table, json }

/// Options that every verb takes, whatever its results look like.
struct BaseOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: "The inventory file; FLEETCTL_INVENTORY, else Inventory/fleet.yaml.",
        completion: .file(extensions: ["yaml", "yml"]))
    var inventory: String?

    @Flag(name: .shortAndLong, help: "Print results and errors only.")
    var quiet = false

    @Flag(
        name: .shortAndLong, help: "Say more about what is done; twice for the SSH library's log.")
    var verbose: Int
}

/// The options of the verbs whose results are a table or JSON.
struct CommonOptions: ParsableArguments {
    @OptionGroup var base: BaseOptions

    @Option(name: .shortAndLong, help: "Print results as a table or as JSON.")
    var output: OutputFormat = .table
}

/// Which hosts and services a verb is for; everything where nothing is named.
struct SelectionOptions: ParsableArguments {
    @Option(
        name: .long, parsing: .singleValue, help: "Only this host; may be repeated.",
        completion: InventoryCompletion.hosts)
    var host: [String] = []

    @Option(
        name: .long, parsing: .singleValue, help: "Only this service; may be repeated.",
        completion: InventoryCompletion.services)
    var service: [String] = []

    @Option(
        name: .long, parsing: .singleValue, help: "Only hosts with this tag; may be repeated.",
        completion: InventoryCompletion.tags)
    var tag: [String] = []
}

/// Limits for verbs that talk to hosts.
struct ConnectionOptions: ParsableArguments {
    @Option(name: .long, help: "How many hosts at once, 1 to 256.")
    var parallel: Int = 10

    @Option(name: .long, help: "Seconds to connect to a host, 1 to 600.")
    var timeout: Int = 15

    func validate() throws {
        guard (1...256).contains(parallel) else {
            throw ValidationError("--parallel takes a number from 1 to 256")
        }
        guard (1...600).contains(timeout) else {
            throw ValidationError("--timeout takes seconds from 1 to 600")
        }
    }
}
