/// Makes lines of a program's output as it comes in pieces. Colours and other control sequences
/// are not understood, only control characters dropped; what exceeds the limit is cut off.
struct LineSplitter {
    /// Bytes kept of one line.
    static let lineLimit = 4096

    private var pending: [UInt8] = []

    /// The lines that the piece completes. A carriage return ends a line as well: progress
    /// displays redraw with it.
    mutating func lines(adding piece: some Sequence<UInt8>) -> [String] {
        var lines: [String] = []
        for byte in piece {
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                if let line = finish() { lines.append(line) }
            } else if pending.count < Self.lineLimit, byte >= 0x20 || byte == UInt8(ascii: "\t") {
                pending.append(byte)
            }
        }
        return lines
    }

    /// What is left without an end of line; nil where nothing is.
    mutating func finish() -> String? {
        guard !pending.isEmpty else { return nil }
        defer { pending.removeAll(keepingCapacity: true) }
        return String(decoding: pending, as: UTF8.self)
    }
}
