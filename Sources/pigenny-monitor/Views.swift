// What the inverter and the server say, in the words of the charge policy.

import ChargePolicy
import GeneratorCore
import GeneratorWire
import InverterRegisters

extension BatteryReading {
    /// What a round read.
    init(_ snapshot: InverterSnapshot, fingerprint: UInt64) {
        self.init(
            soc: snapshot.stateOfChargePercent, millivolts: snapshot.batteryMillivolts,
            milliamperes: snapshot.batteryMilliamperes, dischargeWatts: snapshot.dischargeWatts,
            chargeWatts: snapshot.chargeWatts, solarWatts: snapshot.photovoltaicWatts,
            loadWatts: snapshot.loadWatts, fingerprint: fingerprint)
    }
}

extension GeneratorView {
    /// What a STATUS says. Whatever is missing or contradicts itself is `unclear`.
    init(_ status: GeneratorStatus) {
        self.init(
            Self.activity(status), chargerIsClosed: status.relays.known?.contains(.charger),
            runTime: status.runSeconds.known.flatMap { $0 > 0 ? .seconds($0) : nil },
            serviceHours: Self.hours(status), namesStates: status.state != .missing)
    }

    private static func activity(_ status: GeneratorStatus) -> Activity {
        switch status.state {
        case .value(let state): activity(state, status)
        case .unknown: .unclear
        case .missing: legacyActivity(status)
        }
    }

    private static func activity(_ state: GeneratorState, _ status: GeneratorStatus) -> Activity {
        switch state {
        case .off: atRest(.idle, status)
        case .failed: atRest(.failed, status)
        case .held: atRest(.held, status)
        case .preparing, .ignition, .cranking, .glowCranking, .verifying, .warmingUp, .stabilising:
            .starting
        case .charging: .charging
        case .runningWithoutCharger: .unloaded
        case .coolingDown, .stopping: .stopping
        case .adopting: .unclear
        case .manual: .manual
        }
    }

    /// A state at rest counts only where inputs and relays agree with it. A latched failure wants
    /// a RESET, whatever the state is called.
    private static func atRest(_ activity: Activity, _ status: GeneratorStatus) -> Activity {
        guard status.engine == .standing, status.relays == .value([]) else { return .unclear }
        if activity == .idle, case .value(.some) = status.latched { return .failed }
        return activity
    }

    private static func legacyActivity(_ status: GeneratorStatus) -> Activity {
        guard let relays = status.relays.known, let isStarting = status.startInProgress.known else {
            return .unclear
        }
        if isStarting { return .starting }
        switch status.engine {
        case .running where relays == [.ignition, .charger]: return .charging
        // Ignition alone: the legacy server is cooling the engine down.
        case .running where relays == [.ignition]: return .stopping
        case .standing where relays == []: return .idle
        case .running, .standing, .cranking, .unknown: return .unclear
        }
    }

    private static func hours(_ status: GeneratorStatus) -> Int? {
        guard let text = status.entries.first(where: { $0.key == "SERVICE_HOURS" })?.value else {
            return nil
        }
        return Int(String(decoding: text.utf8.prefix { (0x30...0x39).contains($0) }, as: UTF8.self))
    }
}
