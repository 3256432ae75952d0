// The row as it is written, and read back by somebody else's reader.
import Foundation
import MonitorLog
import TestSupport
import Testing

@Suite struct RowTests {
    static var full: MonitorRow {
        var row = MonitorRow()
        row.timestamp = "2026-01-31T12:00:00"
        row.unixSeconds = 1_769_875_200
        row.stateOfChargePercent = 44
        row.stateOfHealthPercent = 94
        row.batteryMillivolts = 52_100
        row.string1Millivolts = 405_900
        row.string2Millivolts = 0
        row.string1Watts = 431
        row.string2Watts = 559
        row.loadWatts = 1415
        row.chargeWatts = 0
        row.dischargeWatts = 1491
        row.generatorState = "RUNNING"
        row.generatorRuns = true
        return row
    }

    @Test func theHeaderIsTheOlderPrograms() {
        #expect(
            MonitorRow.header
                == "timestamp,timestamp_unix,soc_pct,soh_pct,vbat_v,vpv1_v,vpv2_v,pv1_power_w,"
                + "pv2_power_w,load_power_w,charge_power_w,discharge_power_w,generator_state,"
                + "generator_running\n")
    }

    @Test func aRowIsALine() {
        #expect(
            Self.full.csvLine
                == "2026-01-31T12:00:00,1769875200,44,94,52.1,405.9,0.0,431,559,1415,0,1491,RUNNING,1\n"
        )
    }

    @Test func unknownIsAnEmptyCell() {
        var row = MonitorRow()
        row.timestamp = "2026-01-31T12:00:00"
        row.generatorRuns = false
        #expect(row.csvLine == "2026-01-31T12:00:00,,,,,,,,,,,,,0\n")
    }

    @Test(arguments: [(52_149, "52.1"), (52_150, "52.2"), (-50, "-0.1"), (-49, "0.0"), (0, "0.0")])
    func voltsHaveOneDecimal(millivolts: Int, text: String) {
        var row = MonitorRow()
        row.batteryMillivolts = millivolts
        #expect(row.csvLine == ",,,,\(text),,,,,,,,,\n")
    }

    @Test func theSumIsUnknownWhereAPartIs() {
        var row = Self.full
        #expect(row.photovoltaicWatts == 990)
        row.string2Watts = nil
        #expect(row.photovoltaicWatts == nil)
    }

    /// Python's csv module reads each line into the values that were written.
    @Test func pythonReadsWhatIsWritten() async throws {
        var odd = Self.full
        odd.generatorState = "ERROR, \"no\" start\nsecond line\r\0"
        var empty = MonitorRow()
        empty.timestamp = "2026-01-31T12:10:00"
        let folder = try TemporaryFolder()
        let rows = [Self.full, odd, empty]
        try folder.write("d.csv", MonitorRow.header + rows.map(\.csvLine).joined())
        let script = """
            import csv, json, sys
            with open(sys.argv[1], newline='') as f:
                print(json.dumps(list(csv.DictReader(f, strict=True))))
            """
        let result = try await Shell.run(["python3", "-c", script, folder.path + "/d.csv"])
        #expect(result.status == 0, "\(result.errorText)")
        let read = try JSONDecoder().decode([[String: String]].self, from: Data(result.output))
        try #require(read.count == 3)
        #expect(
            read[0] == [
                "timestamp": "2026-01-31T12:00:00", "timestamp_unix": "1769875200",
                "soc_pct": "44", "soh_pct": "94", "vbat_v": "52.1", "vpv1_v": "405.9",
                "vpv2_v": "0.0", "pv1_power_w": "431", "pv2_power_w": "559",
                "load_power_w": "1415", "charge_power_w": "0", "discharge_power_w": "1491",
                "generator_state": "RUNNING", "generator_running": "1",
            ])
        #expect(read[1]["generator_state"] == "ERROR, \"no\" start second line  ")
        #expect(read[1]["generator_running"] == "1")
        #expect(read[2].filter { !$0.value.isEmpty } == ["timestamp": "2026-01-31T12:10:00"])
        #expect(read[2].count == 14)
    }

    /// What is cut anywhere is whole only where nothing but its line end is missing.
    @Test func onlyAWholeRowIsWhole() {
        let line = Array(Self.full.csvLine.utf8.dropLast())
        #expect(MonitorRow.isWhole(line))
        for end in 0..<(line.count - 1) { #expect(!MonitorRow.isWhole(Array(line[..<end]))) }
        // The last cell alone may be missing: it is then unknown.
        #expect(MonitorRow.isWhole(Array(line.dropLast())))
    }
}
