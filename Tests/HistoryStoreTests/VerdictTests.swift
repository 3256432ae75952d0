import Foundation
import Health
import Testing

@testable import HistoryStore

@Suite struct VerdictTests {
    static let disk = Verdict.Key(host: "pi", check: "disk-space", object: "/")

    /// A round of one host at this second.
    static func round(
        _ second: Int, _ levels: [(Verdict.Key, HealthLevel)],
        answer: HostHealth.Answer = .answered
    ) -> FleetHealth {
        let verdicts = levels.map { key, level in
            Verdict(
                key.check, host: key.host, service: key.service, object: key.object, level,
                "it is \(level) at \(second)")
        }
        let time = Date(timeIntervalSince1970: TimeInterval(second))
        let host = HostHealth(
            host: "pi", answer: answer, takenAt: time, seconds: 1, verdicts: verdicts)
        return FleetHealth(fleet: "f", takenAt: time, hosts: [host])
    }

    /// A level, and the second when it began.
    struct Held: Equatable {
        var level: HealthLevel
        var since: Double
        init(_ level: HealthLevel, _ since: Double) {
            self.level = level
            self.since = since
        }
    }

    static func since(_ store: HistoryStore, _ key: Verdict.Key) throws -> Held? {
        try FleetHistory(store, fleet: "f").verdicts(host: "pi")[key].map {
            Held($0.level, $0.since.timeIntervalSince1970)
        }
    }

    @Test func sinceIsWhenTheLevelBegan() throws {
        let folder = try HistoryFolder()
        let store = try folder.store()
        for (second, level) in [
            (10, HealthLevel.ok), (20, .warning), (30, .warning), (40, .critical), (50, .critical),
        ] {
            try store.record(round: Self.round(second, [(Self.disk, level)]))
        }
        #expect(try Self.since(store, Self.disk) == Held(.critical, 40))
        let episodes = try store.episodes(
            fleet: "f", since: Date(timeIntervalSince1970: 0))
        #expect(episodes.map(\.level) == ["critical", "warning", "ok"])
        #expect(episodes.map { $0.ended?.timeIntervalSince1970 } == [nil, 40, 20])
        #expect(episodes[1].seen.timeIntervalSince1970 == 30)
        #expect(episodes[1].summary == "it is warning at 30")
        #expect(
            try store.episodes(fleet: "f", since: Date(timeIntervalSince1970: 25)).count == 2)
        #expect(try store.episodes(fleet: "other").isEmpty)
    }

    @Test func whatIsNoLongerSaidHasEnded() throws {
        let folder = try HistoryFolder()
        let store = try folder.store()
        try store.record(round: Self.round(10, [(Self.disk, .warning)]))
        try store.record(round: Self.round(20, []))
        #expect(try Self.since(store, Self.disk) == nil)
        try store.record(round: Self.round(30, [(Self.disk, .warning)]))
        #expect(try Self.since(store, Self.disk) == Held(.warning, 30))
    }

    /// Nobody knows whether the disk is still full.
    @Test func aHostThatDoesNotAnswerEndsNothing() throws {
        let folder = try HistoryFolder()
        let store = try folder.store()
        let answers = Verdict.Key(host: "pi", check: "answers")
        try store.record(round: Self.round(10, [(Self.disk, .warning)]))
        try store.record(
            round: Self.round(20, [(answers, .critical)], answer: .unreachable("timed out")))
        #expect(try Self.since(store, Self.disk) == Held(.warning, 10))
        #expect(try Self.since(store, answers) == Held(.critical, 20))
        try store.record(round: Self.round(30, [(Self.disk, .warning)]))
        #expect(try Self.since(store, Self.disk) == Held(.warning, 10))
        #expect(try Self.since(store, answers) == nil)
    }

    /// Two fleetctls that ask at once record in any order.
    @Test func whatWasSeenLaterCounts() throws {
        let folder = try HistoryFolder()
        let store = try folder.store()
        try store.record(round: Self.round(10, [(Self.disk, .warning)]))
        try store.record(round: Self.round(30, [(Self.disk, .critical)]))
        try store.record(round: Self.round(20, [(Self.disk, .warning)]))
        try store.record(round: Self.round(25, []))
        #expect(try Self.since(store, Self.disk) == Held(.critical, 30))
    }

    /// One check about a service, about an object of it and about the host are three verdicts.
    @Test func subjectsAreKeptApart() throws {
        let folder = try HistoryFolder()
        let store = try folder.store()
        let keys = [
            Verdict.Key(host: "pi", check: "c"), Verdict.Key(host: "pi", check: "c", service: "s"),
            Verdict.Key(host: "pi", check: "c", service: "s", object: "o"),
            Verdict.Key(host: "pi", check: "c", object: "o"),
        ]
        try store.record(round: Self.round(10, keys.map { ($0, .warning) }))
        // Said twice, the first counts.
        try store.record(
            round: Self.round(20, keys.map { ($0, .warning) } + [(keys[0], .critical)]))
        for key in keys { #expect(try Self.since(store, key) == Held(.warning, 10)) }
    }

    @Test func endsAreForgottenAfterAYear() throws {
        let folder = try HistoryFolder()
        let store = try folder.store()
        try store.record(round: Self.round(10, [(Self.disk, .warning)]))
        try store.record(round: Self.round(20, [(Self.disk, .critical)]))
        let year = Date(timeIntervalSince1970: 21 + HistoryStore.episodesKept)
        try store.prune(now: year)
        let all = try store.episodes(fleet: "f", since: Date(timeIntervalSince1970: 0))
        #expect(all.map(\.level) == ["critical"])
    }
}
