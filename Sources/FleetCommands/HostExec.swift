import ArgumentParser
import Foundation
import Inventory
import RemoteOps
import Reports

/// `fleetctl host exec`: one command on each host.
struct HostExec: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec",
        abstract: "Run a command on each host.",
        usage: """
            fleetctl host exec [options] -- <command> [<argument> ...]
            fleetctl host exec [options] --shell <text>
            """,
        discussion: """
            After -- each argument reaches the command as it is given here. --shell takes a line \
            of POSIX sh instead. The output of several hosts is labelled line by line; that of \
            one host is left as it is, so that it can be piped.

            Exits 0 where the command succeeded everywhere, 3 where it did on some hosts, 1 where \
            it failed on all, 77 where all refused host key or login.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var connection: ConnectionOptions

    @Option(name: .long, help: "A line of POSIX sh to run in place of a command.")
    var shell: String?

    @Flag(name: .long, help: "Run it as root, as the inventory's `sudo` says.")
    var sudo = false

    @Option(name: .long, help: "Seconds that the command may take, 1 to 86400.")
    var deadline: Int = 60

    @Argument(parsing: .postTerminator, help: "The command and its arguments, after --.")
    var command: [String] = []

    func validate() throws {
        guard (1...86_400).contains(deadline) else {
            throw ValidationError("--deadline takes seconds from 1 to 86400")
        }
        guard command.isEmpty != (shell == nil) else {
            throw ValidationError("name a command after --, or a line of sh with --shell")
        }
        guard ([shell ?? ""] + command).allSatisfy({ !$0.utf8.contains(0) }) else {
            throw ValidationError("an argument cannot hold a NUL")
        }
    }

    /// What one host's command left behind, as the JSON shows it.
    struct Row: Encodable, Equatable {
        var host: String
        /// 0 to 255, where it exited.
        var exitCode: Int?
        /// The signal's name, where one ended it.
        var signal: String?
        var output: String?
        var errorOutput: String?
        /// Why there is no result.
        var error: String?
    }

    func run() async throws {
        let chosen = try loadSelection(common, selection)
        let console = Console(common)
        let connections = Connections(chosen.fleet, common, connection)
        let command = remoteCommand
        let printer = HostOutput(
            isLabelled: chosen.hosts.count > 1, isQuiet: common.output == .json)
        let options = RunOptions(deadline: .seconds(deadline))
        let outcomes = await connections.forEachHost(chosen.hosts, limit: connection.parallel) {
            (host) async throws(RemoteError) -> CommandResult in
            let session = try await connections.host(host.name)
            var options = options
            options.onOutput = { printer.write($1, of: $0, from: host.name.text) }
            defer { printer.finish(host.name.text) }
            return try await session.run(command, input: .empty, options: options)
        }
        await connections.close()
        if common.output == .json { console.result(try HostJSON.text(outcomes.map(Self.row))) }
        try conclude(outcomes, console)
    }

    private var remoteCommand: RemoteCommand {
        let identity: RemoteCommand.Identity = sudo ? .root : .login
        guard let shell else { return RemoteCommand(command, as: identity) }
        return RemoteCommand(["sh", "-c", shell], as: identity)
    }

    private func conclude(
        _ outcomes: [HostOutcome<CommandResult, RemoteError>], _ console: Console
    ) throws {
        var failures: [RemoteError.Kind] = []
        for outcome in outcomes {
            switch outcome.result {
            case .success(let result):
                guard !result.succeeded else { continue }
                failures.append(.failed)
                console.error("\(outcome.host.name): \(Self.ending(result.status))")
            case .failure(let error):
                failures.append(error.kind)
                console.error(error.message)
            }
        }
        let code = FleetExit.forHosts(outcomes.count, failures: failures)
        if code != .success { throw code.error }
    }

    private static func ending(_ status: ExitStatus) -> String {
        switch status {
        case .code(let code): "the command exited with \(code)"
        case .signal(let name): "the command was ended by SIG\(DisplayText.printable(name))"
        case .unknown: "the command ended, and the host did not say how"
        }
    }

    private static func row(_ outcome: HostOutcome<CommandResult, RemoteError>) -> Row {
        var row = Row(host: outcome.host.name.text)
        switch outcome.result {
        case .success(let result):
            switch result.status {
            case .code(let code): row.exitCode = code
            case .signal(let name): row.signal = name
            case .unknown: row.error = "the host did not say how the command ended"
            }
            row.output = String(decoding: result.output, as: UTF8.self)
            row.errorOutput = String(decoding: result.errorOutput, as: UTF8.self)
        case .failure(let error): row.error = error.summary
        }
        return row
    }
}
