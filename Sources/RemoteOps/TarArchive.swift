/// Writes the POSIX ustar format (IEEE Std 1003.1, pax), with GNU's long-name records where a
/// path does not fit: GNU tar, bsdtar and busybox read both.
public enum TarArchive {
    /// Every record is padded to this many bytes.
    public static let blockSize = 512
    /// The largest file that the size field can hold: 8 GiB − 1.
    public static let fileSizeMax = 0o777_7777_7777

    /// The header of a regular file, owned by root; its `size` bytes and `padding` follow.
    ///
    /// - Parameters:
    ///   - path: Relative, at most 4,096 bytes, no NUL.
    ///   - modified: Seconds since 1970; 0 keeps archives of equal content equal.
    public static func header(path: String, mode: Int, size: Int, modified: Int = 0) -> [UInt8] {
        precondition((0...fileSizeMax).contains(size), "a tar entry holds at most 8 GiB")
        let bytes = Array(path.utf8)
        if bytes.count <= 100 {
            return block(name: bytes, mode: mode, size: size, modified: modified, type: "0")
        }
        // GNU's way: the name as the body of a record of its own.
        let body = bytes + [0]
        return block(
            name: Array("././@LongLink".utf8), mode: 0, size: body.count, modified: 0, type: "L")
            + body + padding(after: body.count)
            + block(
                name: Array(bytes.prefix(100)), mode: mode, size: size, modified: modified,
                type: "0")
    }

    /// The zeros after a body of `size` bytes.
    public static func padding(after size: Int) -> [UInt8] {
        [UInt8](repeating: 0, count: (blockSize - size % blockSize) % blockSize)
    }

    /// Two blocks of zeros end an archive.
    public static let end = [UInt8](repeating: 0, count: 2 * blockSize)

    private static func block(
        name: [UInt8], mode: Int, size: Int, modified: Int, type: Unicode.Scalar
    ) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: blockSize)
        func put(_ bytes: [UInt8], at offset: Int) {
            block.replaceSubrange(offset..<offset + bytes.count, with: bytes)
        }
        put(name, at: 0)
        put(octal(mode, digits: 7), at: 100)
        put(octal(0, digits: 7), at: 108)
        put(octal(0, digits: 7), at: 116)
        put(octal(size, digits: 11), at: 124)
        put(octal(modified, digits: 11), at: 136)
        put(Array("        ".utf8), at: 148)
        block[156] = UInt8(ascii: type)
        put(Array("ustar\u{0}00".utf8), at: 257)
        put(Array("root".utf8), at: 265)
        put(Array("root".utf8), at: 297)
        let sum = block.reduce(0) { $0 + Int($1) }
        put(octal(sum, digits: 6) + [0, UInt8(ascii: " ")], at: 148)
        return block
    }

    private static func octal(_ value: Int, digits: Int) -> [UInt8] {
        let text = String(value, radix: 8)
        return Array((String(repeating: "0", count: max(0, digits - text.count)) + text).utf8)
    }
}
