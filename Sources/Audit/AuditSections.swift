/// The sections of what `audit.sh` printed: told apart by a word that is new in each run, so that
/// nothing in the bytes of a command line or a file can pass for one.
struct AuditSections {
    /// Why the output cannot be used.
    enum Failure: Error, Sendable, Equatable {
        /// It does not begin as it must; its first line.
        case notAnAudit(String)
        /// It breaks off.
        case cutOff
    }

    struct Section {
        var key: String
        /// What follows the key in its line.
        var value: String
        /// The bytes of the section; of `processes`, each `WORD|` begins a new part.
        var parts: [ArraySlice<UInt8>]

        var body: ArraySlice<UInt8> { parts[0] }

        /// The body's lines, without empty ones.
        var lines: [ArraySlice<UInt8>] { body.split(separator: UInt8(ascii: "\n")) }
    }

    private static let head = Array("fleet-audit 1 ".utf8)
    /// The length of a UUID's text (RFC 9562).
    private static let wordLength = 36

    var sections: [Section] = []

    init(_ output: [UInt8]) throws(Failure) {
        let start = Self.head.count
        let end = start + Self.wordLength
        guard output.starts(with: Self.head), output.count > end,
            output[end] == UInt8(ascii: "\n")
        else {
            let line = output.prefix { $0 != UInt8(ascii: "\n") }.prefix(120)
            throw .notAnAudit(String(decoding: line, as: UTF8.self))
        }
        let word = Array(output[start..<end])
        let places = Self.places(of: word, in: output, from: end)
        for (index, place) in places.enumerated() {
            let next = index + 1 < places.count ? places[index + 1] : output.count
            add(output[(place + word.count)..<next])
        }
        guard sections.last?.key == "end" else { throw .cutOff }
    }

    private mutating func add(_ piece: ArraySlice<UInt8>) {
        let body = piece.dropFirst()
        if piece.first == UInt8(ascii: "|") {
            guard !sections.isEmpty else { return }
            return sections[sections.count - 1].parts.append(body)
        }
        guard piece.first == UInt8(ascii: " ") else { return }
        let line = body.prefix { $0 != UInt8(ascii: "\n") }
        let blank = line.firstIndex(of: UInt8(ascii: " ")) ?? line.endIndex
        sections.append(
            Section(
                key: String(decoding: line[..<blank], as: UTF8.self),
                value: String(decoding: line[blank...].dropFirst(), as: UTF8.self),
                parts: [body[line.endIndex...].dropFirst()]))
    }

    private static func places(of word: [UInt8], in output: [UInt8], from start: Int) -> [Int] {
        var places: [Int] = []
        output.withUnsafeBufferPointer { bytes in
            var index = start
            let last = bytes.count - word.count
            while index <= last {
                if bytes[index] == word[0], isWord(word, in: bytes, at: index) {
                    places.append(index)
                    index += word.count
                } else {
                    index += 1
                }
            }
        }
        return places
    }

    private static func isWord(
        _ word: [UInt8], in bytes: UnsafeBufferPointer<UInt8>, at index: Int
    ) -> Bool {
        for offset in 1..<word.count where bytes[index + offset] != word[offset] { return false }
        return true
    }
}
