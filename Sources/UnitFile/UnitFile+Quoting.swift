extension UnitFile {
    /// One argument of an `ExecStart=` and its like that reaches the program as exactly `text`:
    /// C escapes in double quotes, `%` and `$` doubled (systemd.service(5), Command lines).
    ///
    /// - Precondition: `text` holds no NUL.
    public static func quotedExecWord(_ text: String) -> String {
        isPlain(text) ? text : "\"" + escaped(text, doubling: ["%", "$"]) + "\""
    }

    /// The value of an `Environment=` that sets one variable to exactly `value`: as for a command
    /// line, but `$` has no meaning there (systemd.exec(5)).
    ///
    /// - Precondition: neither holds a NUL; the name is a C identifier.
    public static func quotedEnvironment(_ name: String, _ value: String) -> String {
        isPlain(value)
            ? "\(name)=\(value)" : "\"\(name)=" + escaped(value, doubling: ["%"]) + "\""
    }

    private static func escaped(_ text: String, doubling doubled: Set<Unicode.Scalar>) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            precondition(scalar.value != 0, "a NUL cannot be passed as an argument")
            switch scalar {
            case "\"", "\\": result += ["\\", scalar]
            case "\n": result += ["\\", "n"]
            case "\t": result += ["\\", "t"]
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                result += ("\\x" + (digits.count < 2 ? "0" : "") + digits).unicodeScalars
            case _ where doubled.contains(scalar): result += [scalar, scalar]
            default: result.append(scalar)
            }
        }
        return String(result)
    }

    /// True for words to which systemd gives no meaning anywhere in a line.
    private static func isPlain(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
                    UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: ","), UInt8(ascii: ":"),
                    UInt8(ascii: "="), UInt8(ascii: "+"):
                    true
                default: false
                }
            }
    }
}
