import Foundation
import Inventory
import InventoryFile
import TestSupport
import Testing

/// What is no YAML, or more than an inventory needs.
@Suite struct YAMLTreeTests {
    @Test(arguments: [
        ("", "1:1: error: the file is empty"),
        ("# only a comment\n", "1:1: error: the file is empty"),
        (
            "version: 1\n\tfleet: t\n",
            "2:1: error: not YAML: while scanning a plain scalar: found a "
                + "tab character that violates indentation — indent with spaces, not tabs"
        ),
        (
            "é: [a\n",
            "2:1: error: not YAML: while parsing a flow sequence: did not find expected ',' or ']'"
        ),
        (
            "a: 'open\n",
            "2:1: error: not YAML: while scanning a quoted scalar: found unexpected end of stream"
        ),
        ("a: *b\n", "1:4: error: there is no anchor for this alias before it"),
        ("a: &a [*a]\n", "1:8: error: there is no anchor for this alias before it"),
        (
            "a: !!int 1\n",
            "1:4: error: YAML tags are not read here — remove the word that begins with '!'"
        ),
        (
            "a: !secret x\n",
            "1:4: error: YAML tags are not read here — remove the word that begins with '!'"
        ),
        ("a: 1\n---\nb: 1\n", "2:1: error: a second document begins here — keep one to a file"),
    ])
    func whatCannotBeReadIsSaidWithItsPlace(text: String, problem: String) {
        #expect(Inventories.problems(text) == [problem])
    }

    @Test func bytesThatAreNoTextAreSaidWithTheirPlace() {
        let bytes = Array("version: 1\nfleet: é".utf8) + [0xC3, 0x28]
        let error = #expect(throws: InventoryProblems.self) {
            try InventoryFile.parse(bytes, file: "t")
        }
        #expect(
            error?.problems.map(\.line) == [
                "t:2:10: error: not YAML: invalid trailing UTF-8 octet — save the file as UTF-8 text"
            ])
    }

    /// Ten levels of ten aliases each stand for 10^10 values in 500 bytes.
    @Test func aliasesDoNotExplode() {
        var text = "l0: &l0 [a, a, a, a, a, a, a, a, a, a]\n"
        for level in 1...10 {
            let aliases = Array(repeating: "*l\(level - 1)", count: 10).joined(separator: ", ")
            text += "l\(level): &l\(level) [\(aliases)]\n"
        }
        let found = Inventories.problems(text)
        #expect(found.count == 1)
        #expect(found.first?.contains("more than 500000 values") == true)
    }

    @Test func aliasesInKeysDoNotExplode() {
        var text = "? &l0 [a, a]\n: x\n"
        for level in 1...14 { text += "? &l\(level) [*l\(level - 1), *l\(level - 1)]\n: x\n" }
        let found = Inventories.problems(text)
        #expect(!found.isEmpty)
    }

    @Test(arguments: ["[", "{a: ", "- ", "? "])
    func depthHasALimit(opening: String) {
        let found = Inventories.problems(String(repeating: opening, count: 5000))
        #expect(found.count == 1)
        #expect(found.first?.contains("nested deeper than 32") == true, "\(found)")
    }

    @Test func aFileHasASizeLimit() throws {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("large-\(UUID().uuidString).yaml").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try String(repeating: "#", count: InventoryFile.sizeLimit + 1)
            .write(toFile: path, atomically: false, encoding: .utf8)
        let error = #expect(throws: InventoryProblems.self) { try InventoryFile.load(path: path) }
        #expect(error?.problems.first?.sentence == "the file is larger than 16384 KiB")
    }

    @Test(arguments: [
        ("/nonexistent/fleet.yaml", "the file cannot be read: No such file or directory"),
        ("/tmp", "the file cannot be read: Is a directory"),
        ("/dev/zero", "the file is larger than 16384 KiB"),
        ("/dev/null", "the file is empty"),
    ])
    func aFileThatCannotBeReadIsSaid(path: String, sentence: String) {
        let error = #expect(throws: InventoryProblems.self) { try InventoryFile.load(path: path) }
        #expect(error?.problems.map(\.sentence) == [sentence])
    }

    /// Whatever is done to a valid file, it is either valid or has problems with places inside it.
    @Test func mangledInventoriesNeverCrash() {
        var random = SeededGenerator.fresh("mangledInventoriesNeverCrash")
        let original = Array(Inventories.full.utf8)
        let noise = Array("{}[]:,-#&*!|>'\"%@` \n\tax09~?".utf8) + [0x00, 0x1B, 0xC3, 0xFF]
        for _ in 0..<3000 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = noise.randomElement(using: &random) ?? 0
                case 1: bytes.insert(noise.randomElement(using: &random) ?? 0, at: place)
                case 2: bytes.remove(at: place)
                default:
                    let end = min(bytes.count, place + Int.random(in: 1...40, using: &random))
                    let piece = Array(bytes[place..<end])
                    bytes.insert(
                        contentsOf: piece, at: Int.random(in: 0...bytes.count, using: &random))
                }
            }
            let lines = bytes.count { $0 == UInt8(ascii: "\n") } + 2
            do throws(InventoryProblems) {
                _ = try InventoryFile.parse(bytes, file: "t")
            } catch {
                for problem in error.problems {
                    #expect((1...lines).contains(problem.position.line))
                    #expect(problem.position.column >= 1)
                    #expect(
                        problem.sentence != "a required value could not be read")
                    let isClean = problem.line.unicodeScalars.allSatisfy { $0.value >= 0x20 }
                    #expect(isClean, "\(problem.line)")
                }
            }
        }
    }
}
