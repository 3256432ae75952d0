import Foundation
import Health
import Inventory
import RemoteOps
import Synchronization

/// Asks every host once, in one exec each, and judges the answers.
struct HealthRound: Sendable {
    /// Old boards start processes slowly, and some questions wait for somebody's answer.
    static let deadline = Duration.seconds(90)
    /// A host with everything prints a hundredth of it.
    static let outputLimit = 4 << 20

    let chosen: Selection
    let connections: Connections
    let parallel: Int
    let history: any MetricHistory
    let console: Console
    /// Whether this is all that is asked of the hosts: each session ends with its host's answer.
    var endsSessions = false

    /// How the fleet is now. Nothing is written to the history.
    func run() async -> FleetHealth {
        let outcomes = await forEachHost(chosen.hosts, limit: parallel) {
            (host) async throws(Never) -> HostHealth in
            let health = await ask(host)
            if endsSessions { await connections.finish(host.name) }
            return health
        }
        let hosts = outcomes.map { outcome in
            switch outcome.result {
            case .success(let health): health
            }
        }
        return FleetHealth(fleet: chosen.fleet.name, takenAt: Date(), hosts: hosts)
    }

    /// Gives a round to the history. A failure is said, and changes nothing else.
    ///
    /// - Returns: whether it is kept.
    @discardableResult
    func record(_ health: FleetHealth) -> Bool {
        do {
            try history.record(health)
            return true
        } catch {
            console.error("what was seen is not kept in the history: \(error)")
            return false
        }
    }

    private func ask(_ host: Host) async -> HostHealth {
        let subject = HealthSubject(host, services: chosen.services(on: host.name))
        let start = ContinuousClock.now
        do {
            let (readings, times) = try await readings(host, subject)
            var asked = times
            asked.seconds = (ContinuousClock.now - start).seconds
            let samples = HealthJudge.samples(subject, readings, asked)
            return HealthJudge.health(
                of: subject, readings, past: past(of: subject, samples), asked: asked)
        } catch {
            // A session that broke, or one that a host's end left behind, is made anew next time.
            await connections.drop(host.name)
            return HealthJudge.health(
                of: subject, unanswered: error.answer, past: past(of: subject, []), at: Date(),
                seconds: (ContinuousClock.now - start).seconds)
        }
    }

    private func readings(
        _ host: Host, _ subject: HealthSubject
    ) async throws(HealthFailure) -> (HostReadings, Asked) {
        let heard = FirstLines()
        var options = RunOptions(deadline: Self.deadline) { channel, bytes in
            if channel == .output { heard.take(bytes) }
        }
        options.outputLimit = Self.outputLimit
        let sent: Date
        let result: CommandResult
        do throws(RemoteError) {
            let session = try await connections.host(host.name)
            sent = Date()
            result = try await session.run(
                .script([], as: host.privilege == .unprivileged ? .login : .root),
                input: .bytes(RemoteScripts.input(RemoteScripts.readings, subject.words)),
                options: options)
        } catch {
            throw .remote(error)
        }
        guard result.succeeded else { throw .script(result) }
        let done = Date()
        let times = Asked(sent: sent, heard: heard.time ?? done, done: done, seconds: 0)
        do throws(ReadingsParser.Failure) {
            return (try ReadingsParser.parse(result.output), times)
        } catch {
            throw .answer(error)
        }
    }

    /// What the history knows of a host; nothing where it cannot be read, which is said.
    private func past(of subject: HealthSubject, _ samples: [MetricSample]) -> HealthPast {
        do {
            var past = HealthPast(verdicts: try history.verdicts(host: subject.host))
            let since = Date(timeIntervalSinceNow: -HealthPast.window)
            for series in HealthPast.wanted(samples) {
                past.series[series] = try history.series(
                    host: subject.host, name: series.name, labels: series.labels, since: since)
            }
            return past
        } catch {
            console.error("the history of \(subject.host) cannot be read: \(error)")
            return HealthPast()
        }
    }
}

/// When the line with the host's clock came in.
private final class FirstLines: Sendable {
    private let state = Mutex<(lines: Int, time: Date?)>((0, nil))

    var time: Date? { state.withLock { $0.time } }

    func take(_ bytes: [UInt8]) {
        state.withLock { state in
            guard state.time == nil else { return }
            state.lines += bytes.count { $0 == 0x0A }
            if state.lines >= 2 { state.time = Date() }
        }
    }
}

/// Why a host's health could not be read.
enum HealthFailure: Error {
    case remote(RemoteError)
    case script(CommandResult)
    case answer(ReadingsParser.Failure)

    var answer: HostHealth.Answer {
        switch self {
        case .remote(let error) where error.kind == .notPermitted:
            .notPermitted(Self.text(error))
        case .remote(let error): .unreachable(Self.text(error))
        case .script(let result):
            .unreachable(
                "the script ended with \(result.status.text): \(result.errorText)".printable)
        case .answer(.notReadings(let line)):
            .unreachable(
                "its answer begins with '\(line.printable)': the user's login shell must be silent")
        case .answer(.cutOff): .unreachable("its answer breaks off, or has too many lines")
        }
    }

    private static func text(_ error: RemoteError) -> String {
        let detail = error.detail.isEmpty ? "" : " (\(error.detail))"
        return error.summary + detail
    }
}
