import Testing

@testable import ArtifactBuilder

struct LineSplitterTests {
    @Test func linesDoNotDependOnHowTheyArrive() {
        let text = "[1/3] Compiling\r[2/3] Linking\n\n\u{1B}[1merror\u{7}: größer\nlast"
        let expected = ["[1/3] Compiling", "[2/3] Linking", "[1merror: größer", "last"]
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix(state: seed)
        for _ in 0..<200 {
            var splitter = LineSplitter()
            var lines: [String] = []
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                let count = Int.random(in: 1...rest.count, using: &random)
                lines += splitter.lines(adding: rest.prefix(count))
                rest = rest.dropFirst(count)
            }
            if let line = splitter.finish() { lines.append(line) }
            #expect(lines == expected, "seed \(seed)")
        }
    }

    @Test func aLineWithoutEndKeepsOnlySoMuch() {
        var splitter = LineSplitter()
        for _ in 0..<100 {
            #expect(splitter.lines(adding: [UInt8](repeating: 0x61, count: 1000)) == [])
        }
        #expect(splitter.finish()?.count == LineSplitter.lineLimit)
        #expect(splitter.finish() == nil)
    }
}

/// A small generator with a seed that can be printed and used again.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
