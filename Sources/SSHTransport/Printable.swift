/// Remote and library text made fit for a terminal and a log line: hostile until cleaned.
enum Printable {
    /// Characters of remote text kept in an error.
    static let limit = 600

    /// `text` on one line, control and direction-changing characters replaced, at most `limit`
    /// characters.
    static func text(_ text: String, limit: Int = limit) -> String {
        var clean = ""
        var count = 0
        for scalar in text.unicodeScalars {
            guard count < limit else {
                clean += "…"
                break
            }
            count += 1
            clean.unicodeScalars.append(isPlain(scalar) ? scalar : " ")
        }
        while clean.last == " " { clean.removeLast() }
        return String(clean.drop { $0 == " " })
    }

    /// Bytes read as UTF-8, cleaned the same way.
    static func text(_ bytes: some Collection<UInt8>, limit: Int = limit) -> String {
        text(String(decoding: bytes, as: UTF8.self), limit: limit)
    }

    /// False for C0, DEL, C1, bidirectional controls and the other invisible formatters.
    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
            .unassigned:
            false
        default: true
        }
    }
}
