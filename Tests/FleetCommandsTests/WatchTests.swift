import Foundation
import Testing

@testable import FleetCommands

/// `--watch`: what is drawn on a terminal of some size.
@Suite struct WatchTests {
    private func frame(_ lines: [String], rows: Int, columns: Int) -> [String] {
        let text = Screen.frame(lines, size: .init(rows: rows, columns: columns))
        #expect(text.hasPrefix("\u{1B}[H") && text.hasSuffix("\u{1B}[K\u{1B}[J"))
        return text.dropFirst(3).dropLast(3).components(separatedBy: "\n")
            .map { $0.replacing("\u{1B}[K", with: "") }
    }

    @Test func linesAreCutToTheTerminal() {
        let reset = "\u{1B}[0m"
        #expect(frame(["abcdef"], rows: 24, columns: 4) == ["abcd" + reset])
        #expect(frame(["abcd"], rows: 24, columns: 4) == ["abcd"])
        // Two columns each.
        #expect(frame(["漢字"], rows: 24, columns: 3) == ["漢" + reset])
        let red = "\u{1B}[31mabcdef\u{1B}[0m"
        #expect(frame([red], rows: 24, columns: 4) == ["\u{1B}[31mabcd" + reset])
    }

    @Test func whatHasNoRoomIsCounted() {
        #expect(frame(["1", "2", "3"], rows: 4, columns: 80) == ["1", "2", "3"])
        #expect(frame(["1", "2", "3"], rows: 3, columns: 80) == ["1", "… 2 more lines"])
        #expect(frame(["1", "2", "3"], rows: 1, columns: 80) == ["… 3 more lines"])
    }

    @Test func theClockHasTwoDigitsEach() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(secondsFromGMT: 3600))
        let date = Date(timeIntervalSince1970: 7 * 3600 + 4 * 60 + 9)
        #expect(HealthWatch.clock(date, calendar) == "08:04:09")
    }

    /// Whatever stands behind it.
    @Test func theSecondsAreHeard() throws {
        func seconds(_ words: String...) throws -> Int? { try HealthCommand.parse(words).watch }
        #expect(try seconds() == nil)
        #expect(try seconds("--watch") == 10)
        #expect(try seconds("--watch", "--timeout", "3") == 10)
        #expect(try seconds("--watch=2") == 2)
        #expect(try seconds("--watch=2", "--timeout", "3") == 2)
        #expect(try seconds("--watch", "2", "--timeout", "3") == 2)
        let metric = try HistoryCommand.parse(["--metric=load1", "--since", "1h"]).metric
        #expect(metric == "load1")
    }
}
