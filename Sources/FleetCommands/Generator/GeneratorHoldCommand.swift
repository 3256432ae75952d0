import ArgumentParser
import Foundation
import GeneratorWire
import Inventory

/// `fleetctl generator hold`.
struct GeneratorHoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold",
        abstract: "Keep the generator from being started for a while.",
        discussion: """
            Granted only while nothing runs and nothing is under way. A second hold of the same \
            owner takes the place of the first. It ends by itself.

            EXIT STATUS: 0 held; 1 failed, or an older server, which has no holds; 64 usage; \
            75 refused for now: held by somebody else, or not idle; 77 host key or authentication.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var owner: HoldOwnerOption

    @Option(name: .customLong("for"), help: "How long, such as 10m or 1h30m; at most 24h.")
    var time: String = "10m"

    @Option(name: .long, help: "Why, for whoever is refused: at most 80 letters.")
    var reason: String

    /// The seconds; nil where they are none that the server takes.
    private var seconds: Int64? {
        guard let seconds = DurationText.parse(time)?.components.seconds,
            (1...86_400).contains(seconds)
        else { return nil }
        return seconds
    }

    func validate() throws {
        guard seconds != nil else {
            throw ValidationError("--for takes a time from 1s to 24h, such as 10m or 1h30m")
        }
        guard !reason.isEmpty, reason.utf8.count <= WireLimits.holdReason,
            reason.utf8.allSatisfy({ (0x20...0x7E).contains($0) }),
            reason.contains(where: { $0 != " " })
        else { throw ValidationError("--reason takes 1 to 80 printable ASCII letters") }
    }

    func run() async throws {
        guard let seconds else { throw FleetExit.usage.error }
        try await change(
            "HOLD \(owner.name) \(seconds) \(reason)", "the hold", common, selection, connection)
    }
}

/// `fleetctl generator release`.
struct GeneratorReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "End a hold on the generator.",
        discussion: """
            Only its owner's name ends it. Where there is no hold, there is nothing to do.

            EXIT STATUS: 0 no hold any more; 1 failed, or an older server, which has no holds; \
            64 usage; 75 held by somebody else; 77 host key or authentication.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var owner: HoldOwnerOption

    func run() async throws {
        try await change(
            "RELEASE \(owner.name)", "the release", common, selection, connection)
    }
}

/// Whose hold it is.
struct HoldOwnerOption: ParsableArguments {
    @Option(name: .long, help: "The hold's owner, user@host by default: at most 32 letters.")
    var owner: String?

    func validate() throws {
        guard let owner else { return }
        guard owner == Self.sanitized(owner), !owner.isEmpty else {
            throw ValidationError("--owner takes 1 to 32 visible ASCII letters without blanks")
        }
    }

    /// The owner as the server takes it.
    var name: String {
        if let owner { return owner }
        let host = ProcessInfo.processInfo.hostName.split(separator: ".").first ?? "unknown"
        return Self.sanitized("\(NSUserName())@\(host)")
    }

    /// At most 32 visible ASCII bytes; others become `-`.
    static func sanitized(_ text: String) -> String {
        let bytes = text.utf8.prefix(WireLimits.holdOwner).map {
            (0x21...0x7E).contains($0) ? $0 : UInt8(ascii: "-")
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// What a verb that asks for one change has to say, as JSON.
struct GeneratorChangeReport: Encodable {
    var host: String
    var service: String
    var done: Bool
    var detail: String
}

/// Asks the server for one change and ends the verb by its answer.
func change(
    _ command: String, _ what: String, _ common: CommonOptions, _ selection: SelectionOptions,
    _ connection: ConnectionOptions
) async throws {
    try await withGenerator(common.base, selection, connection) { link, console in
        try await change(command, what, link, console, common.output)
    }
}

/// The same over a link that is there already.
func change(
    _ command: String, _ what: String, _ link: GeneratorLink, _ console: Console,
    _ format: OutputFormat
) async throws {
    let server = link.server
    let answer = GeneratorAnswer(try await link.ask(command))
    let text = answer.text(what).printable
    switch format {
    case .json:
        try console.json(
            GeneratorChangeReport(
                host: server.host.name.text, service: server.service.name.text,
                done: answer.exit == nil, detail: text))
    case .table:
        let line = "\(server.host.name): \(text)"
        if answer.exit == nil { console.result(line) } else { console.error(line) }
    }
    if let exit = answer.exit { throw exit.error }
}
