import Foundation
import Inventory
import InventoryFile
import RemoteOps
import SSHTransport

/// Finds out what a first inventory must say: from options, from a person, from the hosts.
struct InitDialogue {
    /// Why there is no inventory.
    enum Failure: Error {
        /// An option is missing where there is no terminal to ask on.
        case missing(String)
        /// What was said makes no inventory.
        case problems(InventoryProblems)
        case question(Questioner.Failure)
        case remote(RemoteError)
        /// A host key was not accepted.
        case notTrusted(String)
        /// A host says to be something that fleetctl does not know.
        case unknownKind(String)

        var lines: [String] {
            switch self {
            case .missing(let option): ["there is no terminal to ask on; say \(option)"]
            case .problems(let error): error.problems.map { "\($0.path): \($0.sentence)" }
            case .question(.ended): ["the input ended before everything was said"]
            case .question(.useless(let question)): ["no answer to '\(question)' could be used"]
            case .remote(let error): [error.message]
            case .notTrusted(let host): ["\(host): its key is not known, so it is not asked"]
            case .unknownKind(let host): ["\(host): what it is cannot be told; say --arch"]
            }
        }

        var exit: FleetExit {
            switch self {
            case .missing, .problems: .usage
            case .question, .unknownKind: .failed
            case .remote(let error): error.kind == .notPermitted ? .notPermitted : .failed
            case .notTrusted: .notPermitted
            }
        }
    }

    /// Hosts that are asked for at once.
    static let hostLimit = 50

    let console: Console
    /// Where the inventory will be.
    let path: String
    /// Seconds to connect.
    let timeout: Int
    let answers: InitAnswers
    let fingerprints: [String]
    let isOffline: Bool
    let hasTerminal: Bool

    private var questioner: Questioner { Questioner(console: console) }

    func inventory() async throws(Failure) -> NewInventory {
        var inventory = NewInventory(
            fleet: try ask("Name of the fleet", answers.fleet, "--fleet", fallback: "home"),
            hosts: [])
        while inventory.hosts.count < Self.hostLimit {
            let entry = try host(after: inventory)
            inventory.hosts.append(try await completed(entry, in: inventory))
            guard hasTerminal, !answers.isWholeHost, try wants("Another host?") else { break }
        }
        return inventory
    }

    // MARK: What a person says

    private func host(after inventory: NewInventory) throws(Failure) -> NewInventory.Entry {
        let isFirst = inventory.hosts.isEmpty
        let said = isFirst ? answers : nil
        let taken = inventory.hosts.map(\.name)
        let name = try ask("Name of the host", said?.name, "--name") { text in
            if taken.contains(text) { return "there is such a host already" }
            return HostName(text) == nil ? "a name has letters a-z, digits and '-'" : nil
        }
        let address = try ask("Its address", said?.address, "--address") { text in
            text.isEmpty ? "a host name or an IP address" : nil
        }
        var entry = NewInventory.Entry(
            name: name, address: address, user: "", arch: said?.arch ?? "arm64",
            initSystem: said?.initSystem ?? "systemd")
        entry.port = said?.port ?? 22
        if !isFirst {
            let way = try ask("Reached through (empty: directly)", nil, "", fallback: "") { text in
                text.isEmpty || taken.contains(text)
                    ? nil : "one of \(taken.joined(separator: ", ")), or nothing"
            }
            entry.via = way.isEmpty ? nil : way
        }
        entry.user = try ask("Who logs in", said?.user, "--user", fallback: NSUserName())
        entry.sudo = said?.sudo
        (entry.identity, entry.password) = (said?.identity, said?.password)
        if entry.identity == nil, entry.password == nil, hasTerminal {
            let key = try ask(
                "Its private key (empty: the agent's or the usual)", nil, "", fallback: "",
                objection: Self.objection(toKey:))
            entry.identity = key.isEmpty ? nil : key
            if key.isEmpty {
                let password = try ask(
                    "Its password, by reference: env:NAME or file:PATH (empty: none)", nil, "",
                    fallback: "")
                entry.password = password.isEmpty ? nil : password
            }
        }
        return entry
    }

    /// Why a key file cannot be used; nil where it can, or where none is named.
    private static func objection(toKey path: String) -> String? {
        guard !path.isEmpty else { return nil }
        return switch KeyFile.problem(at: path) {
        // The agent may have one with a passphrase; the login shows it.
        case nil, .needsPassphrase: nil
        case .missing: "there is no such file"
        case .openToOthers: "others may read it, so it is refused: chmod 600 \(path)"
        case .unreadable: "is no private key that can be read; name it, not its .pub file"
        }
    }

    /// The option's value, else what a person says, else the fallback.
    private func ask(
        _ question: String, _ said: String?, _ option: String, fallback: String? = nil,
        objection: (String) -> String? = { _ in nil }
    ) throws(Failure) -> String {
        // What is wrong with it the inventory's own check says.
        if let said { return said }
        guard hasTerminal else {
            if let fallback { return fallback }
            throw .missing(option)
        }
        do throws(Questioner.Failure) {
            return try questioner.ask(question, fallback: fallback, objection: objection)
        } catch {
            throw .question(error)
        }
    }

    private func wants(_ question: String) throws(Failure) -> Bool {
        do throws(Questioner.Failure) {
            return try questioner.wants(question)
        } catch {
            throw .question(error)
        }
    }

    // MARK: What the host says

    /// The entry with what the host itself says of processor and init, unless the options do.
    private func completed(
        _ entry: NewInventory.Entry, in inventory: NewInventory
    ) async throws(Failure) -> NewInventory.Entry {
        var whole = inventory
        whole.hosts.append(entry)
        let fleet: Fleet
        do throws(InventoryProblems) {
            fleet = try whole.fleet(path: path)
        } catch {
            throw .problems(error)
        }
        guard !isOffline, let host = fleet.hosts.last else { return entry }
        let connections = Connections(fleet, connectTimeout: .seconds(timeout))
        let result = await kind(of: host, connections)
        await connections.close()
        let kind = try result.get()
        var entry = entry
        if answers.arch == nil { entry.arch = kind.architecture.rawValue }
        if answers.initSystem == nil { entry.initSystem = kind.initSystem.rawValue }
        console.say("\(entry.name): logged in; \(entry.arch), \(entry.initSystem)")
        return entry
    }

    private func kind(of host: Host, _ connections: Connections) async -> Result<HostKind, Failure>
    {
        let truster = HostTruster(
            connections: connections, console: console, fingerprints: fingerprints)
        do throws(RemoteError) {
            guard try await truster.trust(host) else {
                return .failure(.notTrusted(host.name.text))
            }
            let session = try await connections.host(host.name)
            let said = try await session.run(HostKind.command)
            guard let kind = HostKind(String(decoding: said.output, as: UTF8.self)) else {
                return .failure(.unknownKind(host.name.text))
            }
            return .success(kind)
        } catch {
            return .failure(.remote(error))
        }
    }
}

extension InitAnswers {
    /// Whether the options say all that a host needs: then nobody is asked for another.
    fileprivate var isWholeHost: Bool { name != nil && address != nil }
}
