/// What a column holds, whatever its file calls it.
enum Column: Sendable, Equatable {
    case timestamp, unixSeconds, stateOfCharge, stateOfHealth, batteryVolts
    case string1Volts, string2Volts, string1Watts, string2Watts, undividedWatts
    case loadWatts, chargeWatts, dischargeWatts, generatorState, generatorRuns

    /// The columns of the files that the monitor writes, in their order.
    static var written: [Column] {
        [
            .timestamp, .unixSeconds, .stateOfCharge, .stateOfHealth, .batteryVolts,
            .string1Volts, .string2Volts, .string1Watts, .string2Watts, .loadWatts, .chargeWatts,
            .dischargeWatts, .generatorState, .generatorRuns,
        ]
    }

    /// Its name in the files that the monitor writes.
    var name: String {
        switch self {
        case .timestamp: "timestamp"
        case .unixSeconds: "timestamp_unix"
        case .stateOfCharge: "soc_pct"
        case .stateOfHealth: "soh_pct"
        case .batteryVolts: "vbat_v"
        case .string1Volts: "vpv1_v"
        case .string2Volts: "vpv2_v"
        case .string1Watts: "pv1_power_w"
        case .string2Watts: "pv2_power_w"
        case .undividedWatts: "pv_power_w"
        case .loadWatts: "load_power_w"
        case .chargeWatts: "charge_power_w"
        case .dischargeWatts: "discharge_power_w"
        case .generatorState: "generator_state"
        case .generatorRuns: "generator_running"
        }
    }

    /// Names in the files of the inverter logger at the site. Its `ppv_total_w` is left out: it is
    /// the third string, not the sum.
    private static var strangers: [(name: String, column: Column)] {
        [
            ("ppv1_w", .string1Watts), ("ppv2_w", .string2Watts), ("reg_7", .string1Watts),
            ("reg_8", .string2Watts), ("p_charge_w", .chargeWatts),
            ("p_discharge_w", .dischargeWatts),
        ]
    }

    /// The column of that name; nil for one that nobody needs.
    init?(name: [UInt8]) {
        for column in Self.written + [.undividedWatts] where column.name.utf8.elementsEqual(name) {
            self = column
            return
        }
        for stranger in Self.strangers where stranger.name.utf8.elementsEqual(name) {
            self = stranger.column
            return
        }
        return nil
    }

    /// What a row says in this column; empty where it is unknown.
    func text(of row: MonitorRow) -> String {
        switch self {
        case .timestamp: row.timestamp
        case .unixSeconds: row.unixSeconds.map { "\($0)" } ?? ""
        case .stateOfCharge: Self.text(row.stateOfChargePercent)
        case .stateOfHealth: Self.text(row.stateOfHealthPercent)
        case .batteryVolts: Self.volts(row.batteryMillivolts)
        case .string1Volts: Self.volts(row.string1Millivolts)
        case .string2Volts: Self.volts(row.string2Millivolts)
        case .string1Watts: Self.text(row.string1Watts)
        case .string2Watts: Self.text(row.string2Watts)
        case .undividedWatts: Self.text(row.undividedWatts)
        case .loadWatts: Self.text(row.loadWatts)
        case .chargeWatts: Self.text(row.chargeWatts)
        case .dischargeWatts: Self.text(row.dischargeWatts)
        case .generatorState: row.generatorState ?? ""
        case .generatorRuns: row.generatorRuns.map { $0 ? "1" : "0" } ?? ""
        }
    }

    private static func text(_ value: Int?) -> String { value.map { "\($0)" } ?? "" }

    private static func volts(_ value: Int?) -> String { value.map(NumberText.tenths) ?? "" }

    /// Why cells are no row.
    enum Refusal: Error {
        case cellCount
        case badCell(Column)
        case noTime
    }

    /// The row of these cells under these columns.
    static func row(_ cells: [[UInt8]], _ columns: [Column?]) throws(Refusal) -> MonitorRow {
        guard cells.count == columns.count else { throw .cellCount }
        var row = MonitorRow()
        for (cell, column) in zip(cells, columns) {
            guard let column else { continue }
            guard column.take(cell, into: &row) else { throw .badCell(column) }
        }
        guard row.unixSeconds != nil || !row.timestamp.isEmpty else { throw .noTime }
        return row
    }

    /// Puts a cell into the row; whether it could.
    private func take(_ cell: [UInt8], into row: inout MonitorRow) -> Bool {
        if Self.isUnknown(cell) { return true }
        switch self {
        case .timestamp:
            guard Self.isTimestamp(cell) else { return false }
            row.timestamp = String(decoding: cell, as: UTF8.self)
        case .unixSeconds:
            row.unixSeconds = NumberText.seconds(cell)
            return row.unixSeconds != nil
        case .generatorState:
            guard !cell.contains(0) else { return false }
            row.generatorState = String(decoding: cell, as: UTF8.self)
        case .generatorRuns:
            guard cell.count == 1, cell[0] == 0x30 || cell[0] == 0x31 else { return false }
            row.generatorRuns = cell[0] == 0x31
        default:
            guard let value = NumberText.thousandths(cell) else { return false }
            takeNumber(value, into: &row)
        }
        return true
    }

    /// `value` is in thousandths of the column's unit.
    private func takeNumber(_ value: Int, into row: inout MonitorRow) {
        switch self {
        case .stateOfCharge: row.stateOfChargePercent = value / 1000
        case .stateOfHealth: row.stateOfHealthPercent = value / 1000
        case .batteryVolts: row.batteryMillivolts = value
        case .string1Volts: row.string1Millivolts = value
        case .string2Volts: row.string2Millivolts = value
        case .string1Watts: row.string1Watts = value / 1000
        case .string2Watts: row.string2Watts = value / 1000
        case .undividedWatts: row.undividedWatts = value / 1000
        case .loadWatts: row.loadWatts = value / 1000
        case .chargeWatts: row.chargeWatts = value / 1000
        case .dischargeWatts: row.dischargeWatts = value / 1000
        case .timestamp, .unixSeconds, .generatorState, .generatorRuns: break
        }
    }

    /// An empty cell, and what Python programs write for a value that they do not have.
    private static func isUnknown(_ cell: [UInt8]) -> Bool {
        cell.isEmpty || "None".utf8.elementsEqual(cell) || "nan".utf8.elementsEqual(cell)
    }

    /// `2026-01-31T12:00:00`, with a blank for the T and with a fraction too.
    private static func isTimestamp(_ cell: [UInt8]) -> Bool {
        let pattern = Array("0000-00-00T00:00:00".utf8)
        guard cell.count >= pattern.count, cell.count <= 40 else { return false }
        for (byte, wanted) in zip(cell, pattern) {
            switch wanted {
            case 0x30: guard (0x30...0x39).contains(byte) else { return false }
            case 0x54: guard byte == 0x54 || byte == 0x20 else { return false }
            default: guard byte == wanted else { return false }
            }
        }
        return cell.allSatisfy { (0x20...0x7E).contains($0) }
    }
}
