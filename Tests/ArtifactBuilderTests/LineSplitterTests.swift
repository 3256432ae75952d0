import TestSupport
import Testing

@testable import ArtifactBuilder

struct LineSplitterTests {
    @Test func linesDoNotDependOnHowTheyArrive() {
        let text = "[1/3] Compiling\r[2/3] Linking\n\n\u{1B}[1merror\u{7}: größer\nlast"
        let expected = ["[1/3] Compiling", "[2/3] Linking", "[1merror: größer", "last"]
        var random = SeededGenerator.fresh("linesDoNotDependOnHowTheyArrive")
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
            #expect(lines == expected)
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
