import ArgumentParser
import Foundation
import Inventory

/// What to do about a gate that is closed.
struct GatePolicy: Sendable, Equatable {
    /// How long to wait for it to open; nil not to wait.
    var wait: Duration?
    /// Whether to stop the generator properly first.
    var stopsFirst = false
    /// Why the service is restarted although the gate is closed; nil where it is not.
    var force: String?
}

/// The options of every verb that restarts services behind a gate.
struct GateOptions: ParsableArguments {
    /// What `--wait` alone means.
    static let waitDefault = "2h"
    /// Longest wait.
    static let waitMax = Duration.seconds(48 * 3600)

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Wait for the generator to be idle, 2h where no time is given; --wait=30m.",
            valueName: "time"))
    var wait: String?

    @Flag(name: .long, help: "Stop the generator first, with its cooldown.")
    var stopFirst = false

    @Flag(name: .long, help: "Restart even if the generator runs; needs --reason.")
    var force = false

    @Option(name: .long, help: "Why --force; recorded on the host and in the history.")
    var reason: String?

    /// The verbs that have these options; `--wait` of others is their own.
    private static let verbs: Set<String> = ["deploy", "rollback", "units", "generator"]

    /// The arguments with the time that a bare `--wait` stands for: the parser knows no option
    /// whose value may be left out. What follows `--` is not looked at.
    static func spelledOut(_ arguments: [String]) -> [String] {
        guard let verb = arguments.first, verbs.contains(verb) else { return arguments }
        let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
        return arguments.indices.map { index in
            guard index < end, arguments[index] == "--wait" else { return arguments[index] }
            let next = index + 1 < end ? arguments[index + 1] : ""
            return DurationText.parse(next) == nil ? "--wait=\(waitDefault)" : "--wait"
        }
    }

    func validate() throws {
        if let wait {
            guard let time = DurationText.parse(wait), time > .zero, time <= Self.waitMax else {
                throw ValidationError("--wait takes a time from 1s to 48h, such as --wait=2h")
            }
        }
        guard force == (reason != nil) else {
            throw ValidationError(
                force
                    ? "--force needs --reason \"…\", which is recorded"
                    : "--reason is for --force")
        }
        if force, wait != nil || stopFirst {
            throw ValidationError("--force goes without --wait and --stop-first")
        }
        if let reason, reason.printable.isEmpty {
            throw ValidationError("--reason takes some words")
        }
    }

    /// The options as a value.
    var policy: GatePolicy {
        GatePolicy(
            wait: wait.flatMap(DurationText.parse), stopsFirst: stopFirst,
            force: reason.map { String($0.printable.replacing("\n", with: " ").prefix(200)) })
    }

    /// Says what a forced restart does.
    func warn(_ console: Console) {
        guard force else { return }
        console.complain(
            "--force: a restart of the server switches the generator off even if it runs, under "
                + "load and without cooldown")
    }
}
