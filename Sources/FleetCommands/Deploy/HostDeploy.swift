import DeployPlan
import Inventory
import ReleasePacker
import RemoteOps

/// Carries out one host's plan: stage, gate, switch, confirm.
struct HostDeploy {
    /// What is told of the progress.
    enum Progress: Sendable {
        case staging(bytes: Int)
        case step(number: Int, of: Int, text: String)
        case undoing(String)
        case confirming
        case note(String)
    }

    /// What came of it.
    struct Done: Sendable {
        /// Compressed bytes sent.
        var bytesSent = 0
        /// How long nobody controlled what the restarted services control.
        var gaps: [UncontrolledTime] = []
    }

    /// Sending may take long on a bad link; the liveness deadline of the session guards it.
    static let stageDeadline = Duration.seconds(3600)
    /// Longest time for all steps with their health checks and stop time-outs.
    static let applyDeadline = Duration.seconds(1800)

    let plan: HostPlan
    let transfer: HostTransfer
    /// Confirms over connections of its own.
    let confirmation: DeployConfirmation
    let report: @Sendable (Progress) -> Void
    /// What must be done elsewhere between staging and the steps; nil where there is nothing.
    let gate: (@Sendable () async throws(DeployError) -> Void)?

    func run(on remote: any RemoteHost) async throws(DeployError) -> Done {
        guard let gate else { return try await stageAndApply(on: remote) }
        let sent = try await stage(on: remote)
        do {
            try await gate()
        } catch {
            await clean(remote)
            throw error
        }
        return Done(bytesSent: sent, gaps: try await apply(on: remote))
    }

    private func stageAndApply(on remote: any RemoteHost) async throws(DeployError) -> Done {
        let stream = TransferStream(transfer.items)
        report(.staging(bytes: transfer.items.reduce(0) { $0 + $1.size }))
        let log = StepLog(steps: plan.steps, undo: plan.undo, report: report)
        let result: CommandResult
        do throws(DeployError) {
            result = try await run(
                transfer.wholeCommand, stream.source, Self.stageDeadline + Self.applyDeadline,
                on: remote
            ) { channel, bytes in
                if channel == .output { log.take(bytes) }
            }
        } catch {
            try await recover(from: error, on: remote.name, log)
            return Done(bytesSent: await stream.bytesProduced, gaps: log.gaps)
        }
        guard log.isStaged else {
            throw .script(host: remote.name, what: "stage the release", result)
        }
        try await conclude(result, log, on: remote)
        return Done(bytesSent: await stream.bytesProduced, gaps: log.gaps)
    }

    private func stage(on remote: any RemoteHost) async throws(DeployError) -> Int {
        let stream = TransferStream(transfer.items)
        report(.staging(bytes: transfer.items.reduce(0) { $0 + $1.size }))
        let result = try await run(
            transfer.stageCommand, stream.source, Self.stageDeadline, on: remote, listener: nil)
        guard result.succeeded else {
            throw .script(host: remote.name, what: "stage the release", result)
        }
        return await stream.bytesProduced
    }

    /// The transfer's folder goes; the releases in it have been placed already and stay.
    private func clean(_ remote: any RemoteHost) async {
        // Left-overs do no harm, and the host may be out of reach: a failure here changes nothing.
        _ = try? await remote.run(
            RemoteCommand(["rm", "-rf", HostLayout.staging(transfer.id)], as: .root))
    }

    private func apply(
        on remote: any RemoteHost
    ) async throws(DeployError) -> [UncontrolledTime] {
        let log = StepLog(steps: plan.steps, undo: plan.undo, report: report)
        let result: CommandResult
        do throws(DeployError) {
            result = try await run(
                transfer.applyCommand, .empty, Self.applyDeadline, on: remote
            ) { channel, bytes in
                if channel == .output { log.take(bytes) }
            }
        } catch {
            try await recover(from: error, on: remote.name, log)
            return log.gaps
        }
        try await conclude(result, log, on: remote)
        return log.gaps
    }

    /// The link broke under the steps, or their script ended without a word: the host goes on or
    /// back, and whoever reaches it in time may still confirm, or hear how it ended.
    private func recover(
        from error: DeployError, on host: String, _ log: StepLog
    ) async throws(DeployError) {
        if case .remote(let cause) = error, cause.code == .cancelled { throw error }
        guard log.hasBegun else { throw error }
        report(.confirming)
        switch await confirmation.obtain(transfer.id) {
        case .confirmed: return
        case .ended(let outcome): throw .takenBack(host: host, reason: outcome)
        case .unknown, .unreached: throw error
        }
    }

    /// What the apply script's end means.
    private func conclude(
        _ result: CommandResult, _ log: StepLog, on remote: any RemoteHost
    ) async throws(DeployError) {
        switch (result.status, log.failure) {
        case (.code(0), _) where log.isSwitched:
            report(.confirming)
            try await confirm(on: remote)
        case (.code(1), nil):
            guard let reason = log.refusal else { throw .unclear(host: remote.name, result) }
            throw .notBegun(host: remote.name, reason: reason)
        case (.code(75), _):
            await clean(remote)
            if let gate = log.closedGate {
                throw .gateClosed(
                    service: gate.service, host: remote.name, reason: gate.reason)
            }
            throw .locked(host: remote.name, holder: log.lockHolder ?? "unknown")
        case (.code(4), let failure?):
            throw .stepFailed(
                host: remote.name, step: failure.step, reason: failure.reason, restored: .whole)
        case (.code(1), let failure?):
            throw .stepFailed(
                host: remote.name, step: failure.step, reason: failure.reason,
                restored: .broken(
                    log.undoFailures
                        + (log.closedGate.map {
                            [
                                "\($0.service) was not touched again: \($0.reason);"
                                    + " the host goes back by itself once its gate opens"
                            ]
                        } ?? [])))
        default:
            try await recover(from: .unclear(host: remote.name, result), on: remote.name, log)
        }
    }

    private func confirm(on remote: any RemoteHost) async throws(DeployError) {
        switch await confirmation.obtain(transfer.id) {
        case .confirmed: return
        case .ended(let outcome): throw .takenBack(host: remote.name, reason: outcome)
        case .unknown:
            throw .notConfirmed(
                host: remote.name, reason: "the host knows nothing of this deploy any more",
                seconds: confirmation.seconds)
        case .unreached(let error):
            throw .notConfirmed(
                host: remote.name, reason: error.message, seconds: confirmation.seconds)
        }
    }

    private func run(
        _ command: RemoteCommand, _ input: ByteSource, _ deadline: Duration,
        on remote: any RemoteHost,
        listener: (@Sendable (RunOptions.Channel, [UInt8]) -> Void)?
    ) async throws(DeployError) -> CommandResult {
        do {
            return try await remote.run(
                command, input: input, options: RunOptions(deadline: deadline, onOutput: listener))
        } catch {
            throw .remote(error)
        }
    }
}
