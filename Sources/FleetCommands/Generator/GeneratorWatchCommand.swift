import ArgumentParser
import Foundation
import GeneratorCore
import GeneratorWire

/// `fleetctl generator watch`.
struct GeneratorWatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Print a line for every change of the generator's state.",
        discussion: """
            Connects anew where the link breaks, and says where changes may have been missed. \
            Ctrl-C ends it. -o json prints one JSON object a line.

            EXIT STATUS: 0 ended by Ctrl-C; 1 no answer, or none for an hour, or an older server, \
            which cannot be watched; 64 usage; 77 host key or authentication.
            """)

    /// Longest time without a connection.
    static let outageMax = Duration.seconds(3600)
    /// Between two tries.
    static let pause = Duration.seconds(5)
    /// Silence after which the server is asked whether it is there.
    static let silence = Duration.seconds(20)

    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let format = common.output
        try await withGenerator(common.base, selection, connection) { link, console in
            let ending = await Interruption.watching {
                await Self.watch(link, console, format)
            }
            if case .finished(let failure) = ending {
                console.error("\(link.server.host.name): \(failure.text)")
                throw failure.exit.error
            }
        }
    }

    /// Why watching ended.
    struct Ending: Sendable {
        var text: String
        var exit: FleetExit = .failed
    }

    private static func watch(
        _ link: GeneratorLink, _ console: Console, _ format: OutputFormat
    ) async -> Ending {
        var printer = WatchPrinter(host: link.server.host.name.text, format: format)
        var heard: ContinuousClock.Instant?
        while true {
            do throws(GeneratorClient.Failure) {
                var client = try await link.open()
                switch GeneratorAnswer(try await client.ask("WATCH")) {
                case .done: break
                case .unknownCommand:
                    return Ending(
                        text: "the server there is the older one, which cannot be watched; "
                            + "use: fleetctl generator status")
                case let answer:
                    return Ending(text: answer.text("watch"), exit: answer.exit ?? .failed)
                }
                printer.take(try await client.status()).forEach(console.result)
                while true {
                    heard = .now
                    if let change = try await client.nextChange(within: silence) {
                        console.result(printer.line(change))
                    } else {
                        _ = try await client.ask("PING")
                    }
                }
            } catch {
                let isFirst = heard == nil
                if Task.isCancelled || isFirst || error.exit == .notPermitted
                    || .now - (heard ?? .now) > outageMax
                {
                    return Ending(text: error.text, exit: error.exit)
                }
                if printer.breaks() {
                    console.complain(
                        "\(link.server.host.name): no answer (\(error.summary.printable)); "
                            + "trying again")
                }
                await link.mend(error)
                guard await SequenceFollow.pauses(for: pause) else { return Ending(text: "") }
            }
        }
    }
}

/// Makes lines of states and changes, with the local time at which they were heard.
struct WatchPrinter {
    /// A line of `-o json`.
    private struct Entry: Encodable {
        var time: String
        var host: String
        var from: String?
        var state: String
        var secondsLeft: Int64?
        /// Changes between `from` and `state` may have been missed.
        var mayHaveMissed: Bool?
    }

    let host: String
    let format: OutputFormat
    var clock: @Sendable () -> Date = { Date() }
    private var state: GeneratorState?
    private var isBroken = false

    init(host: String, format: OutputFormat) {
        self.host = host
        self.format = format
    }

    /// The connection broke; true where that is news.
    mutating func breaks() -> Bool {
        defer { isBroken = true }
        return !isBroken
    }

    /// The state at the beginning, or after an outage where it is another than before.
    mutating func take(_ status: GeneratorStatus) -> [String] {
        defer { isBroken = false }
        guard let now = status.state.known else { return ["\(host): \(status.stateWords)"] }
        defer { state = now }
        if now == state, !isBroken { return [] }
        let left = status.stateSecondsLeft.known.flatMap { $0 }
        return [text(from: state, to: now, left, mayHaveMissed: isBroken)]
    }

    /// A change.
    mutating func line(_ change: StateChange) -> String {
        state = change.to
        return text(
            from: change.from, to: change.to, change.secondsLeft, mayHaveMissed: false)
    }

    private func text(
        from: GeneratorState?, to: GeneratorState, _ left: Int64?, mayHaveMissed: Bool
    ) -> String {
        let now = clock()
        switch format {
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            let entry = Entry(
                time: ISO8601DateFormatter().string(from: now), host: host,
                from: from.map(WireText.name), state: WireText.name(to), secondsLeft: left,
                mayHaveMissed: mayHaveMissed ? true : nil)
            // Strings and numbers always encode.
            return (try? encoder.encode(entry)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        case .table:
            let formatter = DateFormatter()
            formatter.locale = Locale(identifier: "en_US_POSIX")
            formatter.dateFormat = "yyyy-MM-dd HH:mm:ss"
            return "\(formatter.string(from: now)) \(host): \(to.words)"
                + (left.map { ", \(spoken($0)) left" } ?? "")
                + (mayHaveMissed ? " (after an outage; changes may have been missed)" : "")
        }
    }
}
