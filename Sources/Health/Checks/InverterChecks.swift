import Foundation
import InverterRegisters

// The inverter's own faults and warnings, and its battery's, which the monitor passes on.

enum InverterChecks {
    /// A word of the monitor's status file.
    private enum Word: String {
        case faults = "inverter_faults"
        case warnings = "inverter_warnings"
        case batteryFaults = "battery_faults"
        case batteryWarnings = "battery_warnings"

        /// Its bits; nil where the monitor could not read them.
        func bits(_ values: [String: String]) -> UInt32? {
            values[rawValue].flatMap { HostText.natural($0) }.flatMap { UInt32(exactly: $0) }
        }
    }

    /// What a fresh status file says.
    static func all(
        _ values: [String: String], _ scene: Scene, _ service: HealthSubject.Service
    ) -> [Verdict] {
        func verdict(
            _ check: String, _ level: HealthLevel, _ text: String, _ object: String? = nil
        ) -> Verdict {
            scene.verdict(
                check, level, text, service: service.name, object: object,
                advice: "fleetctl charge status --host \(scene.subject.host)",
                runbook: "charging-does-not-happen")
        }
        guard let faults = faults(values), let warnings = warnings(values) else {
            let reason =
                values[Word.faults.rawValue] == nil
                ? "the monitor is too old to pass them on" : "the monitor could not read them"
            return [
                verdict("inverter", .unknown, "the inverter's faults are not known: \(reason)")
            ]
        }
        if faults.isEmpty, warnings.isEmpty {
            return [verdict("inverter", .ok, "the inverter reports no fault and no warning")]
        }
        return faults.map { verdict("inverter", .critical, "inverter fault \($0)", code($0)) }
            + warnings.map { verdict("inverter", .warning, "inverter warning \($0)", code($0)) }
    }

    /// All that the file tells, for people.
    static func facts(_ values: [String: String]) -> [Fact] {
        func fact(_ key: String, _ texts: [String]?) -> Fact {
            let text = texts.map { $0.isEmpty ? "none" : $0.joined(separator: ", ") }
            return Fact(
                "inverter", key, text.map { .known($0) } ?? .unknown("the file does not tell it"))
        }
        let warnings = Word.warnings.bits(values).map { InverterWarnings(rawValue: $0).texts }
        return [fact("faults", faults(values)), fact("warnings", warnings)]
    }

    private static func faults(_ values: [String: String]) -> [String]? {
        guard let inverter = Word.faults.bits(values) else { return nil }
        return InverterFaults(rawValue: inverter).texts
            + battery(Word.batteryFaults.bits(values), "BMS fault")
    }

    /// Those that matter: there is no grid to be away.
    private static func warnings(_ values: [String: String]) -> [String]? {
        guard let inverter = Word.warnings.bits(values) else { return nil }
        return InverterWarnings(rawValue: inverter).subtracting(.gridOutage).texts
            + battery(Word.batteryWarnings.bits(values), "BMS warning")
    }

    /// Each maker of batteries has its own numbers.
    private static func battery(_ word: UInt32?, _ name: String) -> [String] {
        guard let word, word != 0 else { return [] }
        return ["\(name) \(word)"]
    }

    /// `E016` of `E016 relay check failed`; all of a battery's.
    private static func code(_ text: String) -> String {
        text.hasPrefix("BMS") ? text : String(text.prefix { $0 != " " })
    }
}
