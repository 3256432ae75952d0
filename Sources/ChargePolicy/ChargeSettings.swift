/// When the generator is to run. The defaults are the operators' own.
///
/// All times are measured on a clock that never jumps; only ``quietHours`` and the time of an
/// exercise run look at the wall clock.
public struct ChargeSettings: Sendable, Equatable {
    /// Start below this state of charge, in percent.
    public var socStart = 40
    /// Stop from this state of charge on, in percent.
    public var socStop = 80
    /// Start also below this battery voltage; nil where the voltage starts nothing.
    public var voltageStartMillivolts: Int?
    /// Stop also from this battery voltage on; nil where the voltage stops nothing.
    public var voltageStopMillivolts: Int?
    /// How long a reason to start must last, in at least two readings.
    public var startHold: Duration = .seconds(60)
    /// How long a reason to stop must last.
    public var stopHold: Duration = .seconds(60)
    /// A run that the battery asked for lasts at least so long.
    public var runMin: Duration = .seconds(600)
    /// No run lasts longer.
    public var runMax: Duration = .seconds(14_400)
    /// A run goes on for so long while the battery's state is not known; never beyond ``runMax``.
    public var blindRunMax: Duration = .seconds(3_600)
    /// Between the end of one run and the start of the next.
    public var rest: Duration = .seconds(600)
    /// No automatic start for so long after an operator stopped a run.
    public var pauseAfterStop: Duration = .seconds(3_600)
    /// Failed starts in a row, after which nothing is started any more.
    public var failuresMax = 3
    /// Between a failed start and the next try.
    public var failureWait: Duration = .seconds(300)
    /// No automatic start within these hours; nil where there are none.
    public var quietHours: DayWindow?
    /// Start in quiet hours all the same below this state of charge, in percent.
    public var quietSocStart = 20
    /// Run at least so often, if only to exercise the engine; nil where it is not exercised.
    public var exerciseEvery: Duration?
    /// How long an exercise run lasts; a run at least as long counts as one.
    public var exerciseRun: Duration = .seconds(1_800)
    /// Exercise only in these hours; nil where any time will do.
    public var exerciseHours: DayWindow?
    /// Say so when the engine has run for so many hours since the last service; nil where nobody
    /// wants to know.
    public var serviceEveryHours: Int?
    /// The engine's hours at the last service.
    public var serviceDoneAtHours = 0
    /// What is to be expected of the battery and its readings.
    public var battery = BatterySettings()
    /// What is to be expected of the generator server.
    public var server = ServerSettings()

    /// The operators' settings.
    public init() {}

    /// What contradicts itself; nil where the settings make sense together.
    public var contradiction: String? {
        if socStop <= socStart { return "soc-stop must be above soc-start" }
        if quietSocStart > socStart { return "quiet-soc-start must not be above soc-start" }
        if let start = voltageStartMillivolts, let stop = voltageStopMillivolts, stop <= start {
            return "voltage-stop must be above voltage-start"
        }
        if runMin >= runMax { return "run-min must be shorter than run-max" }
        if exerciseEvery != nil, exerciseRun >= runMax {
            return "exercise-run must be shorter than run-max"
        }
        return nil
    }
}

/// What a reading of the battery must look like to be believed.
public struct BatterySettings: Sendable, Equatable {
    /// Older readings are stale.
    public var ageMax: Duration = .seconds(120)
    /// Registers that do not change at all for so long are frozen.
    public var frozenAfter: Duration = .seconds(1_200)
    /// The state of charge may differ by so much from one reading to the next, in percent…
    public var jumpBase = 3
    /// …and by so much more for each minute between them: no battery of a house empties in less
    /// than two hours.
    public var jumpPerMinute = 1
    /// A state of charge that jumped is believed after it stayed for so long.
    public var jumpSettle: Duration = .seconds(900)
    /// After a second jump within ``jumpSettle`` nothing is believed before so long has passed
    /// without another, and then only what has stood for ``jumpSettle``: readings at random now and
    /// then look like a battery.
    public var jumpCalm: Duration = .seconds(300)
    /// A state of charge below 40 % with more than this voltage is not believed; 0.2 V less for
    /// each 5 % below, and ``chargingMillivolts`` more while the battery is being charged.
    public var lowSocMillivoltsMax = 54_000
    /// How much more the voltage may be while the battery is being charged.
    public var chargingMillivolts = 2_000

    /// For a 48 V lithium iron phosphate battery of 16 cells.
    public init() {}
}

/// How long the generator server may take.
public struct ServerSettings: Sendable, Equatable {
    /// From START to the closed charger: the site's sequence takes 97.5 s.
    public var startMax: Duration = .seconds(240)
    /// From STOP to relays that are off: the site's cooldown takes 180 s.
    public var stopMax: Duration = .seconds(300)
    /// STOP is said again so often until the generator stands.
    public var stopRetry: Duration = .seconds(60)
    /// Charger closed for so long and no sign of charging is an alarm.
    public var noChargeAfter: Duration = .seconds(600)
    /// For how long a run is vouched for at a time.
    public var lease: Duration = .seconds(300)

    /// For the site's generator.
    public init() {}
}

/// Hours of the day, over midnight if the end is before the beginning.
public struct DayWindow: Sendable, Equatable {
    /// First minute of the day, 0 to 1439.
    public var from: Int
    /// First minute after, 0 to 1439.
    public var to: Int

    /// A window; nil where a minute is none of the day's, or where it is empty.
    public init?(from: Int, to: Int) {
        guard (0..<1440).contains(from), (0..<1440).contains(to), from != to else { return nil }
        self.from = from
        self.to = to
    }

    /// Whether a minute of the day lies in it.
    public func contains(_ minute: Int) -> Bool {
        from < to ? minute >= from && minute < to : minute >= from || minute < to
    }
}
