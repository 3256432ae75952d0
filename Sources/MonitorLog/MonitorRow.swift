// The monitor's daily CSV files: what one row says, and how it is written. The columns are those of
// the program that the monitor replaces, since other people's reports read them.

/// What the monitor knew at one moment. Nil is unknown and becomes an empty cell.
public struct MonitorRow: Sendable, Equatable {
    /// Local time, `2026-01-31T12:00:00`.
    public var timestamp = ""
    /// The same in seconds since 1970.
    public var unixSeconds: Int64?
    /// State of charge of the battery.
    public var stateOfChargePercent: Int?
    /// State of health of the battery.
    public var stateOfHealthPercent: Int?
    /// Battery voltage; written in tenths of a volt.
    public var batteryMillivolts: Int?
    /// Voltage of the first string of panels; written in tenths of a volt.
    public var string1Millivolts: Int?
    /// Voltage of the second string.
    public var string2Millivolts: Int?
    /// Power of the first string.
    public var string1Watts: Int?
    /// Power of the second string.
    public var string2Watts: Int?
    /// What the house takes.
    public var loadWatts: Int?
    /// Into the battery, as the inverter measures it.
    public var chargeWatts: Int?
    /// Out of the battery.
    public var dischargeWatts: Int?
    /// The monitor's word for the generator, such as `RUNNING`.
    public var generatorState: String?
    /// Whether the engine runs.
    public var generatorRuns: Bool?
    /// Power of all strings, of files that have no column for each; never written.
    public var undividedWatts: Int?

    /// A row that knows nothing.
    public init() {}

    /// Power of all panels; nil where a part of it is unknown.
    public var photovoltaicWatts: Int? {
        if let undividedWatts { return undividedWatts }
        guard let string1Watts, let string2Watts else { return nil }
        return string1Watts + string2Watts
    }

    /// The first line of a file, with its end.
    public static var header: String { line { $0.name } }

    /// The row as a line with its end. Every row is one line, so that a file cut short by a power
    /// cut is whole up to its last line: control characters in texts become blanks.
    public var csvLine: String { Self.line { CSVText.cell($0.text(of: self)) } }

    private static func line(_ cell: (Column) -> String) -> String {
        var text = ""
        var comma = ""
        for column in Column.written {
            text += comma + cell(column)
            comma = ","
        }
        return text + "\n"
    }

    /// Whether a line without its end is a whole row under ``header``: one that lost its line end
    /// alone. A last cell that is missing is taken for unknown.
    public static func isWhole(_ line: [UInt8]) -> Bool {
        let columns = Column.written.map { Optional($0) }
        guard let cells = CSVText.cells(line) else { return false }
        // Why it is none does not matter here: whether it is one is all that is asked.
        return (try? Column.row(cells, columns)) != nil
    }
}
