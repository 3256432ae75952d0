import Audit
import Foundation
import RemoteOps
import Reports

/// Why the steps of `audit --fix` on a host came to a stop, and what state that leaves.
struct FixFailure: Error {
    /// What went wrong.
    enum Cause: Error {
        case remote(RemoteError)
        /// A step failed; what the host said.
        case step(String)
        /// The host did not say how the steps ended.
        case script(CommandResult)
        case units(String)
        case deploy(DeployError)
    }

    var cause: Cause
    var done: [FixPlan.Step]
    /// The step that failed, and those after it.
    var left: [FixPlan.Step]

    var kind: RemoteError.Kind {
        switch cause {
        case .remote(let error): error.kind
        case .deploy(.remote(let error)): error.kind
        case .step, .script, .units, .deploy: .failed
        }
    }

    /// Whether a deploy that is under way is all that was in the way.
    var isDeferral: Bool {
        if case .deploy(.locked) = cause { true } else { false }
    }

    func text(host: String) -> String {
        var lines = [reason(host)]
        lines.append("  Done there: " + Self.list(done))
        lines.append((isUnclear ? "  Not known to be done: " : "  Not done: ") + Self.list(left))
        lines.append("  `fleetctl audit --host \(host)` says how it is now.")
        return lines.joined(separator: "\n")
    }

    /// Whether steps that were left may be done all the same.
    var isUnclear: Bool {
        switch cause {
        case .remote(let error): error.effect == .mayHaveRun
        case .script, .deploy(.unclear): true
        case .step, .units, .deploy: false
        }
    }

    /// What went wrong.
    func reason(_ host: String) -> String {
        switch cause {
        case .remote(let error): error.message
        case .step(let said): "\(host): \(DisplayText.printable(said))"
        case .script(let result):
            "\(host): it was not said how the steps ended (\(result.status.text)):"
                + " \(result.errorText)"
        case .units(let reason): "\(host): \(reason)"
        case .deploy(let error): error.text
        }
    }

    private static func list(_ steps: [FixPlan.Step]) -> String {
        let texts = steps.map { DisplayText.printable($0.text) }
        return texts.isEmpty ? "nothing" : texts.joined(separator: "; ")
    }
}

/// What `audit-fix.sh` said.
struct FixAnswer {
    /// Each orphan has five seconds for SIGTERM and five for SIGKILL; units have their own times.
    static let deadline = Duration.seconds(180)

    /// The words of the steps that are done.
    var done: Set<String> = []
    /// The step that failed, and why.
    var failure: String?
    /// Who had the host, where nothing was begun.
    var holder: String?
    /// Whether it came to its end.
    var isWhole = false

    init(_ output: [UInt8]) {
        for line in output.split(separator: UInt8(ascii: "\n")) {
            let text = String(decoding: line, as: UTF8.self)
            isWhole = text == "end"
            if text.hasPrefix("ok ") { done.insert(String(text.dropFirst(3))) }
            if text.hasPrefix("locked ") { holder = holder ?? String(text.dropFirst(7)) }
            if text.hasPrefix("failed ") { failure = failure ?? String(text.dropFirst(7)) }
        }
    }
}
