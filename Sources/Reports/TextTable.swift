/// A table for a terminal: a head, rows, columns as wide as they need. Every cell is made
/// printable, wherever its text comes from.
public struct TextTable: Sendable {
    /// To which side a column's cells are pushed.
    public enum Alignment: Sendable { case left, right }

    /// One column.
    public struct Column: Sendable {
        /// Its title.
        public var title: String
        /// Where its cells stand.
        public var alignment: Alignment
        /// A column with a title.
        public init(_ title: String, _ alignment: Alignment = .left) {
            self.title = title
            self.alignment = alignment
        }
    }

    /// One cell.
    public struct Cell: Sendable, ExpressibleByStringInterpolation {
        /// What it says.
        public var text: String
        /// How it looks where styling is on, such as a colour; plain where nil.
        public var style: Style?
        /// A cell.
        public init(_ text: String, style: Style? = nil) {
            self.text = text
            self.style = style
        }
        /// A plain cell.
        public init(stringLiteral text: String) { self.init(text) }
    }

    /// How text is set off on a terminal.
    public enum Style: Int, Sendable {
        // SGR parameters of ECMA-48.
        case bold = 1
        case dim = 2
        case red = 31
        case green = 32
        case yellow = 33
    }

    /// Whether styles are used: never where the output is no terminal.
    public enum Styling: Sendable { case plain, ansi }

    /// Between two columns.
    private static let gap = "  "

    private let columns: [Column]
    private var rows: [[Cell]] = []

    /// An empty table with these columns.
    public init(_ columns: [Column]) { self.columns = columns }

    /// An empty table with columns of these titles, pushed to the left.
    public init(_ titles: String...) { self.init(titles.map { Column($0) }) }

    /// Adds a row.
    ///
    /// - Precondition: it has a cell for each column.
    public mutating func add(_ cells: [Cell]) {
        precondition(cells.count == columns.count, "a row has a cell for each column")
        rows.append(cells)
    }

    /// Adds a row of plain cells.
    public mutating func add(_ texts: String...) { add(texts.map { Cell($0) }) }

    /// The lines, without trailing spaces and line breaks.
    public func lines(_ styling: Styling = .plain) -> [String] {
        let head = columns.map { Cell($0.title, style: .bold) }
        let all = ([head] + rows).map { row in
            row.map { Cell(DisplayText.printable($0.text), style: $0.style) }
        }
        let widths = columns.indices.map { column in
            all.map { DisplayText.width(of: $0[column].text) }.max() ?? 0
        }
        return all.map { line($0, widths, styling) }
    }

    /// The table as text, a line break after each line.
    public func rendered(_ styling: Styling = .plain) -> String {
        lines(styling).map { $0 + "\n" }.joined()
    }

    private func line(_ cells: [Cell], _ widths: [Int], _ styling: Styling) -> String {
        var line = ""
        var pending = 0
        for (index, cell) in cells.enumerated() {
            let padding = widths[index] - DisplayText.width(of: cell.text)
            if index > 0 { pending += Self.gap.count }
            if columns[index].alignment == .right { pending += padding }
            if !cell.text.isEmpty {
                line += String(repeating: " ", count: pending) + styled(cell, styling)
                pending = 0
            }
            if columns[index].alignment == .left { pending += padding }
        }
        return line
    }

    private func styled(_ cell: Cell, _ styling: Styling) -> String {
        guard styling == .ansi, let style = cell.style else { return cell.text }
        return "\u{1B}[\(style.rawValue)m\(cell.text)\u{1B}[0m"
    }
}
