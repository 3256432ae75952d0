/// A text with `@variables@`: unit sources and the rc.local supervisor. `@@` is a plain `@`; an `@`
/// that begins no variable, as in `getty@tty1.service`, stays as it is.
public struct Template: Sendable, Equatable {
    /// Longest name of a variable.
    public static let nameLimit = 32

    private let text: String

    /// A template with this text.
    public init(_ text: String) { self.text = text }

    /// The text with every variable replaced.
    ///
    /// - Parameters:
    ///   - variables: values by name, quoted for where they stand.
    ///   - optional: names that the text need not use.
    /// - Throws: every variable that is unknown, every one that is given and not used, and every
    ///   value that would break its line.
    public func filled(
        with variables: [String: String], optional: Set<String> = []
    ) throws(TemplateError) -> String {
        var problems: [TemplateError.Problem] = []
        var used: Set<String> = []
        var result = ""
        for line in PhysicalLines(text) {
            result += fill(line, variables, &used, &problems)
        }
        for (name, value) in variables.sorted(by: { $0.key < $1.key }) {
            if !used.contains(name), !optional.contains(name) { problems.append(.unused(name)) }
            if value.unicodeScalars.contains(where: { $0 == "\n" || $0 == "\r" || $0 == "\0" }) {
                problems.append(.breaksLine(name))
            }
        }
        guard problems.isEmpty else { throw TemplateError(problems: problems) }
        return result
    }

    /// The variables that the text uses.
    public var names: Set<String> {
        var used: Set<String> = []
        var problems: [TemplateError.Problem] = []
        for line in PhysicalLines(text) { _ = fill(line, [:], &used, &problems) }
        return used
    }

    private func fill(
        _ line: PhysicalLine, _ variables: [String: String], _ used: inout Set<String>,
        _ problems: inout [TemplateError.Problem]
    ) -> String {
        var result = ""
        var rest = Substring(line.raw)
        while let at = rest.firstIndex(of: "@") {
            result += rest[..<at]
            rest = rest[rest.index(after: at)...]
            let name = String(rest.prefix { $0 != "@" && $0 != "\n" })
            let isClosed = rest.dropFirst(name.count).first == "@"
            if isClosed, name.isEmpty {
                result += "@"
                rest = rest.dropFirst()
            } else if isClosed, Self.isName(name) {
                used.insert(name)
                if let value = variables[name] {
                    result += value
                } else {
                    problems.append(.unknown(name, line: line.number))
                }
                rest = rest.dropFirst(name.count + 1)
            } else {
                result += "@"
            }
        }
        return result + rest
    }

    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= nameLimit else { return false }
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        return letters.contains(first)
            && text.utf8.allSatisfy {
                letters.contains($0) || $0 == UInt8(ascii: "_")
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
            }
    }
}

/// Everything that keeps a template from being filled.
public struct TemplateError: Error, Sendable, Equatable {
    /// One reason.
    public enum Problem: Sendable, Equatable {
        /// The text uses a variable that has no value, in this line.
        case unknown(String, line: Int)
        /// A value is given for a variable that the text does not use.
        case unused(String)
        /// The value holds a line break or a NUL.
        case breaksLine(String)
    }

    /// The reasons, in the order of the text.
    public var problems: [Problem]
}

extension TemplateError.Problem: CustomStringConvertible {
    /// The reason as a sentence without a full stop.
    public var description: String {
        switch self {
        case .unknown(let name, let line): "line \(line): there is no variable @\(name)@"
        case .unused(let name): "the variable @\(name)@ is given, but not used"
        case .breaksLine(let name): "the value of @\(name)@ holds a line break or a NUL"
        }
    }
}
