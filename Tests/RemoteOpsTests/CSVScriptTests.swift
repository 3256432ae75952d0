import Foundation
import ReleasePacker
import RemoteOps
import TestSupport
import Testing

/// The script that sends the monitor's files, in the shells of the hosts, over a made-up root.
@Suite struct CSVScriptTests {
    private static let folder = "/var/log/pigenny"
    private static let header = "timestamp_unix,soc_pct\n"

    /// Three days in order, one that is older, one that was set aside, and what is no such file.
    private func root() throws -> TemporaryFolder {
        let root = try TemporaryFolder()
        for (name, text) in [
            ("data_20251101.csv", "old"), ("data_20260101.csv", "1,10\n2,11\n"),
            ("data_20260102.csv", "3,12\n"), ("data_20260103.csv", "4,13\n5,14"),
            ("data_20260102_1.csv", "6,15\n"), ("data_20270101.csv", "7,16\n"),
            ("data_2026010.csv", "no"), ("x data_20260101.csv", "no"), ("notes", "no"),
        ] {
            try root.write("var/log/pigenny/\(name)", Self.header + text)
        }
        try root.write("etc/shadow", "root:secret\n")
        try FileManager.default.createSymbolicLink(
            atPath: root.path + Self.folder + "/data_20260104.csv",
            withDestinationPath: root.path + "/etc/shadow")
        return root
    }

    private func run(
        _ shell: [String], _ root: String, bytes: Int = 100_000, files: Int = 100,
        folders: [String] = [folder], script: [UInt8] = RemoteScripts.csv
    ) async throws -> (CSVAnswerParser.Encoding, CSVAnswer) {
        let words = ["20260101", "20260105", "\(bytes)", "\(files)"] + folders
        let result = try await Shell.run(
            shell + ["-s"], input: RemoteScripts.input(script, words),
            environment: ["FLEET_PREFIX": root])
        #expect(result.status == 0 && result.errorText == "", "\(result.errorText)")
        let head = try CSVAnswerParser.head(result.output)
        let records =
            head.encoding == .plain
            ? head.records : try Inflater.expand(head.records, limit: 1 << 20)[...]
        let answer = try CSVAnswerParser.parse(
            records, folders: Set(folders), filesMax: 100)
        return (head.encoding, answer)
    }

    @Test(arguments: Shell.shells)
    func theDaysFilesCome(shell: [String]) async throws {
        let root = try root()
        let (encoding, answer) = try await run(
            shell, root.path, folders: [Self.folder, "/no'where $x"])
        #expect(encoding == .gzip)
        let folder = try #require(answer.folders[Self.folder])
        #expect(
            folder.files.map(\.name) == [
                "data_20260103.csv", "data_20260102_1.csv", "data_20260102.csv",
                "data_20260101.csv",
            ])
        let texts = folder.files.map { String(decoding: $0.bytes, as: UTF8.self) }
        #expect(texts[0] == Self.header + "4,13\n5,14\n")
        #expect(texts[3] == Self.header + "1,10\n2,11\n")
        // Whoever may write there gets nobody else's file sent.
        #expect(folder.unread == ["data_20260104.csv: it is no file"])
        #expect(folder.left == 0 && !folder.files.contains { $0.isCut })
        #expect(answer.folders["/no'where $x"]?.unread.count == 1)
    }

    /// What fits is sent from the newest on; of the file at the limit its header and its end.
    @Test(arguments: Shell.shells)
    func bytesAndFilesAreBounded(shell: [String]) async throws {
        let root = try root()
        let rows = (0..<1000).map { "\(2000 + $0),50\n" }.joined()
        try root.write("var/log/pigenny/data_20260102.csv", Self.header + rows)
        let (_, answer) = try await run(shell, root.path, bytes: 3000)
        let folder = try #require(answer.folders[Self.folder])
        #expect(folder.files.map(\.isCut) == [false, false, true])
        #expect(folder.left == 1)
        let cut = String(decoding: try #require(folder.files.last).bytes, as: UTF8.self)
        #expect(cut.hasPrefix(Self.header + "2") && cut.hasSuffix("\n2999,50\n"))
        #expect(cut.utf8.count < 3100)
        #expect(cut.split(separator: "\n").dropFirst().allSatisfy { $0.utf8.count == 7 })
        let (_, few) = try await run(shell, root.path, files: 1)
        #expect(few.folders[Self.folder]?.files.map(\.name) == ["data_20260103.csv"])
        #expect(few.folders[Self.folder]?.left == 3)
    }

    @Test(arguments: Shell.shells)
    func aHostWithoutGzipSendsThemPlain(shell: [String]) async throws {
        let script = String(decoding: RemoteScripts.csv, as: UTF8.self)
            .replacing("command -v gzip", with: "command -v there-is-none")
        let root = try root()
        let (encoding, answer) = try await run(shell, root.path, script: Array(script.utf8))
        #expect(encoding == .plain)
        #expect(answer.folders[Self.folder]?.files.count == 4)
    }
}

