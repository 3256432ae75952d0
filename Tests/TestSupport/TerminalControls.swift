extension String {
    /// What a terminal obeys in place of showing it: controls but the line's end, and what turns the
    /// direction of text.
    public var terminalControls: [Unicode.Scalar] {
        if utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return [] }
        return unicodeScalars.filter { scalar in
            switch scalar.value {
            case 0x0A: false
            case 0..<0x20, 0x7F..<0xA0, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
            default: false
            }
        }
    }
}
