/// A host and a port as a command line writes them: `host:port`, `[::1]:port`.
struct NetworkAddress: Equatable, CustomStringConvertible {
    /// A name or an address, without brackets.
    var host: String
    /// 0 to 65535.
    var port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Nil where the text is neither form.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"),
            case let digits = text[text.index(after: colon)...],
            (1...5).contains(digits.utf8.count),
            digits.allSatisfy({ $0.isASCII && $0.isNumber }), let port = Int(digits), port <= 65535
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(where: { $0 == ":" || $0 == "[" || $0 == "]" }) {
            return nil
        }
        guard !host.isEmpty, !host.contains(where: { $0.isWhitespace }) else { return nil }
        self.init(host: String(host), port: port)
    }

    /// The form with brackets where they are needed.
    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