/// What a host may answer instead.
@Suite struct CSVAnswerTests {
    private func parse(_ text: String, filesMax: Int = 9) throws -> CSVAnswer {
        try CSVAnswerParser.parse(
            Array(text.utf8)[...], folders: ["/a", "/b"], filesMax: filesMax)
    }

    @Test func whatWasNotAskedForIsLeftOut() throws {
        let answer = try parse(
            "|x\nfile\tstray\n|y\nfolder\t/etc\nfile\tpasswd\n|root\nfolder\t/a\nfile\td\n|1\n|\n"
                + "left\t-5\nunread\tx\ty\n|z\nend\nfolder\t/b\n")
        var folder = CSVAnswer.Folder()
        folder.files = [.init(name: "d", bytes: Array("1\n\n".utf8))]
        folder.unread = ["x: y"]
        #expect(answer.folders == ["/a": folder])
        let many = "folder\t/a\n" + String(repeating: "file\td\n|1\nunread\tx\ty\n", count: 99)
        let bounded = try #require(try parse(many + "end\n").folders["/a"])
        #expect(bounded.files.count == 9)
        #expect(bounded.unread.count == CSVAnswerParser.unreadMax)
    }

    @Test func whatIsNoAnswerIsRefused() {
        for text in ["", "fleet-csv", "fleet-csv\t2\tgzip\n", "fleet-csv\t1\txz\n", "motd\n"] {
            #expect(throws: CSVAnswerParser.Failure.self) {
                _ = try CSVAnswerParser.head(Array(text.utf8))
            }
        }
        #expect(throws: CSVAnswerParser.Failure.cutOff) { try parse("folder\t/a\nfile\td\n|1\n") }
    }

    /// Bytes and lines at random, and true answers with bytes of them changed: nothing traps, and
    /// nothing more comes out than was asked for.
    @Test func anyBytesAreTaken() {
        var random = SeededGenerator.fresh("anyBytesAreTaken")
        let words = [
            "folder\t/a", "folder\t/b", "file\tx", "|1,2", "cut\tx", "left\t9999999999999999999",
            "unread\ta\tb", "end", "\t", "|", "\u{0}",
        ]
        for _ in 0..<2000 {
            let lines = (0..<Int.random(in: 0...30, using: &random)).map { _ in
                words.randomElement(using: &random) ?? ""
            }
            var bytes = Array(lines.joined(separator: "\n").utf8)
            for index in bytes.indices where Int.random(in: 0..<40, using: &random) == 0 {
                bytes[index] = UInt8.random(in: 0...255, using: &random)
            }
            let answer = try? CSVAnswerParser.parse(bytes[...], folders: ["/a"], filesMax: 3)
            for (path, folder) in answer?.folders ?? [:] {
                #expect(path == "/a" && folder.files.count <= 3 && folder.left >= 0)
            }
            _ = try? CSVAnswerParser.head(bytes)
        }
    }
}

@Suite struct InflaterTests {
    private func compressed(_ bytes: [UInt8]) async throws -> [UInt8] {
        try await Shell.run(["gzip", "-c"], input: bytes).output
    }

    @Test func whatGzipMadeIsExpanded() async throws {
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }
        let packed = try await compressed(bytes)
        #expect(try Inflater.expand(packed[...], limit: bytes.count) == bytes)
        #expect(try Inflater.expand((packed + [1, 2, 3])[...], limit: bytes.count) == bytes)
        #expect(throws: Inflater.Failure.tooLarge) {
            try Inflater.expand(packed[...], limit: bytes.count - 1)
        }
        for count in [0, 5, 100, packed.count - 1] {
            #expect(throws: Inflater.Failure.cutOff) {
                try Inflater.expand(packed[..<count], limit: 1 << 20)
            }
        }
    }

    /// A few bytes that would become many are given up at the limit.
    @Test func aBombDoesNotGoOff() async throws {
        let packed = try await compressed([UInt8](repeating: 0, count: 64 << 20))
        #expect(packed.count < 100_000)
        #expect(throws: Inflater.Failure.tooLarge) {
            try Inflater.expand(packed[...], limit: 1 << 20)
        }
    }

    @Test func damageIsSeen() async throws {
        var packed = try await compressed(Array(repeating: 0x61, count: 10_000))
        packed[packed.count - 6] ^= 1
        #expect(throws: Inflater.Failure.damaged(-3)) {
            try Inflater.expand(packed[...], limit: 1 << 20)
        }
        #expect(throws: Inflater.Failure.damaged(-3)) {
            try Inflater.expand(Array("not compressed".utf8)[...], limit: 1 << 20)
        }
    }
}
