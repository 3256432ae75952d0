import ChargePolicy

/// A policy on a desk: readings and views by hand, time in seconds since the boot.
struct Desk {
    var policy: ChargePolicy
    var now: Duration = .seconds(1_000)
    /// All that was to be done, in its order.
    var done: [ChargePolicy.Action] = []
    private var fingerprint: UInt64 = 0

    init(_ settings: ChargeSettings = ChargeSettings(), remembering memory: Memory? = nil) {
        policy = ChargePolicy(settings, remembering: memory, at: now)
    }

    /// The commands among what was to be done.
    var commands: [ChargePolicy.Action] {
        done.filter { [.start, .stop, .reset].contains($0) }
    }

    @discardableResult mutating func send(_ event: ChargePolicy.Event) -> [ChargePolicy.Action] {
        let actions = policy.handle(event, at: now)
        done += actions
        return actions
    }

    /// A reading of now, unlike the one before in something that does not matter.
    mutating func read(
        soc: Int?, millivolts: Int? = 52_000, load: Int? = 1_000, discharge: Int? = 1_000,
        current: Int? = -20_000, sun: Int? = 0
    ) {
        fingerprint += 1
        send(
            .reading(
                BatteryReading(
                    soc: soc, millivolts: millivolts, milliamperes: current,
                    dischargeWatts: discharge, chargeWatts: 0, solarWatts: sun, loadWatts: load,
                    fingerprint: fingerprint)))
    }

    mutating func see(_ activity: GeneratorView.Activity, runTime: Duration? = nil) {
        let charger = activity == .charging ? true : activity == .unclear ? nil : false
        send(.view(GeneratorView(activity, chargerIsClosed: charger, runTime: runTime)))
    }

    /// Lets time pass in rounds of 30 s, with a reading and a view each.
    mutating func pass(
        _ time: Duration, soc: Int?, _ activity: GeneratorView.Activity?, millivolts: Int? = 52_000
    ) {
        let end = now + time
        while now < end {
            now = min(end, now + .seconds(30))
            if let activity { see(activity) } else { send(.view(nil)) }
            read(soc: soc, millivolts: millivolts)
        }
    }

    /// A run that the battery asked for, with the charger closed since just now.
    static func running(_ settings: ChargeSettings = ChargeSettings()) -> Desk {
        var desk = Desk(settings)
        desk.pass(.seconds(120), soc: 35, .idle)
        desk.send(.startAnswered(.accepted))
        desk.see(.charging)
        desk.done = []
        return desk
    }
}
