import DeployPlan
import Inventory
import ReleasePacker
import RemoteOps

/// Carries out one host's plan: stage, gate, switch.
struct HostDeploy {
    /// What is told of the progress.
    enum Progress: Sendable {
        case staging(bytes: Int)
        case step(number: Int, of: Int, text: String)
        case undoing(String)
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
        let result = try await run(
            transfer.wholeCommand, stream.source, Self.stageDeadline + Self.applyDeadline,
            on: remote
        ) { channel, bytes in
            if channel == .output { log.take(bytes) }
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
        let result = try await run(
            transfer.applyCommand, .empty, Self.applyDeadline, on: remote
        ) { channel, bytes in
            if channel == .output { log.take(bytes) }
        }
        try await conclude(result, log, on: remote)
        return log.gaps
    }

    /// What the apply script's end means.
    private func conclude(
        _ result: CommandResult, _ log: StepLog, on remote: any RemoteHost
    ) async throws(DeployError) {
        switch (result.status, log.failure) {
        case (.code(0), _): return
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
                            ["\($0.service) was not touched again: \($0.reason)"]
                        } ?? [])))
        default:
            throw .unclear(host: remote.name, result)
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
