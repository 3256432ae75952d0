// Configuration files, right and wrong.
import MonitorFiles
import TestSupport
import Testing

@Suite struct ConfigTextTests {
    private static let keys = ["soc-start", "soc-stop", "inverter-port", "quiet-hours"]

    private func read(_ text: String) -> ConfigText { read(Array(text.utf8)) }

    private func read(_ bytes: [UInt8]) -> ConfigText { ConfigText(bytes, keys: Self.keys) }

    @Test func settingsAreReadWithTheirLines() {
        let config = read(
            "\u{FEFF}# The site's.\r\n\n soc-start = 40\r\n\tsoc-stop=80 # full enough\n"
                + "   # nothing\ninverter-port = /dev/tty#1=x\nquiet-hours = 22:00 - 06:00é")
        #expect(config.problems.isEmpty)
        #expect(
            config.entries == [
                .init(line: 3, key: "soc-start", value: "40"),
                .init(line: 4, key: "soc-stop", value: "80"),
                .init(line: 6, key: "inverter-port", value: "/dev/tty#1=x"),
                .init(line: 7, key: "quiet-hours", value: "22:00 - 06:00é"),
            ])
    }

    static let wrong: [(String, String)] = [
        ("soc_start = 40", "unknown key 'soc_start'; did you mean soc-start?"),
        ("SOC-START = 40", "unknown key 'SOC-START'; did you mean soc-start?"),
        ("soc-strat = 40", "unknown key 'soc-strat'; did you mean soc-start?"),
        ("inverterport = 1", "unknown key 'inverterport'; did you mean inverter-port?"),
        ("banana = 1", "unknown key 'banana'"),
        ("soc-start 40", "'soc-start 40' has no '='; write key = value"),
        ("= 40", "there is no key before the '='"),
        ("soc-start =", "soc-start has no value"),
        ("soc-start = # none", "soc-start has no value"),
        ("soc-start = \u{1}", "a control character is in the line"),
        ("soc-start = \0", "a control character is in the line"),
        (String(repeating: "x", count: 513), "the line is longer than 512 bytes"),
    ]

    @Test(arguments: wrong)
    func aProblemHasItsLineAndOthersAreRead(line: String, text: String) {
        let config = read("soc-stop = 80\n" + line + "\nquiet-hours = never\n")
        #expect(config.problems == [.init(line: 2, text: text)])
        #expect(config.entries.map(\.key) == ["soc-stop", "quiet-hours"])
    }

    @Test func everyProblemIsFound() {
        let config = read("a\nsoc-stop = 1\nsoc-stop = 2\nb = 1\n")
        #expect(config.problems.map(\.line) == [1, 3, 4])
        #expect(config.problems[1].text == "soc-stop is set in line 2 already")
        #expect(config.entries.map(\.value) == ["1"])
    }

    @Test func tooManyLinesAreOneProblem() {
        let config = read(String(repeating: "#\n", count: 501) + "soc-stop = 80\n")
        #expect(config.problems == [.init(line: 501, text: "the file has more than 500 lines")])
        #expect(read(String(repeating: "#\n", count: 500)).problems.isEmpty)
    }

    /// What is UTF-8 is decided as Foundation decides it.
    @Test func bytesThatAreNotTextAreRefused() {
        var random = SeededGenerator.fresh("bytesThatAreNotTextAreRefused")
        let interesting: [UInt8] = [
            0x41, 0x80, 0xA0, 0xBF, 0xC0, 0xC2, 0xE0, 0xE1, 0xED, 0xEF, 0xF0, 0xF3, 0xF4, 0xF5,
            0x90, 0x8F, 0x9F,
        ]
        for _ in 0..<20_000 {
            let length = Int.random(in: 1...5, using: &random)
            let bytes = (0..<length).map { _ in interesting.randomElement(using: &random) ?? 0 }
            let isText = String(validating: bytes, as: UTF8.self) != nil
            let problem = "the line is not UTF-8"
            let config = read(Array("soc-stop = ".utf8) + bytes)
            #expect(config.problems.contains { $0.text == problem } != isText, "\(bytes)")
        }
    }
}
