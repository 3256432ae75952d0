import Foundation

// Time: the host's clock, its boots, and how long it takes to answer.

/// How far a host's clock is from ours, as well as that can be told over a network.
public struct ClockOffset: Sendable, Equatable {
    /// Seconds that the host is ahead.
    public var seconds: Double
    /// The host read its clock at some moment between question and answer: half of that time, and
    /// half of the clock's resolution.
    public var error: Double

    /// The offset of a clock that was read between two moments of ours.
    public init(_ clock: HostReadings.Clock, _ asked: Asked) {
        let sent = asked.sent.timeIntervalSince1970
        let heard = asked.heard.timeIntervalSince1970
        seconds = clock.seconds - (sent + heard) / 2
        error = abs(heard - sent) / 2 + clock.resolution / 2
    }

    /// How far it is off at least: 0 where the error could explain it.
    public var certain: Double { max(0, abs(seconds) - error) }
}

enum ClockChecks {
    static func all(_ scene: Scene) -> [Verdict] {
        offset(scene) + synchronized(scene) + reboot(scene) + answer(scene)
    }

    private static func offset(_ scene: Scene) -> [Verdict] {
        guard let clock = scene.readings.clock.value else {
            return [scene.verdict("clock", .unknown, "its clock is not known")]
        }
        let offset = ClockOffset(clock, scene.asked)
        let level = scene.level(.clockOffset, offset.certain, check: "clock")
        let side = offset.seconds < 0 ? "behind" : "ahead"
        let text =
            level == .ok
            ? "its clock agrees with ours to \(Amount.time(offset.error + offset.certain))"
            : "its clock is \(Amount.time(offset.seconds)) \(side), give or take "
                + Amount.time(offset.error)
        return [
            scene.verdict(
                "clock", level, text,
                advice: scene.subject.kind == .board
                    ? "set it: it has no clock of its own, and asks nobody"
                    : "see why nothing sets it: fleetctl host exec --host \(scene.subject.host)"
                        + " -- timedatectl")
        ]
    }

    private static func synchronized(_ scene: Scene) -> [Verdict] {
        guard scene.readings.isSynchronized.value == false, scene.subject.kind != .board else {
            return []
        }
        return [
            scene.verdict(
                "clock-sync", .warning, "nothing keeps its clock",
                advice: "turn it on: timedatectl set-ntp true, and see that UDP port 123 gets out")
        ]
    }

    /// A boot that nobody ordered is told for a day.
    private static let rebootShownFor: TimeInterval = 86_400
    /// What the computed time of one boot may differ by: clocks are set after it.
    private static let bootSlack = 120.0

    private static func reboot(_ scene: Scene) -> [Verdict] {
        guard let uptime = scene.readings.uptime.value, let booted = scene.bootedAt else {
            return []
        }
        let before = scene.past.points("boot_time_seconds").last?.value
        let isNew = before.map { booted.timeIntervalSince1970 - $0 > bootSlack } ?? false
        guard uptime < rebootShownFor else {
            return [scene.verdict("reboot", .ok, "up for \(Amount.time(uptime))")]
        }
        switch scene.readings.wasShutDown {
        case .known(true):
            return [
                scene.verdict("reboot", .ok, "rebooted in order, up for \(Amount.time(uptime))")
            ]
        case .known(false):
            return [
                scene.verdict(
                    "reboot", .warning,
                    "it came up \(Amount.time(uptime)) ago without having been shut down: power, "
                        + "watchdog or crash",
                    since: booted,
                    advice:
                        "look at its supply and at the end of the log before: journalctl -b -1 -e")
            ]
        case .unknown(let reason):
            guard isNew || scene.previous("reboot") == .unknown else {
                return [scene.verdict("reboot", .ok, "up for \(Amount.time(uptime))")]
            }
            return [
                scene.verdict(
                    "reboot", .unknown,
                    "it came up \(Amount.time(uptime)) ago, and whether it was shut down in order "
                        + "is not known: \(reason)", since: booted,
                    advice: "if nobody rebooted it, look at its supply")
            ]
        }
    }

    private static func answer(_ scene: Scene) -> [Verdict] {
        let seconds = scene.asked.heard.timeIntervalSince(scene.asked.sent)
        let level = scene.level(.answerTime, seconds, check: "answer-time")
        return [
            scene.verdict(
                "answer-time", level, "it takes \(Amount.time(seconds)) to begin an answer",
                advice: "look at the network on the way to it, and at its load")
        ]
    }
}
