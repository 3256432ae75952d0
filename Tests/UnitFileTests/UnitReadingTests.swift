import TestSupport
import Testing

@testable import UnitFile

/// Reading what systemd reads, in order or not.
@Suite struct UnitReadingTests {
    static func read(_ text: String) throws -> UnitFile {
        try UnitFile(reading: Array(text.utf8))
    }

    @Test(arguments: [
        ("[Unit]\nno equals\n", [UnitProblem(kind: .missingEquals, line: 2)]),
        ("A=1\n[Unit]\n", [UnitProblem(kind: .outsideSection, line: 1)]),
        ("[Unit]\n =1\n", [UnitProblem(kind: .missingKey, line: 2)]),
        ("[Unit]\r\nA=1\r\nx\r\n", [UnitProblem(kind: .missingEquals, line: 3)]),
        ("[Unit\nA=1\nx\n", [UnitProblem(kind: .unclosedSection, line: 1)]),
        ("[a\"b]\nA=1\nx\n", [UnitProblem(kind: .badSectionName, line: 1)]),
        ("[]\nA=1\n", [UnitProblem(kind: .emptySectionName, line: 1)]),
        ("[Unit]\nA=1 \\\n# c\n\nx\n", [UnitProblem(kind: .missingEquals, line: 5)]),
        ("# only\n; comments\n", []),
    ])
    func problemsCarryTheirLines(text: String, problems: [UnitProblem]) throws {
        let file = try Self.read(text)
        #expect(file.problems == problems)
        #expect(file.bytes == Array(text.utf8))
    }

    @Test func aLineThatIsNoUTF8IsIgnoredAndKept() throws {
        let bytes: [UInt8] = Array("[Unit]\nA=\u{E9}\nB=".utf8) + [0xE9] + Array("\nC=1\n".utf8)
        let file = try UnitFile(reading: bytes)
        #expect(file.problems == [UnitProblem(kind: .notUTF8, line: 3)])
        #expect(file.assignments.map(\.key) == ["A", "C"])
        #expect(file.bytes == bytes)
    }

    @Test func aBrokenHeadingEndsTheReading() throws {
        let file = try Self.read("[Unit]\nA=1\n[Service\nB=2\n")
        #expect(file.assignments.map(\.key) == ["A"])
        #expect(file.problems.first?.isFatal == true)
    }

    @Test func aByteOrderMarkIsPassedOver() throws {
        let file = try Self.read("\u{FEFF}[Unit]\nA=1\n")
        #expect(file.values(of: "A", in: "Unit") == ["1"])
        #expect(file.bytes.count == 14)
        // Once in a file; another is part of a name.
        let twice = try Self.read("\u{FEFF}[Unit]\n\u{FEFF}A=1\n")
        #expect(twice.values(of: "A", in: "Unit").isEmpty)
    }

    @Test func lineEndsAreTheOnesOfSystemd() throws {
        let file = try Self.read("[Unit]\r\nA=1\n\rB=2\rC=3\u{0}D=4\n\nE=5")
        #expect(file.assignments.map(\.value) == ["1", "2", "3", "4", "5"])
        #expect(file.assignments.map(\.line) == [2, 3, 4, 5, 7])
    }

    @Test func commentsInsideAContinuedValueDoNotEndIt() throws {
        let file = try Self.read("[Unit]\nA=1 \\\n# c\n  ; d\n 2\\\n# last\n")
        #expect(file.values(of: "A", in: "Unit") == ["1   2"])
    }

    @Test func whatIsTooLargeIsRefused() throws {
        let large = [UInt8](repeating: 0x23, count: UnitFile.sizeLimit + 1)
        #expect(throws: UnitFileError.self) { try UnitFile(reading: large) }
        #expect(try UnitFile(reading: Array(large.dropLast())).problems.isEmpty)
    }

    @Test func anyBytesComeOutAgain() throws {
        var random = SeededGenerator.fresh("anyBytesComeOutAgain")
        let alphabet: [UInt8] =
            Array("[]=\\\\\\#; \t\n\n\n\rabKUnit\"'%".utf8) + [0, 0xEF, 0xBB, 0xBF, 0xE9, 0xFF, 1]
        for _ in 0..<3000 {
            let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                alphabet.randomElement(using: &random) ?? 0
            }
            #expect(try UnitFile(reading: bytes).bytes == bytes)
        }
    }

    @Test func commentsKnowWhatTheyStandAbove() throws {
        let file = try Self.read(
            "# top\n[Unit]\n# a\n\n ; b \nA=1\n# c\n[Service]\n# d\nB=1\n")
        #expect(file.comments.map(\.text) == ["top", "a", "b", "c", "d"])
        #expect(file.comments.map(\.line) == [1, 3, 5, 7, 9])
        #expect(file.comments.map(\.section) == [nil, "Unit", "Unit", "Unit", "Service"])
        #expect(file.comments.map(\.nextAssignment) == [nil, 6, 6, nil, 10])
    }

    @Test(arguments: [
        ("[Unit]\nStartLimitBurst=1\nX-Mine=1\n[X-Mine]\nA=1\n", []),
        (
            "[Service]\nStartLimitIntervalSec=5\nRestrat=always\n[Servce]\nA=1\n",
            [
                UnitProblem(
                    kind: .misplacedKey(
                        "StartLimitIntervalSec", section: "Service", belongsTo: "Unit"), line: 2),
                UnitProblem(kind: .unknownKey("Restrat", section: "Service"), line: 3),
                UnitProblem(kind: .unknownSection("Servce"), line: 4),
            ]
        ),
        ("[Timer]\nOnCalendar=daily\n", [UnitProblem(kind: .unknownSection("Timer"), line: 1)]),
    ])
    func whatSystemdIgnoresIsKnown(text: String, problems: [UnitProblem]) throws {
        #expect(UnitVocabulary.problems(in: try Self.read(text), of: .service) == problems)
    }
}
