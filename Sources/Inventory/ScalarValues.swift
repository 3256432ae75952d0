// Values that the inventory writes as one word, read from their text.

extension SecretReference {
    /// The kinds of reference.
    static let schemes = ["env", "file", "command"]
    /// What to write in place of a password.
    static let advice =
        "write env:NAME, file:PATH (a file of mode 0600) or command:COMMAND"
    /// Longest path or command, in bytes.
    static let lengthLimit = 1024

    /// The reference that `text` is; nil where it is none, as a literal password.
    public init?(_ text: String) {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let body = String(text[text.index(after: colon)...])
        guard !body.isEmpty, body.utf8.count <= Self.lengthLimit, body.first != " ",
            !body.unicodeScalars.contains(where: PrintableText.isControl)
        else { return nil }
        switch text[..<colon] {
        case "env":
            guard TextRule.identifier.objection(to: body) == nil else { return nil }
            self = .environment(body)
        case "file":
            guard TextRule.path.objection(to: body) == nil else { return nil }
            self = .file(body)
        case "command": self = .command(body)
        default: return nil
        }
    }
}

extension SecretReference: CustomStringConvertible {
    /// The reference as the inventory writes it; the secret itself is not in it.
    public var description: String {
        switch self {
        case .environment(let name): "env:" + name
        case .file(let path): "file:" + path
        case .command(let command): "command:" + command
        }
    }
}

extension PortClaim: CustomStringConvertible {
    /// The claim that `text` means: `9999`, `9999/tcp` or `9999/udp`; nil where it means none.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let number = ScalarRule.wholeNumber(parts[0]),
            (1...65535).contains(number)
        else { return nil }
        guard parts.count == 2 else {
            self.init(number)
            return
        }
        guard let transport = Transport(rawValue: String(parts[1])) else { return nil }
        self.init(number, transport)
    }

    /// The claim as ss and /etc/services write it: `9999/tcp`.
    public var description: String { "\(number)/\(transport.rawValue)" }
}

/// Host keys' fingerprints as OpenSSH prints them.
enum HostKeyPin {
    /// The unpadded base64 of a SHA-256 hash.
    static let hashLength = 43
    static let prefix = "SHA256:"

    static func isValid(_ text: String) -> Bool {
        guard text.hasPrefix(prefix) else { return false }
        let hash = text.unicodeScalars.dropFirst(prefix.count)
        return hash.count == hashLength
            && hash.allSatisfy { TextRule.contains($0, in: "A-Za-z0-9+/") }
    }
}

/// Permission bits as `"0640"`.
enum FileMode {
    /// The bits that `text` means: three octal digits, a zero before them at most.
    static func parse(_ text: String) -> Int? {
        let digits = text.utf8.count == 4 && text.hasPrefix("0") ? text.dropFirst() : text[...]
        guard digits.utf8.count == 3,
            digits.unicodeScalars.allSatisfy({ TextRule.contains($0, in: "0-7") })
        else { return nil }
        return Int(digits, radix: 8)
    }
}
