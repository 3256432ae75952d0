import ArgumentParser
import Inventory
import RemoteOps

/// `fleetctl logs`.
struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Show the logs of services.",
        discussion: """
            From the journal of a host with systemd, else from the supervisor's log; changes \
            nothing. Lines of several services are labelled, and come as they arrive. Control \
            characters are removed. -o json prints an object a line.

            EXIT STATUS: 0; 1 failed; 3 some logs could not be read; 64 usage; 77 host key, \
            authentication or sudo; 130 Ctrl-C.
            """)

    /// Longest time that logs are followed.
    static let followMax = Duration.seconds(86_400)
    /// Time for logs that are not followed.
    static let deadline = Duration.seconds(120)
    /// Bytes of one log that are passed on in one run.
    static let outputMax = 64 << 20
    /// Lines of a log where neither a number nor a time is given.
    static let usualLines = 50
    /// Logs of one host at once: sshd takes ten channels a session by default (MaxSessions).
    static let perHostMax = 8

    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var connection: ConnectionOptions

    @Argument(
        help: "Services; all that the options choose where none is named.",
        completion: InventoryCompletion.services)
    var services: [String] = []

    @Flag(name: .shortAndLong, help: "Go on with every new line until Ctrl-C.")
    var follow = false

    @Option(name: .long, help: "From then on: 10m, 2h, 3d ago; today; 2026-01-31 [12:00[:00]].")
    var since: String?

    @Option(
        name: [.customShort("n"), .long],
        help: "How many lines of each, 1 to 100000; 50 by default, all with --since.")
    var lines: Int?

    @Option(name: .long, help: "At least so important: emerg, alert, crit, err, …, debug; 0 to 7.")
    var priority: LogPriority?

    func validate() throws {
        guard (1...100_000).contains(lines ?? 1) else {
            throw ValidationError("--lines takes a number from 1 to 100000")
        }
        guard let since else { return }
        guard LogSince(since) != nil else {
            throw ValidationError(
                "--since takes 10m, 2h or 3d for so long ago, today, or a local time of "
                    + "the host such as '2026-01-31 12:00'")
        }
    }

    func run() async throws {
        var options = selection
        options.service += services
        let chosen = try loadSelection(common, options)
        let console = Console(common)
        let sources = LogSource.all(chosen)
        guard !sources.isEmpty else {
            console.error("no chosen host has a service")
            throw FleetExit.usage.error
        }
        if let crowded = LogSource.crowded(sources, max: Self.perHostMax), follow {
            console.error(
                "\(crowded) has more than \(Self.perHostMax) of these services; choose with "
                    + "--service")
            throw FleetExit.usage.error
        }
        if priority != nil, sources.contains(where: { $0.host.initSystem == .rcLocal }) {
            console.say("logs of hosts without systemd have no priorities: every line is shown")
        }
        let connections = Connections(chosen.fleet, common, connection)
        let reader = LogReader(
            request: LogRequest(
                lines: lines ?? (since == nil ? Self.usualLines : nil), follow: follow,
                since: since.flatMap(LogSince.init)?.argument ?? "",
                priority: priority?.rawValue ?? "", isJSON: common.output == .json),
            connections: connections,
            printer: LogPrinter(isLabelled: sources.count > 1, isJSON: common.output == .json))
        let parallel = connection.parallel
        let ending = await Interruption.watching {
            await reader.run(sources, hosts: chosen.hosts, limit: parallel)
        }
        await connections.close()
        switch ending {
        case .interrupted: throw FleetExit.interrupted.error
        case .finished(let failures):
            for failure in failures { console.error(failure.text) }
            let code = FleetExit.forHosts(sources.count, failures: failures.map(\.kind))
            if code != .success { throw code.error }
        }
    }
}

/// The priorities of syslog(3), by journalctl's names.
enum LogPriority: String, ExpressibleByArgument, CaseIterable {
    case emerg, alert, crit, err, warning, notice, info, debug

    init?(argument: String) {
        if let number = Int(argument), Self.allCases.indices.contains(number) {
            self = Self.allCases[number]
        } else if let named = Self(rawValue: argument) {
            self = named
        } else {
            return nil
        }
    }
}

/// A time to show a log from.
struct LogSince: Equatable {
    /// As logs.sh takes it: seconds ago as `-N`, or a local time of the host.
    let argument: String

    /// The time that the text means; nil where it means none.
    init?(_ text: String) {
        if text == "today" {
            argument = text
            return
        }
        if text.hasSuffix("d"), let days = Int(text.dropLast()), (1...3650).contains(days),
            text.first?.isNumber == true
        {
            argument = "-\(days * 86_400)"
            return
        }
        if let ago = DurationText.parse(text), ago > .zero {
            argument = "-\(ago.components.seconds)"
            return
        }
        guard let local = Self.local(text) else { return nil }
        argument = local
    }

    /// `2026-01-31`, with a time of day behind a blank or a T, made whole.
    private static func local(_ text: String) -> String? {
        let parts = text.split(
            maxSplits: 1, omittingEmptySubsequences: false, whereSeparator: { " T".contains($0) })
        let date = numbers(parts[0], separator: "-", widths: [4, 2, 2])
        var time: [Int]? = [0, 0, 0]
        if parts.count == 2 {
            let given = parts[1].utf8.count == 5 ? parts[1] + ":00" : parts[1]
            time = numbers(given, separator: ":", widths: [2, 2, 2])
        }
        guard let date, let time, (1970...9999).contains(date[0]), (1...12).contains(date[1]),
            (1...days(in: date[1], of: date[0])).contains(date[2]), time[0] < 24, time[1] < 60,
            time[2] < 60
        else { return nil }
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(date[0])-\(two(date[1]))-\(two(date[2])) "
            + "\(two(time[0])):\(two(time[1])):\(two(time[2]))"
    }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: 31
        }
    }

    private static func numbers(
        _ text: some StringProtocol, separator: Character, widths: [Int]
    ) -> [Int]? {
        let parts = text.split(separator: separator, omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == widths else { return nil }
        let numbers = parts.compactMap { part in
            part.allSatisfy { $0.isASCII && $0.isNumber } ? Int(part) : nil
        }
        return numbers.count == widths.count ? numbers : nil
    }
}
