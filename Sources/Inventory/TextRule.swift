/// What text a key takes: one description from which both the check and the JSON Schema's
/// pattern are made.
struct TextRule: Sendable {
    /// A demand that no set of characters can express.
    enum Extra: Sendable { case nothing, relativePath, ownHome, numbersAreIPv4, fileName, label }

    /// What the text is, for messages: "a user name".
    var noun: String
    /// Characters that it may begin with, as in a regular expression's brackets; nil is any that
    /// is no control character.
    var first: String?
    /// Characters that it may go on with.
    var rest: String?
    /// How many characters it has, the suffix included.
    var length: ClosedRange<Int>
    /// What it must end with.
    var suffix = ""
    /// A further demand.
    var extra = Extra.nothing
    /// A number without quotes is taken as it is written.
    var takesNumbers = false

    /// Why `text` does not obey, as the end of a sentence; nil where it does.
    func objection(to text: String) -> String? {
        if let bad = text.unicodeScalars.first(where: PrintableText.isControl) {
            let code = "U+" + String(bad.value, radix: 16, uppercase: true)
            return "holds a control character (\(code))"
        }
        let count = text.unicodeScalars.count
        if text.isEmpty, length.lowerBound > 0 { return "is empty" }
        if count > length.upperBound { return "is longer than \(length.upperBound) characters" }
        guard text.hasSuffix(suffix) else { return "does not end in '\(suffix)'" }
        if count < length.lowerBound { return "is too short" }
        let stem = text.unicodeScalars.dropLast(suffix.unicodeScalars.count)
        for (index, scalar) in stem.enumerated() {
            guard let allowed = index == 0 ? first : rest else { continue }
            if !Self.contains(scalar, in: allowed) {
                let character = String(scalar)
                return index == 0
                    ? "begins with '\(character)'" : "holds the character '\(character)'"
            }
        }
        return objectionBeyondCharacters(to: text)
    }

    private func objectionBeyondCharacters(to text: String) -> String? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        switch extra {
        case .nothing: return nil
        case .relativePath:
            if text.hasPrefix("/") || text.hasPrefix("~") { return "is not relative" }
            if parts.contains("..") { return "leads out of its folder with '..'" }
            return parts.contains("") || parts.contains(".") ? "is no plain path" : nil
        case .label: return text.hasSuffix("-") ? "ends in '-'" : nil
        case .ownHome:
            return text.hasPrefix("~") && text != "~" && !text.hasPrefix("~/")
                ? "leads to another user's home" : nil
        case .fileName:
            return text == "." || text == ".." || text.contains("/")
                ? "is no plain file name" : nil
        case .numbersAreIPv4:
            guard Self.isNumeric(text) else { return nil }
            let octets = text.split(separator: ".", omittingEmptySubsequences: false)
            let valid = octets.count == 4 && octets.allSatisfy { (Int($0) ?? 256) <= 255 }
            return valid ? nil : "is no IPv4 address"
        }
    }

    private static func isNumeric(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { contains($0, in: "0-9.") }
    }

    /// True where the scalar stands in a set such as `a-z0-9_-`.
    static func contains(_ scalar: Unicode.Scalar, in set: String) -> Bool {
        let members = Array(set.unicodeScalars)
        var index = 0
        while index < members.count {
            if index + 2 < members.count, members[index + 1] == "-" {
                if (members[index]...members[index + 2]).contains(scalar) { return true }
                index += 3
            } else {
                if members[index] == scalar { return true }
                index += 1
            }
        }
        return false
    }

    /// The rule as a regular expression of JSON Schema (ECMA-262); it may let through what
    /// `extra` forbids.
    var pattern: String {
        let control = "\\u0000-\\u001f\\u007f-\\u009f"
        let ending = suffix.map { $0 == "." ? "\\." : String($0) }.joined()
        let stem = length.lowerBound - suffix.count...length.upperBound - suffix.count
        guard let first, let rest else {
            return "^[^\(control)]{\(stem.lowerBound),\(stem.upperBound)}\(ending)$"
        }
        if extra == .label {
            return "^[\(first)]([\(rest)]{0,\(stem.upperBound - 2)}[\(first)])?$"
        }
        return "^[\(first)][\(rest)]{\(stem.lowerBound - 1),\(stem.upperBound - 1)}\(ending)$"
    }
}

extension TextRule {
    static let label = TextRule(
        noun: "a name of a-z, 0-9 and '-'", first: "a-z0-9", rest: "a-z0-9-", length: 1...63,
        extra: .label)
    static let title = TextRule(noun: "a title", length: 1...64)
    static let address = TextRule(
        noun: "a host name or IP address", first: "A-Za-z0-9:", rest: "A-Za-z0-9._:%-",
        length: 1...253, extra: .numbersAreIPv4)
    static let account = TextRule(
        noun: "a user or group name", first: "A-Za-z_", rest: "A-Za-z0-9_.-", length: 1...32)
    static let path = TextRule(noun: "a path", length: 1...1024, extra: .ownHome)
    static let innerPath = TextRule(
        noun: "a path inside the release", first: "A-Za-z0-9_.@+", rest: "A-Za-z0-9_.@+/-",
        length: 1...256, extra: .relativePath)
    static let fileName = TextRule(
        noun: "a file name", first: "A-Za-z0-9_.@+", rest: "A-Za-z0-9_.@+-", length: 1...128,
        extra: .fileName)
    static let unitName = TextRule(
        noun: "a unit name that ends in '.service'", first: "A-Za-z0-9_", rest: "A-Za-z0-9:_.@-",
        length: 9...255, suffix: ".service")
    static let tag = TextRule(
        noun: "a tag", first: "A-Za-z0-9", rest: "A-Za-z0-9_.-", length: 1...63)
    static let identifier = TextRule(
        noun: "a variable's name", first: "A-Za-z_", rest: "A-Za-z0-9_", length: 1...128)
    static let word = TextRule(noun: "text", length: 0...4096, takesNumbers: true)
    static let line = TextRule(noun: "text", length: 1...256, takesNumbers: true)
    static let absolutePath = TextRule(
        noun: "an absolute path", first: "/", rest: "A-Za-z0-9_.@+:,/-", length: 2...1024)
    static let urlPath = TextRule(
        noun: "a path of a URL that begins with '/'", first: "/",
        rest: "A-Za-z0-9_.~%!$&'()*+,;=:@/?-", length: 1...1024)
}
