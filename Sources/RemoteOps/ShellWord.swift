/// Quoting for POSIX sh: the one place where text becomes part of a command line.
public enum ShellWord {
    /// One word of POSIX sh that expands to exactly `text` (POSIX 2.2.2, single quotes).
    ///
    /// - Precondition: `text` holds no NUL, which no argument can carry.
    public static func quoted(_ text: String) -> String {
        precondition(!text.utf8.contains(0), "a NUL cannot be passed as an argument")
        if !text.isEmpty, text.utf8.allSatisfy(isPlain) { return text }
        var word = "'"
        for character in text.unicodeScalars {
            if character == "'" { word += "'\\''" } else { word.unicodeScalars.append(character) }
        }
        return word + "'"
    }

    /// Bytes that no POSIX shell gives a meaning to anywhere in a word.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
            UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: ","), UInt8(ascii: ":"),
            UInt8(ascii: "@"), UInt8(ascii: "+"):
            true
        default: false
        }
    }
}
