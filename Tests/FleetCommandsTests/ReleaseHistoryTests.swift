import RemoteOps
import Testing

@testable import FleetCommands

/// What the notes of a host say of its releases.
@Suite struct ReleaseHistoryTests {
    static let first = "1111111111111111"
    static let second = "2222222222222222"
    static let third = "3333333333333333"

    private static func line(
        _ outcome: String, _ from: String?, _ to: String, service: String = "app"
    ) -> String {
        let from = from.map { "\"from\":\"\($0)\"," } ?? ""
        return "{\"time\":100,\"outcome\":\"\(outcome)\",\"owner\":\"o@m\",\"commit\":\"abc\","
            + "\"services\":[{\(from)\"service\":\"\(service)\",\"to\":\"\(to)\"}]}"
    }

    private static func history(
        current: String?, _ log: [String], on disk: [String] = [first, second, third]
    ) throws -> ReleaseHistory {
        var found = ServiceReleases()
        found.current = current.flatMap(ReleaseID.init)
        found.log = log
        found.releases = try disk.map {
            StoredRelease(
                id: try #require(ReleaseID($0)), modified: 7, kibibytes: 1, isInUse: false)
        }
        return ReleaseHistory(found, service: "app")
    }

    private static func states(_ history: ReleaseHistory) -> [String: ReleaseHistory.State] {
        Dictionary(uniqueKeysWithValues: history.entries.map { ($0.stored.id.text, $0.state) })
    }

    @Test func statesFollowTheLog() throws {
        let history = try Self.history(
            current: Self.second,
            [
                Self.line("done", nil, Self.first), Self.line("done", Self.first, Self.second),
                Self.line("undone", Self.second, Self.third),
            ])
        #expect(
            Self.states(history) == [
                Self.first: .previous, Self.second: .current, Self.third: .failed,
            ])
        #expect(history.previous?.text == Self.first)
    }

    @Test func afterARollbackThePreviousOneIsTheOneThatWasLeft() throws {
        let history = try Self.history(
            current: Self.first,
            [
                Self.line("done", nil, Self.first), Self.line("done", Self.first, Self.second),
                Self.line("done", Self.second, Self.first),
            ])
        #expect(history.previous?.text == Self.second)
    }

    @Test func aRestartOfTheSameReleaseChangesNothing() throws {
        let history = try Self.history(
            current: Self.second,
            [
                Self.line("done", Self.first, Self.second),
                Self.line("done", Self.second, Self.second),
            ])
        #expect(history.previous?.text == Self.first)
    }

    @Test func whatIsGoneIsNoWayBack() throws {
        let log = [
            Self.line("done", nil, Self.third), Self.line("done", Self.third, Self.first),
            Self.line("done", Self.first, Self.second),
        ]
        let some = try Self.history(current: Self.second, log, on: [Self.second, Self.third])
        #expect(some.previous?.text == Self.third)
        let none = try Self.history(current: Self.second, log, on: [Self.second])
        #expect(none.previous == nil)
    }

    @Test(arguments: [
        "", "not JSON", "[]", "{}", "{\"outcome\":5}", "{\"outcome\":\"done\"}",
        "{\"outcome\":\"done\",\"services\":[{\"service\":\"app\",\"to\":\"../../etc\"}]}",
        line("done", first, second, service: "other"), line("undone", first, second),
    ])
    func whatTellsNothingIsPassedOver(line: String) throws {
        let history = try Self.history(current: Self.second, [line])
        #expect(history.previous == nil)
    }

    @Test func aReleaseTellsWhenItCameAndWhoBroughtIt() throws {
        var found = ServiceReleases()
        var noted = StoredRelease(
            id: try #require(ReleaseID(Self.first)), modified: 7, kibibytes: 1, isInUse: false)
        noted.about = "{\"time\":50,\"owner\":\"a@b\",\"commit\":\"def\"}"
        var bare = noted
        bare.id = try #require(ReleaseID(Self.second))
        bare.about = "damaged"
        var silent = bare
        silent.id = try #require(ReleaseID(Self.third))
        found.releases = [noted, bare, silent]
        found.log = [Self.line("done", nil, Self.second)]
        let entries = ReleaseHistory(found, service: "app").entries
        #expect(entries.map(\.stored.id.text) == [Self.second, Self.first, Self.third])
        #expect(entries.map(\.owner) == ["o@m", "a@b", nil])
        #expect(entries.map(\.commit) == ["abc", "def", nil])
        #expect(entries.map { $0.time?.timeIntervalSince1970 } == [100, 50, 7])
    }
}
