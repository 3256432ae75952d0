import ChargePolicy
import Testing

/// Does the generator charge?
struct ChargingTests {
    private func answer(
        _ readings: [(soc: Int, millivolts: Int, current: Int, load: Int, discharge: Int, sun: Int)]
    ) -> ChargingVerdict {
        var desk = Desk.running()
        for reading in readings {
            desk.now += .seconds(300)
            desk.see(.charging)
            desk.read(
                soc: reading.soc, millivolts: reading.millivolts, load: reading.load,
                discharge: reading.discharge, current: reading.current, sun: reading.sun)
        }
        return desk.policy.chargingVerdict
    }

    @Test func eachSignCounts() {
        #expect(
            answer([(35, 52_000, 10_000, 1_000, 1_000, 0)])
                == ChargingVerdict(answer: .charging, evidence: [.currentPositive]))
        #expect(
            answer([(36, 52_000, -1, 1_000, 1_000, 0)])
                == ChargingVerdict(answer: .charging, evidence: [.socRising]))
        #expect(
            answer([(35, 52_300, -1, 1_000, 1_000, 0)])
                == ChargingVerdict(answer: .charging, evidence: [.voltageRising]))
        #expect(
            answer([(35, 52_000, -1, 1_000, 400, 0)])
                == ChargingVerdict(answer: .charging, evidence: [.dischargeBelowLoad]))
        // The sun explains it.
        #expect(answer([(35, 52_000, -1, 1_000, 400, 600)]).answer == .notCharging)
    }

    @Test func asTheSiteRecordedIt() {
        // SOC and voltage rise while the inverter's own meters show a discharge.
        let verdict = answer([
            (35, 53_400, -21_000, 1_200, 1_260, 0), (37, 53_600, -21_000, 1_200, 1_260, 0),
        ])
        #expect(verdict.answer == .charging)
        #expect(verdict.evidence == [.socRising, .voltageRising])
        #expect(verdict.text == "charging (SOC rising, voltage rising)")
    }

    @Test func bothFallingIsNoChargingWhateverTheCurrentSays() {
        let verdict = answer([
            (35, 52_000, 5_000, 1_000, 1_000, 0), (34, 51_700, 5_000, 1_000, 1_000, 0),
        ])
        #expect(verdict == ChargingVerdict(answer: .notCharging, evidence: [.bothFalling]))
    }

    @Test func tenMinutesWithoutChargingAreAnAlarm() {
        var desk = Desk.running()
        desk.pass(.seconds(570), soc: 35, .charging)
        #expect(desk.policy.alarms == [])
        desk.pass(.seconds(60), soc: 35, .charging)
        #expect(desk.policy.alarms == [.noCharging])
        #expect(desk.done.contains(.raised(.noCharging)))
        desk.pass(.seconds(30), soc: 36, .charging)
        #expect(desk.policy.alarms == [])
        #expect(desk.done.contains(.cleared(.noCharging)))
    }

    @Test func chargingThatStopsInMidRunIsAnAlarm() {
        var desk = Desk.running()
        desk.pass(.seconds(1_800), soc: 36, .charging, millivolts: 53_400)
        #expect(desk.policy.chargingVerdict.answer == .charging)
        desk.pass(.seconds(1_200), soc: 36, .charging, millivolts: 52_000)
        #expect(desk.policy.alarms == [.noCharging])
    }

    @Test func theVoltageOfBeforeTheClosingCountsAndNotThatOfTheLookThatShowsIt() {
        var desk = Desk()
        desk.pass(.seconds(120), soc: 35, .idle, millivolts: 51_000)
        desk.send(.startAnswered(.accepted))
        desk.pass(.seconds(90), soc: 35, .starting, millivolts: 51_000)
        // The charger has closed, and the inverter is read before the server.
        desk.read(soc: 35, millivolts: 52_500)
        desk.see(.charging)
        desk.pass(.seconds(60), soc: 35, .charging, millivolts: 52_500)
        #expect(desk.policy.chargingVerdict.evidence == [.voltageRising])
    }

    @Test func anOpenChargerIsNoQuestion() {
        var desk = Desk()
        desk.pass(.seconds(3_600), soc: 60, .idle)
        #expect(desk.policy.chargingVerdict.answer == .chargerOpen)
        #expect(desk.policy.alarms == [])
    }

    @Test func aBlindBatteryIsAnAlarmOfItsOwn() {
        var desk = Desk.running()
        desk.pass(.seconds(3_000), soc: nil, .charging)
        #expect(desk.policy.alarms == [.batteryUntrusted])
    }
}
