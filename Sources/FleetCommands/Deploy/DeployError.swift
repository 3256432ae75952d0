import DeployPlan
import Foundation
import Inventory
import RemoteOps
import Reports

/// Why a host could not be planned or deployed.
enum DeployError: Error {
    /// The transport failed.
    case remote(RemoteError)
    /// A script on the host failed before it changed anything that runs.
    case script(host: String, what: String, CommandResult)
    /// The steps were begun, and the host did not say how they ended.
    case unclear(host: String, CommandResult)
    /// The probe's answer cannot be read.
    case probe(host: String, ProbeParser.Failure, CommandResult)
    /// What an earlier deploy left stands and is not ours to end.
    case standing(host: String, String)
    /// The host would not begin the steps.
    case notBegun(host: String, reason: String)
    /// The steps were done, and the host was not reached again in time: it goes back by itself.
    case notConfirmed(host: String, reason: String, seconds: Int)
    /// The host went back by itself; its own word for why.
    case takenBack(host: String, reason: String)
    /// Another deploy holds the host's lock.
    case locked(host: String, holder: String)
    /// The gate is closed.
    case gateClosed(service: String, host: String, reason: String)
    /// A step failed; the state before was restored, whole or not.
    case stepFailed(host: String, step: String, reason: String, restored: Restoration)
    /// The plan may not be carried out.
    case refused(host: String, [Refusal])

    /// Whether the state before came back.
    enum Restoration { case whole, broken([String]) }

    /// The exit code that the failure alone calls for.
    var exit: FleetExit {
        switch self {
        case .remote(let error):
            switch error.code {
            case .hostKeyUnknown, .hostKeyChanged, .authenticationRefused, .secretUnavailable,
                .sudoRefused:
                .notPermitted
            default: .failed
            }
        case .script, .unclear, .probe, .notBegun: .failed
        case .locked, .gateClosed, .standing: .deferred
        case .stepFailed(_, _, _, .whole), .notConfirmed: .rolledBack
        case .takenBack(_, let reason): Self.isWhole(reason) ? .rolledBack : .failed
        case .stepFailed(_, _, _, .broken), .refused: .failed
        }
    }

    /// Whether the host's word says that the state before came back.
    private static func isWhole(_ outcome: String) -> Bool {
        outcome == "undone" || outcome.hasPrefix("reverted")
    }

    /// What the failure means for the host, in one word for the summary.
    var outcome: DeployOutcome {
        switch self {
        case .remote(let error): error.effect == .mayHaveRun ? .unknown : .unreachable
        case .script, .probe, .notBegun: .failed
        case .notConfirmed: .unknown
        case .takenBack(_, let reason): Self.isWhole(reason) ? .rolledBack : .failed
        case .unclear: .unknown
        case .locked, .gateClosed, .standing: .deferred
        case .stepFailed(_, _, _, .whole): .rolledBack
        case .stepFailed(_, _, _, .broken), .refused: .failed
        }
    }

    /// The failure in words: what, where, what state things are in, what to do.
    var text: String {
        switch self {
        case .remote(let error): error.message
        case .script(let host, let what, let result):
            "\(host): could not \(what) (\(result.status.text)): \(result.errorText)\n"
                + "  Nothing was changed there."
        case .unclear(let host, let result):
            "\(host): the steps were begun, and the host did not say how they ended "
                + "(\(result.status.text)): \(result.errorText)\n"
                + "  They may have done all of their work, some or none; "
                + "`fleetctl plan --host \(host)` says what differs."
        case .probe(let host, .notAProbe(let line), _):
            "\(host): the probe's answer begins with '\(line.printable)'. Does the login shell "
                + "of the user print something? It must be silent for commands.\n"
                + "  Nothing was changed there."
        case .probe(let host, .cutOff, let result):
            "\(host): the probe's answer breaks off: \(result.errorText)\n"
                + "  Nothing was changed there."
        case .standing(let host, let text):
            "\(host): \(text).\n  Nothing was changed by this run. `fleetctl confirm --host "
                + "\(host)` lets that deploy stay; else the host takes it back by itself."
        case .notBegun(let host, let reason):
            "\(host): the host did not begin: \(reason).\n  Nothing was changed there."
        case .notConfirmed(let host, let reason, let seconds):
            "\(host): the steps were done, but the deploy could not be confirmed over a new "
                + "connection within \(seconds) s: \(reason)\n"
                + "  The host goes back to the state before by itself; where it cannot hear you "
                + "now, it may hear you then. `fleetctl plan --host \(host)` says what it runs."
        case .takenBack(let host, let reason) where Self.isWhole(reason):
            "\(host): the host took the deploy back (\(reason)).\n"
                + "  The state before it was restored."
        case .takenBack(let host, let reason):
            "\(host): the host could not take the deploy back whole (\(reason)).\n"
                + "  Look at the host; `fleetctl plan --host \(host)` says what differs."
        case .locked(let host, let holder):
            "\(host): another deploy is under way (\(holder.printable)). Nothing was changed; "
                + "try again when it has ended."
        case .gateClosed(let service, let host, let reason):
            "\(host): \(service) may be restarted only while the generator is idle: \(reason).\n"
                + "  Nothing was changed; the release is staged. Try again when it is idle."
        case .stepFailed(let host, let step, let reason, .whole):
            "\(host): could not \(step): \(reason.indentedBelow)\n"
                + "  The state before this deploy was restored."
        case .stepFailed(let host, let step, let reason, .broken(let failures)):
            "\(host): could not \(step): \(reason.indentedBelow)\n"
                + "  The state before could not be restored whole:\n"
                + failures.map { "    \($0)" }.joined(separator: "\n")
                + "\n  Look at the host; `fleetctl plan --host \(host)` says what differs."
        case .refused(let host, let refusals):
            "\(host): refused: \(refusals.map(\.text).joined(separator: "; "))"
        }
    }
}

/// How a host came out of a deploy.
enum DeployOutcome: String, Codable, Sendable, CaseIterable {
    case unchanged, updated, rolledBack = "rolled back", deferred, failed, unreachable
    /// The link broke while the host was at work: it goes on by itself.
    case unknown
    /// Not begun, because too many other hosts failed before.
    case skipped
}

extension ExitStatus {
    /// The status in words.
    var text: String {
        switch self {
        case .code(let code): "exit code \(code)"
        case .signal(let name): "ended by signal \(name)"
        case .unknown: "the host did not say how it ended"
        }
    }
}

extension CommandResult {
    /// Standard error as text for people, at most 2,000 characters.
    var errorText: String {
        let text = String(decoding: errorOutput, as: UTF8.self).printable
        return text.isEmpty ? "it said nothing" : String(text.suffix(2_000))
    }
}

extension String {
    /// Remote text for people: line ends stay, everything else that a terminal would obey goes.
    var printable: String {
        split(separator: "\n", omittingEmptySubsequences: false)
            .map { DisplayText.printable(String($0)) }.joined(separator: "\n")
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Lines after the first stand below it, indented.
    var indentedBelow: String { replacingOccurrences(of: "\n", with: "\n    ") }
}
