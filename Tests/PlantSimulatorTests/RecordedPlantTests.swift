import InverterRegisters
import PlantSimulator
import Testing

/// Recordings of the site played as an inverter.
struct RecordedPlantTests {
    @Test func theChargeOfDecember27IsPlayed() throws {
        let played = try RecordedPlant(csv: try SiteRecording.text("data_dec27b.csv"))
        #expect(played.rows.count == 83)
        let first = InverterSnapshot(played.registers(at: 0))
        #expect(first.stateOfChargePercent == 38 && first.stateOfHealthPercent == 94)
        #expect(first.batteryMillivolts == 52_100 && first.dischargeWatts == 1260)
        #expect(first.loadWatts == 1185 && first.mode == .batteryOffGrid)
        #expect(first.modeWord == 14592 && first.temperatures.radiatorFirstCelsius == 31)
        #expect(first.battery.cellMillivoltsMin == 3235)
        let current = try #require(first.batteryMilliamperes)
        #expect(abs(current + 12_100) <= 100)
        // Until the next row's time it stays.
        #expect(played.registers(at: 599) == played.registers(at: 0))
        #expect(played.registers(at: 600) != played.registers(at: 0))
        // While the generator charges the current is positive, the inverter's power is not.
        let charging = InverterSnapshot(played.registers(at: 7 * 3600 / 2))
        #expect(charging.chargeWatts == 0)
        #expect(try #require(charging.batteryMilliamperes) > 30_000)
        let last = InverterSnapshot(played.registers(at: 1e9))
        #expect(last.stateOfChargePercent == 65)
        #expect(played.seconds > 13 * 3600)
    }

    @Test func anotherColumnSetIsReadByItsHeader() throws {
        let played = try RecordedPlant(csv: try SiteRecording.text("data_dec28.csv"))
        let first = InverterSnapshot(played.registers(at: 0))
        #expect(first.strings.first.watts == 142 && first.strings.second.watts == 152)
        #expect(first.photovoltaicWatts == 294 && first.strings.first.millivolts == 405_900)
        #expect(first.mode == .solarAndBatteryOffGrid)
        #expect(first.loadWatts == 529 + 294 - 75)
    }

    @Test func theMonitorsOwnRowsAreRead() throws {
        let played = try RecordedPlant(
            csv: """
                timestamp,timestamp_unix,soc_pct,soh_pct,vbat_v,pv1_power_w,pv2_power_w,load_power_w
                2026-01-01T00:00:00,1767225600,44,94,52.1,1,2,1415
                """)
        let told = InverterSnapshot(played.registers(at: 0))
        #expect(told.stateOfChargePercent == 44 && told.batteryMillivolts == 52_100)
        #expect(told.strings.second.watts == 2 && told.loadWatts == 1415)
    }

    @Test(arguments: [
        ("", RecordedPlant.Failure.missingColumn("timestamp_unix")),
        ("a,b\n1,2\n", .missingColumn("timestamp_unix")),
        ("timestamp_unix\n", .empty),
        ("timestamp_unix\nx\n", .badTime(row: 1)),
        ("vbat_raw,timestamp_unix\n1,5\n1,4\n", .badTime(row: 2)),
        ("vbat_raw,timestamp_unix\n1,5\n1\n", .badTime(row: 2)),
    ])
    func aBadRecordingIsRefused(_ csv: String, _ failure: RecordedPlant.Failure) {
        #expect(throws: failure) { try RecordedPlant(csv: csv) }
    }
}
