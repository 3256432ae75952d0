/// What YAML makes of a scalar without quotes.
enum PlainScalar: Equatable {
    case nothing, truthValue, number, text

    /// The reading of YAML 1.1 and 1.2 together: whatever either takes for something else than
    /// text.
    init(_ text: String) {
        switch text.lowercased() {
        case "", "~", "null": self = .nothing
        case "true", "false", "yes", "no", "on", "off": self = .truthValue
        case ".inf", "-.inf", "+.inf", ".nan": self = .number
        default: self = Self.isNumber(text) ? .number : .text
        }
    }

    private static func isNumber(_ text: String) -> Bool {
        let unsigned = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text[...]
        guard let first = unsigned.unicodeScalars.first,
            TextRule.contains(first, in: "0-9.")
        else { return false }
        if Double(unsigned) != nil { return true }
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)]
        where unsigned.lowercased().hasPrefix(prefix) {
            return Int(unsigned.dropFirst(2), radix: radix) != nil
        }
        return false
    }
}

/// The rules for single values.
enum ScalarRule {
    typealias Fault = (sentence: String, suggestion: String?)

    /// What belongs in the place of a value of the wrong type.
    static func expectation(_ shape: Shape) -> String {
        switch shape {
        case .text(let rule): rule.noun
        case .integer: "a whole number"
        case .duration: "a duration such as 10s or 1h30m"
        case .choice(let words): "one of " + words.joined(separator: ", ")
        case .secret: "a reference to a password (env:, file: or command:)"
        case .port: "a port such as 9999 or 9999/udp"
        case .pin: "a fingerprint SHA256:…"
        case .mode: "permissions in quotes, such as \"0640\""
        case .list, .oneOrMany, .named, .object, .variant: "another value"
        }
    }

    /// What is wrong with a scalar; nil where it is as its shape demands. A secret's text is in
    /// no fault.
    static func fault(_ text: String, _ style: Node.Style, _ shape: Shape) -> Fault? {
        let kind = style == .plain ? PlainScalar(text) : .text
        if kind == .nothing {
            return ("there is no value", "give \(expectation(shape)), or remove the key")
        }
        switch shape {
        case .text(let rule): return textFault(text, kind, rule)
        case .integer(let range): return integerFault(text, kind, range)
        case .duration(let range): return durationFault(text, range)
        case .choice(let words): return choiceFault(text, words)
        case .secret: return secretFault(text)
        case .port: return portFault(text)
        case .pin: return pinFault(text)
        case .mode: return modeFault(text, kind)
        case .list, .oneOrMany, .named, .object, .variant:
            preconditionFailure("not a shape of scalars")
        }
    }

    private static func textFault(_ text: String, _ kind: PlainScalar, _ rule: TextRule) -> Fault? {
        let shown = Shown.text(text)
        if kind == .truthValue {
            return ("YAML reads \(shown) as a truth value", "put it in quotes: \"\(shown)\"")
        }
        if kind == .number, !rule.takesNumbers {
            return ("\(shown) is a number where \(rule.noun) belongs", "put it in quotes")
        }
        guard let objection = rule.objection(to: text) else { return nil }
        let subject = text.isEmpty ? "the value" : "'\(shown)'"
        let isFree = rule.first == nil && !text.isEmpty
        return ("\(subject) \(objection)", isFree ? nil : "write \(rule.noun)")
    }

    private static func integerFault(
        _ text: String, _ kind: PlainScalar, _ range: ClosedRange<Int>
    ) -> Fault? {
        let shown = Shown.text(text)
        guard kind == .number, let number = wholeNumber(text) else {
            let advice = wholeNumber(text) == nil ? nil : "write it without quotes"
            return ("'\(shown)' is not a whole number", advice)
        }
        guard range.contains(number) else {
            let limits =
                range.count == 1
                ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
            return ("\(shown) is out of range", "write \(limits)")
        }
        return nil
    }

    /// Decimal digits without a leading zero, which YAML 1.1 would read as octal.
    static func wholeNumber(_ text: some StringProtocol) -> Int? {
        guard (1...18).contains(text.utf8.count), text == "0" || !text.hasPrefix("0"),
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return Int(text)
    }

    private static func durationFault(_ text: String, _ range: ClosedRange<Int>) -> Fault? {
        guard let duration = DurationText.parse(text) else {
            let advice = wholeNumber(text).map { "write the unit: \($0)s" }
            return ("'\(Shown.text(text))' is no duration", advice ?? "write 10s, 2m or 1h30m")
        }
        let limits = Duration.seconds(range.lowerBound)...Duration.seconds(range.upperBound)
        if limits.contains(duration) { return nil }
        return (
            "\(text) is out of range",
            "write \(DurationText.format(limits.lowerBound)) to"
                + " \(DurationText.format(limits.upperBound))"
        )
    }

    private static func choiceFault(_ text: String, _ words: [String]) -> Fault? {
        if words.contains(text) { return nil }
        let advice = Suggestion.question(for: text, in: words)
        return (
            "'\(Shown.text(text))' is not known here",
            advice ?? "write " + (words.count > 1 ? "one of " : "") + words.joined(separator: ", ")
        )
    }

    private static func secretFault(_ text: String) -> Fault? {
        if SecretReference(text) != nil { return nil }
        for scheme in SecretReference.schemes where text.hasPrefix(scheme + ":") {
            return ("what follows '\(scheme):' is no \(scheme) reference", SecretReference.advice)
        }
        return ("a password does not belong in the inventory", SecretReference.advice)
    }

    private static func portFault(_ text: String) -> Fault? {
        if PortClaim(text) != nil { return nil }
        return ("'\(Shown.text(text))' is no port", "write 1 to 65535, or such as 9999/udp")
    }

    private static func pinFault(_ text: String) -> Fault? {
        if HostKeyPin.isValid(text) { return nil }
        let advice =
            text.hasPrefix("ssh-") || text.hasPrefix("ecdsa-")
            ? "write its fingerprint, which `ssh-keygen -l -f FILE` prints"
            : "write SHA256: and 43 characters, as ssh-keygen -l prints it"
        return ("'\(Shown.text(text))' is no fingerprint", advice)
    }

    private static func modeFault(_ text: String, _ kind: PlainScalar) -> Fault? {
        guard kind == .text else {
            return ("YAML may read \(Shown.text(text)) as another number", "put it in quotes")
        }
        guard let mode = FileMode.parse(text) else {
            return (
                "'\(Shown.text(text))' is no set of permissions",
                "write four octal digits such as \"0640\""
            )
        }
        if mode & 0o022 != 0 {
            return ("mode \(text) lets others write the file", "write \"0644\" or stricter")
        }
        return mode & 0o400 == 0
            ? ("mode \(text) keeps its owner from reading the file", "write \"0644\" or \"0600\"")
            : nil
    }
}
