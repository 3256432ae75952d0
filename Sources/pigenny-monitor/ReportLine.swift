import GeneratorWire
import InverterRegisters

/// The line of a round. What is not known says so.
enum ReportLine {
    static func text(_ inverter: InverterSnapshot, _ generator: GeneratorStatus?) -> String {
        battery(inverter) + " generator=" + state(generator) + " relays=" + relays(generator)
    }

    /// The part that the inverter tells.
    static func battery(_ inverter: InverterSnapshot) -> String {
        [
            "soc=" + number(inverter.stateOfChargePercent, "%"),
            "battery=" + tenths(inverter.batteryMillivolts, "V"),
            "current=" + tenths(inverter.batteryMilliamperes, "A"),
            "pv=" + number(inverter.photovoltaicWatts, "W"),
            "load=" + number(inverter.loadWatts, "W"),
        ].joined(separator: " ")
    }

    /// Faults and warnings by their names.
    static func alarms(_ inverter: InverterSnapshot) -> String {
        "faults: " + list(inverter.faults?.texts) + "; warnings: "
            + list(inverter.warnings?.texts)
    }

    private static func list(_ texts: [String]?) -> String {
        guard let texts else { return unknown }
        guard let first = texts.first else { return "none" }
        return texts.dropFirst().reduce(first) { $0 + ", " + $1 }
    }

    private static var unknown: String { "unknown" }

    private static func number(_ value: Int?, _ unit: String) -> String {
        value.map { "\($0)" + unit } ?? unknown
    }

    /// Thousandths shown in tenths.
    private static func tenths(_ value: Int?, _ unit: String) -> String {
        guard let value else { return unknown }
        let tenths = (abs(value) + 50) / 100
        return (value < 0 ? "-" : "") + "\(tenths / 10).\(tenths % 10)" + unit
    }

    /// The server's own word for its state; of a server without one, what its inputs show.
    private static func state(_ status: GeneratorStatus?) -> String {
        guard let status else { return unknown }
        if case .value(let state) = status.state { return WireText.name(state) }
        return switch status.engine {
        case .running: "running"
        case .standing: "standing"
        case .cranking: "cranking"
        case .unknown: unknown
        }
    }

    private static func relays(_ status: GeneratorStatus?) -> String {
        status?.relays.known.map(WireText.relayNames) ?? unknown
    }
}
