import ArgumentParser
import Foundation

/// How far a run over several hosts goes on when some of them fail.
struct FailureOptions: ParsableArguments {
    @Option(
        name: .long,
        help: "Go on with the other hosts until more than so many have failed, 0 to 1000.")
    var maxFailures = 0

    func validate() throws {
        guard (0...1000).contains(maxFailures) else {
            throw ValidationError("--max-failures takes a number from 0 to 1000")
        }
    }

    var limit: FailureLimit { FailureLimit(hosts: maxFailures) }
}

extension [FleetDeploy.Planned] {
    /// Ends the run where so many hosts have failed already that none may be begun.
    func stop(beyond limit: FailureLimit, _ console: Console) throws {
        let failed = count { $0.hasFailed }
        guard failed > limit.hosts, let exit = failureExit else { return }
        let others = contains { $0.isPending }
        console.error(
            "nothing was changed on any host"
                + (others ? "; with --max-failures \(failed) the others are gone on with" : ""))
        throw exit.error
    }
}

extension [FleetDeploy.Finished] {
    /// How many hosts came out how, how long it all took, and which host took longest.
    ///
    /// - Parameter time: from the first host's begin to the last one's end.
    func summary(_ time: Duration) -> String {
        let counts = DeployOutcome.allCases.compactMap { outcome -> String? in
            let number = count { $0.outcome == outcome }
            return number == 0 ? nil : "\(number) \(outcome.rawValue)"
        }
        func text(_ time: Duration) -> String { String(format: "%.1f s", time.seconds) }
        var summary = "\(count) hosts: \(counts.joined(separator: ", ")); \(text(time))"
        if let slowest = self.max(by: { $0.duration < $1.duration }), slowest.duration > .zero {
            summary += ", the slowest was \(slowest.host) with \(text(slowest.duration))"
        }
        return summary
    }
}
