import ArgumentParser
import Inventory
import RemoteOps

/// `fleetctl generator log`.
struct GeneratorLogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Show the end of the server's log.",
        discussion: """
            From the journal of a host with systemd, else from the supervisor's log. One exec; \
            changes nothing. Control characters are removed.

            EXIT STATUS: 0; 1 failed; 64 usage; 77 host key, authentication or sudo; 130 Ctrl-C \
            before the end, 0 with -f.
            """)

    /// Longest time that the log is followed.
    static let followMax = Duration.seconds(86_400)
    /// Time for a log that is not followed.
    static let deadline = Duration.seconds(60)
    /// Bytes of the log that are passed on in one run.
    static let outputMax = 64 << 20

    @OptionGroup var base: BaseOptions
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var connection: ConnectionOptions

    @Option(name: [.customShort("n"), .long], help: "How many lines, 1 to 100000.")
    var lines: Int = 50

    @Flag(name: .shortAndLong, help: "Go on with every new line until Ctrl-C.")
    var follow = false

    func validate() throws {
        guard (1...100_000).contains(lines) else {
            throw ValidationError("--lines takes a number from 1 to 100000")
        }
    }

    func run() async throws {
        let (lines, follow) = (lines, follow)
        try await withGenerator(base, selection, connection) { link, console in
            let command = Self.command(link.server, lines: lines, follow: follow)
            let ending = await Interruption.watching {
                await Self.print(command, link, follow: follow)
            }
            switch ending {
            case .interrupted: if !follow { throw FleetExit.interrupted.error }
            case .finished(.success(let result)):
                guard !result.succeeded else { return }
                console.error("\(link.server.host.name): the log could not be read")
                throw FleetExit.failed.error
            case .finished(.failure(let error)):
                console.error(error.message)
                throw GeneratorClient.Failure.remote(error).exit.error
            }
        }
    }

    private static func print(
        _ command: RemoteCommand, _ link: GeneratorLink, follow: Bool
    ) async -> Result<CommandResult, RemoteError> {
        let host = link.server.host.name
        let printer = HostOutput(isLabelled: false, isQuiet: false, isCleaned: true)
        defer { printer.finish(host.text) }
        do throws(RemoteError) {
            let remote = try await link.connections.host(host)
            var options = RunOptions(deadline: follow ? followMax : deadline)
            options.outputLimit = outputMax
            options.onOutput = { printer.write($1, of: $0, from: host.text) }
            // The script ends when its standard input does: a follower is never left behind.
            let input = follow ? ByteSource { try await forever() } : .empty
            return .success(try await remote.run(command, input: input, options: options))
        } catch {
            return .failure(error)
        }
    }

    private static func forever() async throws -> [UInt8]? {
        try await Task.sleep(for: followMax)
        return nil
    }

    /// What shows the log on the server's host.
    static func command(
        _ server: GeneratorServer, lines: Int, follow: Bool
    ) -> RemoteCommand {
        let identity: RemoteCommand.Identity =
            server.host.privilege == .unprivileged ? .login : .root
        let name = server.service.name.text
        let script: String
        switch server.host.initSystem {
        case .systemd:
            let unit = ShellWord.quoted(name + ".service")
            let show = "journalctl --no-pager -o short-iso -u \(unit) -n \(lines)"
            script = follow ? following(show + " -f") : show
        case .rcLocal:
            let log = ShellWord.quoted("/var/log/\(name).log")
            let show =
                "[ -r \(log) ] || { echo no log at \(log) >&2; exit 1; }; "
                + "{ cat \(log).1 2>/dev/null; cat \(log); } | tail -n \(lines)"
            script = follow ? show + "; " + following("tail -n 0 -F \(log)") : show
        }
        return RemoteCommand(["sh", "-c", script], as: identity)
    }

    /// Runs until the client's end of standard input.
    private static func following(_ command: String) -> String {
        command + " & follower=$!; cat >/dev/null; kill $follower"
    }
}
