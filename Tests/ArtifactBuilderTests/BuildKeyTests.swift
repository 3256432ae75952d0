import Foundation
import Testing

@testable import ArtifactBuilder

struct BuildKeyTests {
    private func key(_ parts: [(String, String)]) -> String {
        var key = BuildKey()
        for (label, value) in parts { key.add(label, value) }
        return key.finish()
    }

    @Test func aHashIsSHA256InLowerCaseHexadecimal() {
        #expect(
            BuildKey.sha256(Data("abc".utf8))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test func valuesDoNotRunIntoEachOther() {
        let keys = [
            key([("a", "bc")]), key([("ab", "c")]), key([("a", "b"), ("c", "")]),
            key([("a", "b"), ("", "c")]), key([("abc", "")]), key([]), key([("", "")]),
        ]
        #expect(Set(keys).count == keys.count)
    }

    @Test func contentsAndNamesCountAndOrderOfTheDirectoryDoesNot() throws {
        let base = FileManager.default.temporaryDirectory.path + "/build-key-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: base) }
        func key(_ files: [(String, String)]) throws -> String {
            try? FileManager.default.removeItem(atPath: base)
            for (path, text) in files {
                let url = URL(fileURLWithPath: base + "/s/" + path)
                try FileManager.default.createDirectory(
                    at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(text.utf8).write(to: url)
            }
            var key = BuildKey()
            try key.add(folder: "s", in: base)
            return key.finish()
        }
        let first = try key([("a", "1"), ("d/b", "2")])
        #expect(try key([("d/b", "2"), ("a", "1")]) == first)
        #expect(try key([("a", "1"), ("d/b", "2"), (".hidden", "3"), ("d/.x/y", "4")]) == first)
        #expect(try key([("a", "2"), ("d/b", "1")]) != first)
        #expect(try key([("a", "1"), ("b", "2")]) != first)
        #expect(try key([("a", "1"), ("d/b", "2"), ("empty", "")]) != first)
    }

    @Test func aMissingFolderIsAnError() {
        #expect(throws: (any Error).self) {
            var key = BuildKey()
            try key.add(folder: "nowhere", in: "/nonexistent")
        }
    }
}
