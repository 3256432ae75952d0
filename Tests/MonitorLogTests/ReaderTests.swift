// What the reader makes of files: its own, older ones, other programs', and damaged ones.
import Foundation
import MonitorLog
import TestSupport
import Testing

@Suite struct ReaderTests {
    private func read(_ text: String) -> MonitorLogText { MonitorLogText(Array(text.utf8)) }

    private func skips(_ text: String) -> [Int] { read(text).skipped.map(\.line) }

    private static let time = "2026-01-31T12:00:00,1769875200"

    @Test func whatIsWrittenIsRead() {
        let rows = [RowTests.full, RowTests.full]
        let text = MonitorRow.header + rows.map(\.csvLine).joined()
        #expect(read(text).rows == rows)
        #expect(read(text).skippedCount == 0)
        #expect(read(text.replacingOccurrences(of: "\n", with: "\r\n")).rows == rows)
        #expect(read("\u{FEFF}" + text).rows == rows)
    }

    @Test func randomRowsComeBack() {
        var random = SeededGenerator.fresh("randomRowsComeBack")
        let alphabet = Array("AZ ,\"_é")
        for _ in 0..<500 {
            var row = MonitorRow()
            row.timestamp = "2026-01-31T12:00:00"
            row.unixSeconds =
                Bool.random(using: &random) ? nil : .random(in: 0...(1 << 36), using: &random)
            row.stateOfChargePercent = Bool.random(using: &random) ? nil : 7
            row.batteryMillivolts = .random(in: -99_999...99_999, using: &random) / 100 * 100
            row.loadWatts = .random(in: -30_000...30_000, using: &random)
            row.generatorRuns = [nil, true, false].randomElement(using: &random) ?? nil
            let length = Int.random(in: 1...6, using: &random)
            row.generatorState = String(
                (0..<length).map { _ in alphabet.randomElement(using: &random) ?? "A" })
            #expect(read(MonitorRow.header + row.csvLine).rows == [row])
        }
    }

    @Test func theOlderGenerationHasOneColumnForAllPanels() {
        let text = """
            timestamp,timestamp_unix,soc_pct,soh_pct,vbat_v,pv_power_w,generator_state,generator_running
            \(Self.time),44,94,52.1,990,IDLE,0

            """
        let row = read(text).rows.first
        #expect(row?.photovoltaicWatts == 990)
        #expect(row?.string1Watts == nil)
        #expect(row?.loadWatts == nil)
        #expect(row?.generatorRuns == false)
    }

