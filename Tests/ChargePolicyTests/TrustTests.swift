import ChargePolicy
import Testing

/// Which readings are believed. What is not believed starts nothing.
struct TrustTests {
    @Test func aBatteryWithoutStateOfChargeStartsNothing() {
        var desk = Desk()
        desk.pass(.seconds(3_600), soc: nil, .idle)
        #expect(desk.commands == [])
        #expect(desk.policy.decision == .wait(.untrusted(.unknown)))
        #expect(desk.policy.alarms == [.batteryUntrusted])
    }

    @Test func whatIsOldStartsNothing() {
        var desk = Desk()
        desk.pass(.seconds(30), soc: 30, .idle)
        desk.now += .seconds(121)
        desk.see(.idle)
        #expect(desk.policy.decision == .wait(.untrusted(.stale(.seconds(121)))))
        #expect(desk.commands == [])
    }

    @Test func registersThatNeverChangeStartNothing() {
        var desk = Desk()
        let reading = BatteryReading(soc: 60, millivolts: 52_500, fingerprint: 7)
        for _ in 0..<40 {
            desk.now += .seconds(30)
            desk.send(.reading(reading))
        }
        #expect(desk.policy.trust(at: desk.now) == .good)
        desk.now += .seconds(30)
        desk.send(.reading(reading))
        #expect(desk.policy.trust(at: desk.now) == .frozen(.seconds(1_200)))
        desk.read(soc: 60)
        #expect(desk.policy.trust(at: desk.now) == .good)
    }

    @Test func aJumpIsNotBelievedBeforeItHasStayed() {
        var desk = Desk()
        desk.pass(.seconds(600), soc: 60, .idle, millivolts: 51_000)
        desk.pass(.seconds(840), soc: 12, .idle, millivolts: 51_000)
        #expect(desk.commands == [])
        #expect(desk.policy.decision == .wait(.untrusted(.jumped(from: 60, to: 12))))
        desk.pass(.seconds(180), soc: 12, .idle, millivolts: 51_000)
        #expect(desk.commands == [.start])
    }

    @Test func jumpsThatComeAndGoAreNeverBelieved() {
        var desk = Desk()
        desk.pass(.seconds(600), soc: 60, .idle)
        for value in [3, 60, 99, 5, 38, 2].flatMap({ [$0, $0, $0] }) {
            desk.pass(.seconds(90), soc: value, .idle)
        }
        #expect(desk.commands == [])
    }

    @Test func readingsAtRandomAreNotBelievedWhereTheyHappenToAgree() {
        var desk = Desk()
        desk.pass(.seconds(600), soc: 45, .idle)
        // Two jumps, and then what a battery can have come to.
        for soc in [90, 3] { desk.pass(.seconds(30), soc: soc, .idle) }
        desk.pass(.seconds(840), soc: 38, .idle)
        #expect(desk.commands == [])
        #expect(desk.policy.trust(at: desk.now) != .good)
        desk.pass(.seconds(180), soc: 38, .idle)
        #expect(desk.commands == [.start])
    }

    @Test func whatFollowsReadingsAtRandomIsNotBelievedWhereItAgreesWithOneOfThem() {
        var desk = Desk()
        desk.pass(.seconds(600), soc: 62, .idle)
        // Each of these is where a battery can have come to since the last of them.
        for like in [50, 34, 18] {
            for _ in 0..<15 {
                for soc in [99, 3] { desk.pass(.seconds(30), soc: soc, .idle) }
            }
            desk.pass(.seconds(30), soc: like, .idle)
        }
        desk.pass(.seconds(30), soc: 62, .idle)
        desk.pass(.seconds(840), soc: 23, .idle)
        #expect(desk.commands == [])
        desk.pass(.seconds(180), soc: 23, .idle)
        #expect(desk.commands == [.start])
    }

    @Test func whatABatteryCanDoIsBelieved() {
        var desk = Desk()
        // A full discharge in two hours, and a gap of half an hour without readings.
        for soc in stride(from: 95, through: 50, by: -1) {
            desk.pass(.seconds(72), soc: soc, .idle)
        }
        desk.now += .seconds(1_800)
        desk.pass(.seconds(120), soc: 38, .idle)
        #expect(desk.commands == [.start])
    }

    @Test(arguments: [
        // An empty battery does not have the voltage of a full one…
        (5, 53_400, false), (30, 54_200, false), (39, 54_100, false),
        // …but these are what the site shows.
        (38, 52_100, true), (27, 52_000, true), (10, 51_200, true), (39, 53_900, true),
    ])
    func theVoltageMayContradict(_ soc: Int, _ millivolts: Int, _ starts: Bool) {
        var desk = Desk()
        desk.pass(.seconds(300), soc: soc, .idle, millivolts: millivolts)
        #expect(desk.commands == (starts ? [.start] : []))
        if !starts {
            #expect(
                desk.policy.decision
                    == .wait(.untrusted(.contradicted(soc: soc, millivolts: millivolts))))
        }
    }

    @Test func theSunMayLiftTheVoltage() {
        var desk = Desk()
        for _ in 0..<4 {
            desk.now += .seconds(30)
            desk.see(.idle)
            desk.read(soc: 30, millivolts: 54_600, current: 40_000)
        }
        #expect(desk.commands == [.start])
    }

    @Test func afterARestartTheFirstReadingIsNotEnough() {
        var desk = Desk()
        desk.see(.idle)
        desk.read(soc: 0, millivolts: 52_600)
        desk.now += .seconds(90)
        desk.see(.idle)
        #expect(desk.commands == [])
        desk.pass(.seconds(3_600), soc: 0, .idle, millivolts: 52_600)
        #expect(desk.commands == [])
    }
}
