/// Sixteen LFP cells in a row: a voltage at rest that hardly moves between 20 and 95 %, behind a
/// resistance. Charge is counted and nothing else, as the site's own BMS does it.
struct Battery: Sendable {
    /// Where charging has to end, in V; the cells are full where they show it at rest.
    private let absorptionVolts: Double
    private let resistance: Double
    private let ampereSeconds: Double
    /// Voltage at rest at each whole percent. A table, because a look-up by number is the cheapest
    /// that an unoptimised build can do.
    private let atRest: [Double]

    /// 0 to 1.
    private(set) var charge: Double
    /// At the terminals, in V.
    private(set) var volts: Double
    /// Positive charges, in A.
    private(set) var amperes = 0.0

    /// Percent and V, fitted to the site's recordings of a day and a half: the voltage under load
    /// with the fall across the resistance taken out, charging and discharging alike.
    private static var curve: [(percent: Double, volts: Double)] {
        [
            (0, 46.0), (3, 49.2), (7, 50.6), (12, 51.3), (20, 51.9), (28, 52.2), (34, 52.45),
            (44, 52.6), (50, 52.65), (65, 52.9), (72, 53.1), (80, 53.25), (90, 53.35), (96, 53.5),
            (99, 53.9),
        ]
    }

    init(_ setup: PlantSetup) {
        absorptionVolts = setup.absorptionVolts
        resistance = setup.resistanceOhms
        ampereSeconds = setup.capacityAmpereHours * 3600
        let points = Self.curve + [(100, setup.absorptionVolts)]
        atRest = (0...100).map { percent in
            let above = points.firstIndex { $0.percent >= Double(percent) } ?? points.count - 1
            let high = points[above]
            let low = points[above > 0 ? above - 1 : 0]
            guard high.percent > low.percent else { return high.volts }
            let share = (Double(percent) - low.percent) / (high.percent - low.percent)
            return low.volts + share * (high.volts - low.volts)
        }
        charge = 0
        volts = 0
        setCharge(setup.stateOfChargePercent / 100)
    }

    mutating func setCharge(_ charge: Double) {
        self.charge = charge < 0 ? 0 : charge > 1 ? 1 : charge
        volts = voltsAtRest + resistance * amperes
    }

    /// The current that brings the cells to the absorption voltage within a step, and no further:
    /// an implicit step, so that long ones do not swing about the full battery.
    func amperesMax(seconds: Double) -> Double {
        let place = charge * 100
        let index = place < 100 ? Int(place) : 99
        let slope = (atRest[index + 1] - atRest[index]) * 100
        let most =
            (absorptionVolts - voltsAtRest) / (resistance + slope * seconds / ampereSeconds)
        // A long step may begin where the curve is flat and end where the cells are full.
        let room = seconds > 0 ? (1 - charge) * ampereSeconds / seconds : most
        return room < most ? room : most
    }

    mutating func take(_ amperes: Double, seconds: Double) {
        self.amperes = amperes
        setCharge(charge + amperes * seconds / ampereSeconds)
        // Within such a step the charger has come to its voltage: that is what stands at the end.
        if amperes > 0, volts > absorptionVolts { volts = absorptionVolts }
    }

    private var voltsAtRest: Double {
        let place = charge * 100
        let index = place < 100 ? Int(place) : 99
        let low = atRest[index]
        return low + (place - Double(index)) * (atRest[index + 1] - low)
    }
}