    @Test(arguments: [("data_dec27b.csv", 83, 0), ("data_dec28.csv", 273, 900)])
    func theSitesOwnRecordingsAreRead(name: String, count: Int, panels: Int) throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Fixtures/monitor/" + name)
        let log = MonitorLogText([UInt8](try Data(contentsOf: file)))
        #expect(log.skippedCount == 0, "\(log.skipped.prefix(3))")
        #expect(log.rows.count == count)
        for row in log.rows {
            #expect((0...100).contains(row.stateOfChargePercent ?? -1))
            #expect(row.stateOfHealthPercent == 94)
            #expect((48_000...58_000).contains(row.batteryMillivolts ?? 0))
            #expect(row.chargeWatts != nil && row.dischargeWatts != nil)
            #expect(row.photovoltaicWatts != nil && row.unixSeconds != nil)
            #expect(row.generatorState == nil)
        }
        #expect(log.rows.contains { ($0.photovoltaicWatts ?? 0) >= panels })
    }

    @Test func theFirstRecordedRowHasItsValues() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Fixtures/monitor/data_dec28.csv")
        var row = MonitorRow()
        row.timestamp = "2025-12-28T14:39:50"
        row.unixSeconds = 1_766_961_590
        row.stateOfChargePercent = 51
        row.stateOfHealthPercent = 94
        row.batteryMillivolts = 52_400
        row.string1Millivolts = 405_900
        row.string2Millivolts = 379_700
        row.string1Watts = 142
        row.string2Watts = 152
        row.chargeWatts = 0
        row.dischargeWatts = 529
        #expect(MonitorLogText([UInt8](try Data(contentsOf: file))).rows.first == row)
    }

    @Test func quotedCellsAndPythonsNothingAreRead() {
        let text = """
            soc_pct,"unknown, column",timestamp_unix,vbat_v,load_power_w,soh_pct
            44,"a ""quoted"" cell",1769875200.25,52.149999999999999,None,nan

            """
        let row = read(text).rows.first
        #expect(row?.stateOfChargePercent == 44)
        #expect(row?.unixSeconds == 1_769_875_200)
        #expect(row?.batteryMillivolts == 52_149)
        #expect(row?.loadWatts == nil && row?.stateOfHealthPercent == nil)
        #expect(read(text).skippedCount == 0)
    }

    static let refusals: [(String, MonitorLogReader.Refusal)] = [
        ("\(time),44", .cellCount),
        ("\(time),x,94,1", .badCell("soc_pct")),
        ("\(time),4 4,94,1", .badCell("soc_pct")),
        ("\(time),44,1e3,1", .badCell("soh_pct")),
        ("\(time),44,99999999999999999999,1", .badCell("soh_pct")),
        ("\(time),44,94,2", .badCell("generator_running")),
        ("\(time),44,94,\0", .badCell("generator_running")),
        ("yesterday,1769875200,44,94,1", .badCell("timestamp")),
        (",,44,94,1", .noTime),
        ("\(time),\"44,94,1", .badQuotes),
        ("\(time),4\"4\",94,1", .badQuotes),
        ("\(time),\"44\"4,94,1", .badQuotes),
        (String(repeating: "9", count: 5000), .overlong),
        ("\0\0\0\0", .cellCount),
    ]

    /// Garbage costs its own line and no other.
    @Test(arguments: refusals)
    func garbageIsSkippedByItsLine(line: String, refusal: MonitorLogReader.Refusal) {
        let header = "timestamp,timestamp_unix,soc_pct,soh_pct,generator_running\n"
        let good = "\(Self.time),44,94,1\n"
        let log = read(header + good + line + "\n" + good)
        #expect(log.rows.count == 2)
        #expect(log.skipped.map(\.line) == [3])
        #expect(log.skipped.first?.refusal == refusal)
        #expect(log.skipped.first?.refusal.text.isEmpty == false)
    }

    @Test func aFileWithoutAHeaderHasNoRows() {
        let log = read("\(Self.time),44\n\(Self.time),45\n")
        #expect(log.rows.isEmpty)
        #expect(log.skipped.map(\.refusal) == [.noHeader, .noHeader])
    }

    @Test func aSecondHeaderTakesOver() {
        let log = read("timestamp_unix,soc_pct\n1,44\nsoc_pct,timestamp_unix\n45,2\n")
        #expect(log.rows.map(\.stateOfChargePercent) == [44, 45])
        #expect(log.rows.map(\.unixSeconds) == [1, 2])
    }

    /// However a file is cut, no number that was cut is taken for one.
    @Test func aCutFileLosesItsLastLineAtMost() {
        let text = MonitorRow.header + RowTests.full.csvLine + RowTests.full.csvLine
        let bytes = Array(text.utf8)
        for end in 0...bytes.count {
            let log = MonitorLogText(Array(bytes[..<end]))
            #expect(log.rows.allSatisfy { $0 == RowTests.full }, "cut at \(end)")
            #expect(log.skippedCount <= 1)
        }
        // Other columns end in a number: a last line without its end is not believed.
        #expect(skips("timestamp_unix,soc_pct\n1,44\n2,4") == [3])
    }

    @Test func noiseIsNoRowAndNeverMuchMemory() {
        var random = SeededGenerator.fresh("noise")
        for _ in 0..<200 {
            let bytes = (0..<500).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(MonitorLogText(Array(MonitorRow.header.utf8) + bytes).rows.isEmpty)
        }
        let lines = Array(String(repeating: "x\n", count: 500).utf8)
        let log = MonitorLogText(lines)
        #expect(log.skippedCount == 500)
        #expect(log.skipped.count == MonitorLogText.skippedMax)
    }
}
