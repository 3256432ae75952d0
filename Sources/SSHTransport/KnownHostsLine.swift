/// One line of a known_hosts file, as the bytes that it is.
///
/// Each host of a fleet is looked up in a file with a line for each of them. That libssh's parser is
/// asked about every line costs more than the whole handshake once there are a thousand, so a line
/// of plain names is passed over where none of them can be the host's.
struct KnownHostsLine {
    /// Bytes that make a name a pattern, a negation or a hash.
    private static let special = Array("*?!|".utf8)

    private let content: ArraySlice<UInt8>
    /// The line up to its first blank.
    let names: ArraySlice<UInt8>

    /// A line without its line feed.
    init(_ bytes: ArraySlice<UInt8>) {
        content = bytes.drop(while: Self.isBlank)
        names = content.prefix { !Self.isBlank($0) }
    }

    /// Nothing, or a comment.
    var isVoid: Bool { names.first == nil || names.first == UInt8(ascii: "#") }

    /// It begins with a marker, such as `@revoked`, in place of names.
    var isMarked: Bool { names.first == UInt8(ascii: "@") }

    /// As libssh's parser takes it.
    var text: String {
        let endsInReturn = content.last == UInt8(ascii: "\r")
        return String(decoding: endsInReturn ? content.dropLast() : content, as: UTF8.self)
    }

    /// Whether one of its words is this one.
    func contains(word: String) -> Bool {
        content.split(whereSeparator: Self.isBlank).contains { $0.elementsEqual(word.utf8) }
    }

    /// False where no name of the line can be `label`, which is in lower case; true where only
    /// libssh's parser knows.
    func mayName(_ label: [UInt8]) -> Bool {
        if names.contains(where: Self.special.contains) { return true }
        var rest = names
        while rest.count >= label.count {
            if zip(rest, label).allSatisfy({ Self.lowered($0) == $1 }) { return true }
            rest.removeFirst()
        }
        return false
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }

    /// As libssh compares names: only ASCII letters have a case.
    private static func lowered(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
