/// Metrics in Prometheus' text format, version 0.0.4, as scrapers and node_exporter's textfile
/// collector read it.
public struct PrometheusText: Sendable {
    /// How the numbers of a family behave.
    public enum Kind: String, Sendable {
        /// Goes up and down.
        case gauge
        /// Only goes up, and begins anew at 0; its name ends with `_total`.
        case counter
    }

    /// The content type of an answer with it.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"
    /// Most series of one family: a host that makes up labels does not fill a Prometheus.
    public static let seriesMax = 20_000

    private struct Family {
        var name, help: String
        var kind: Kind
        var lines: [String] = []
        var seen: Set<String> = []
    }

    private var families: [Family] = []
    private var places: [String: Int] = [:]

    /// No metrics.
    public init() {}

    /// Adds one number. The family is begun by its first number, with that one's help and kind.
    /// What has the same name and labels as an earlier one is left out: a scraper would refuse all.
    public mutating func add(
        _ name: String, _ kind: Kind = .gauge, help: @autoclosure () -> String,
        labels: [(name: String, value: String)] = [], _ value: Double
    ) {
        let name = Self.name(name)
        if places[name] == nil {
            places[name] = families.count
            families.append(Family(name: name, help: help(), kind: kind))
        }
        guard let place = places[name] else { return }
        let series = name + Self.text(labels)
        guard families[place].lines.count < Self.seriesMax,
            families[place].seen.insert(series).inserted
        else { return }
        families[place].lines.append("\(series) \(Self.text(value))")
    }

    /// The text; families in the order of their first numbers.
    public func rendered() -> String {
        var text = ""
        for family in families {
            text += "# HELP \(family.name) \(Self.escaped(family.help))\n"
            text += "# TYPE \(family.name) \(family.kind.rawValue)\n"
            for line in family.lines { text += line + "\n" }
        }
        return text
    }

    /// The labels with their braces; nothing where there are none.
    private static func text(_ labels: [(name: String, value: String)]) -> String {
        var seen: Set<String> = []
        let parts = labels.compactMap { label -> String? in
            let name = labelName(label.name)
            guard seen.insert(name).inserted else { return nil }
            return "\(name)=\"\(escaped(label.value, quotes: true))\""
        }
        return parts.isEmpty ? "" : "{" + parts.joined(separator: ",") + "}"
    }

    private static func text(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        // Without the ".0" of whole numbers as far as they are exact.
        return value.magnitude < 0x1p53 && value == value.rounded()
            ? "\(Int64(value))" : "\(value)"
    }

    /// Backslash, line feed and, in label values, quotes; other control characters are replaced.
    private static func escaped(_ text: String, quotes: Bool = false) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result += DisplayText.printable(String(scalar))
            }
        }
        return result
    }

    /// `[a-zA-Z_:][a-zA-Z0-9_:]*`; anything else becomes an underscore.
    private static func name(_ text: String) -> String { word(text, allowing: ":") }

    /// `[a-zA-Z_][a-zA-Z0-9_]*`; two underscores in front are Prometheus' own.
    private static func labelName(_ text: String) -> String {
        let name = word(text, allowing: "_")
        return name.hasPrefix("__") ? "x" + name : name
    }

    private static func word(_ text: String, allowing more: Character) -> String {
        var result = ""
        for character in text {
            let isLetter =
                character.isASCII && character.isLetter || character == "_" || character == more
            let isDigit = character.isASCII && character.isNumber
            if result.isEmpty, isDigit { result = "_" }
            result.append(isLetter || isDigit ? character : "_")
        }
        return result.isEmpty ? "_" : result
    }
}
