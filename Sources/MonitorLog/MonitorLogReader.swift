/// Reads the monitor's files, those of its older generation, and the inverter logger's. What the
/// columns mean is taken from the header; columns that nobody needs are ignored. Bytes in, rows out:
/// memory is bounded by the line limit, whatever arrives.
public struct MonitorLogReader: Sendable {
    /// Why a line is no row.
    public enum Refusal: Sendable, Equatable {
        /// No header has come yet.
        case noHeader
        /// Longer than any row.
        case overlong
        /// The file ends within it.
        case unfinished
        /// A quote is out of place.
        case badQuotes
        /// More or fewer cells than the header.
        case cellCount
        /// The cell in this column is no value of its kind.
        case badCell(String)
        /// Neither of the two columns of time has a value.
        case noTime

        /// The reason in words.
        public var text: String {
            switch self {
            case .noHeader: "no header comes before it"
            case .overlong: "it is longer than any row"
            case .unfinished: "the file ends within it"
            case .badQuotes: "a quote is out of place"
            case .cellCount: "it has not as many cells as the header"
            case .badCell(let name): "the cell in " + name + " is no value"
            case .noTime: "it has no time"
            }
        }
    }

    /// What a line was.
    public enum Element: Sendable, Equatable {
        /// A row.
        case row(MonitorRow)
        /// A line that is none, counted from 1.
        case skipped(line: Int, Refusal)
    }

    /// Longest line, in bytes.
    public static var lineLimit: Int { 4096 }

    private static var byteOrderMark: [UInt8] { [0xEF, 0xBB, 0xBF] }

    private var columns: [Column?] = []
    private var buffer: [UInt8] = []
    private var isOverlong = false
    private var lineNumber = 1

    /// A reader at the beginning of a file.
    public init() {}

    /// Takes the next byte; something comes out where it ended a line that is no header.
    public mutating func push(_ byte: UInt8) -> Element? {
        guard byte == 0x0A else {
            if buffer.count < Self.lineLimit { buffer.append(byte) } else { isOverlong = true }
            return nil
        }
        return takeLine(isEnded: true)
    }

    /// Takes the end of the file; something comes out where its last line has no line end.
    public mutating func finish() -> Element? {
        buffer.isEmpty ? nil : takeLine(isEnded: false)
    }

    private mutating func takeLine(isEnded: Bool) -> Element? {
        var line = buffer
        let number = lineNumber
        let wasOverlong = isOverlong
        buffer.removeAll(keepingCapacity: true)
        isOverlong = false
        lineNumber += 1
        if wasOverlong { return .skipped(line: number, .overlong) }
        if line.last == 0x0D { line.removeLast() }
        if number == 1, line.starts(with: Self.byteOrderMark) { line.removeFirst(3) }
        if line.isEmpty { return nil }
        guard let cells = CSVText.cells(line) else {
            return .skipped(line: number, isEnded ? .badQuotes : .unfinished)
        }
        let named = cells.map { Column(name: $0) }
        if named.contains(.timestamp) || named.contains(.unixSeconds) {
            // A second header, of files put together, is in force from here on.
            if isEnded { columns = named }
            return isEnded ? nil : .skipped(line: number, .unfinished)
        }
        guard !columns.isEmpty else { return .skipped(line: number, .noHeader) }
        // A number that was cut is a number still: only 0 or 1 in the last cell says it is whole.
        guard isEnded || columns.last == .generatorRuns && cells.last?.isEmpty == false else {
            return .skipped(line: number, .unfinished)
        }
        do throws(Column.Refusal) {
            return .row(try Column.row(cells, columns))
        } catch {
            guard isEnded else { return .skipped(line: number, .unfinished) }
            return .skipped(line: number, Self.refusal(error))
        }
    }

    private static func refusal(_ refusal: Column.Refusal) -> Refusal {
        switch refusal {
        case .cellCount: .cellCount
        case .badCell(let column): .badCell(column.name)
        case .noTime: .noTime
        }
    }
}

/// A whole file that was read.
public struct MonitorLogText: Sendable, Equatable {
    /// A line that is no row.
    public struct Skipped: Sendable, Equatable {
        /// Its number, from 1.
        public var line: Int
        /// Why.
        public var refusal: MonitorLogReader.Refusal
    }

    /// The rows, in the file's order.
    public private(set) var rows: [MonitorRow] = []
    /// The lines that are none; the first ``skippedMax`` of them.
    public private(set) var skipped: [Skipped] = []
    /// How many lines are none.
    public private(set) var skippedCount = 0

    /// So many skipped lines are told of one by one.
    public static var skippedMax: Int { 100 }

    /// Reads a file's bytes.
    public init(_ bytes: [UInt8]) {
        var reader = MonitorLogReader()
        for byte in bytes { take(reader.push(byte)) }
        take(reader.finish())
    }

    private mutating func take(_ element: MonitorLogReader.Element?) {
        switch element {
        case nil: break
        case .row(let row): rows.append(row)
        case .skipped(let line, let refusal):
            skippedCount += 1
            if skipped.count < Self.skippedMax {
                skipped.append(Skipped(line: line, refusal: refusal))
            }
        }
    }
}
