import CPlatform

/// Another program in place of this one.
public enum Program {
    /// Becomes the program that the first word is the path of (execv(3)), with the same process id,
    /// environment and open standard streams. Returns only where that fails.
    public static func become(_ words: [String]) -> PosixError {
        guard let path = words.first, !words.contains(where: { $0.utf8.contains(0) }) else {
            preconditionFailure("a program has a path, and no word has a NUL")
        }
        var bytes: [CChar] = []
        for word in words {
            for byte in word.utf8 { bytes.append(CChar(bitPattern: byte)) }
            bytes.append(0)
        }
        let count = words.count
        _ = bytes.withUnsafeMutableBufferPointer { cp_exec($0.baseAddress, count) }
        return PosixError("execute " + path, code: cp_errno())
    }
}
