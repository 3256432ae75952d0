// Daily files on a real file system: begun, continued, mended after a power cut, lost and found.
import Foundation
import LabSupport
import MonitorFiles
import MonitorLog
import Platform
import TestSupport
import Testing

/// A row that can be told from others.
func row(_ number: Int) -> MonitorRow {
    var row = MonitorRow()
    row.timestamp = "2026-01-31T12:00:00"
    row.unixSeconds = Int64(number)
    row.stateOfChargePercent = 44
    row.generatorState = "IDLE"
    row.generatorRuns = false
    return row
}

@Suite struct CSVFileTests {
    private let folder: TemporaryFolder
    private var csv: CSVFile
    private let day = LocalTime(unixSeconds: 1_769_860_800)

    init() throws {
        folder = try TemporaryFolder()
        csv = CSVFile(folder: folder.path)
    }

    private var name: String { "data_\(day.dateText).csv" }

    private func put(_ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: folder.path + "/" + name))
    }

    private func whole(_ numbers: Int...) -> String {
        MonitorRow.header + numbers.map { row($0).csvLine }.joined()
    }

    @Test mutating func theHeaderComesOnceAndFirst() throws {
        for number in 1...3 { #expect(csv.append(row(number), on: day).isEmpty) }
        // Another process goes on with it.
        var next = CSVFile(folder: folder.path)
        #expect(next.append(row(4), on: day).isEmpty)
        #expect(try folder.read(name) == whole(1, 2, 3, 4))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [name])
    }

    @Test mutating func anotherDayIsAnotherFile() throws {
        let unset = LocalTime(unixSeconds: 86_400 / 2)
        _ = csv.append(row(1), on: day)
        _ = csv.append(row(2), on: unset)
        _ = csv.append(row(3), on: day)
        #expect(try folder.read(name) == whole(1, 3))
        #expect(try folder.read("data_19700101.csv") == whole(2))
    }

    /// Wherever the power fails within a row, the next row finds its place. A row is kept where
    /// nothing but its line end, or that and its last cell, is missing.
    @Test mutating func aFileCutAnywhereGoesOn() throws {
        let text = Array(whole(1, 2).utf8)
        let ends = [whole(1).utf8.count, text.count]
        for end in 0...text.count {
            for nuls in [0, 9000] {
                try put(Array(text[..<end]) + [UInt8](repeating: 0, count: nuls))
                let notes = csv.append(row(3), on: day)
                let left = try folder.read(name)
                let log = MonitorLogText(Array(left.utf8))
                let kept = ends.filter { end >= $0 - 2 }.count
                #expect(log.rows.map(\.unixSeconds) == [1, 2].prefix(kept) + [3], "cut at \(end)")
                #expect(log.skippedCount == 0 && !left.utf8.contains(0), "cut at \(end)")
                #expect(left.hasPrefix(MonitorRow.header) && left.hasSuffix(row(3).csvLine))
                #expect(notes.count <= 1 && (nuls == 0 || notes.count == 1))
            }
        }
    }

    @Test mutating func aRowWithoutItsLineEndGetsIt() throws {
        try put(Array(whole(1).utf8.dropLast()))
        #expect(csv.append(row(2), on: day).isEmpty)
        #expect(try folder.read(name) == whole(1, 2))
    }

    @Test mutating func whatPythonWroteIsContinued() throws {
        let old = whole(1).replacingOccurrences(of: "\n", with: "\r\n")
        for cut in [0, 1] {
            try put(Array(Array(old.utf8).dropLast(cut)))
            #expect(csv.append(row(2), on: day).isEmpty)
            #expect(try folder.read(name) == old + row(2).csvLine)
        }
        try put(Array((MonitorRow.header.dropLast() + "\r").utf8))
        _ = csv.append(row(2), on: day)
        #expect(try folder.read(name) == whole(2))
    }

    @Test mutating func aFileOfOtherColumnsIsSetAside() throws {
        let old = "timestamp,timestamp_unix,soc_pct,pv_power_w\n2026-01-31T11:50:00,1,44,990\n"
        for number in 1...2 {
            try put(Array(old.utf8))
            let aside = "data_\(day.dateText).old-\(number).csv"
            let notes = csv.append(row(number), on: day)
            #expect(notes == [.setAside(path: folder.path + "/" + name, as: aside)])
            #expect(try folder.read(aside) == old)
            #expect(try folder.read(name) == whole(number))
        }
    }

    @Test mutating func garbageAndEndlessLinesAreNeverMixed() throws {
        for bytes in [
            [UInt8](repeating: 0x41, count: 100),
            Array("x".utf8) + [UInt8](repeating: 0, count: 5000),
            Array(MonitorRow.header.utf8) + [UInt8](repeating: 0, count: 3 << 20) + [0x41],
            [UInt8](repeating: 0, count: 3 << 20),
        ] {
            try put(bytes)
            let notes = csv.append(row(1), on: day)
            #expect(notes.count == 1)
            #expect(try folder.read(name) == whole(1))
        }
        // A line longer than any row, at the end, is cut off.
        try put(Array(whole(1).utf8) + [UInt8](repeating: 0x41, count: 20_000))
        let path = folder.path + "/" + name
        #expect(csv.append(row(2), on: day) == [.mended(path: path, cut: 20_000)])
        #expect(try folder.read(name) == whole(1, 2))
    }

    @Test mutating func aMissingFolderIsToldOnceAndItsEndToo() throws {
        let path = folder.path + "/" + name
        let away = folder.path + "-away"
        _ = csv.append(row(1), on: day)
        #expect(rename(folder.path, away) == 0)
        let begin = csv.append(row(2), on: day)
        #expect(begin == [.failing(path: path, reason: "open: No such file or directory")])
        #expect(csv.isFailing)
        for number in 3...5 { #expect(csv.append(row(number), on: day).isEmpty) }
        #expect(rename(away, folder.path) == 0)
        #expect(csv.append(row(6), on: day) == [.working(path: path, lost: 4)])
        #expect(csv.append(row(7), on: day).isEmpty && !csv.isFailing)
        #expect(try folder.read(name) == whole(1, 6, 7))
    }

    /// Whatever else bears the name is neither followed nor waited for.
    @Test(arguments: ["folder", "link", "pipe"])
    mutating func whatIsNoFileIsNotWritten(kind: String) throws {
        let path = folder.path + "/" + name
        switch kind {
        case "folder": #expect(mkdir(path, 0o755) == 0)
        case "link": #expect(symlink(folder.path + "/elsewhere", path) == 0)
        default: #expect(mkfifo(path, 0o644) == 0)
        }
        guard case .failing? = csv.append(row(1), on: day).first else {
            Issue.record("written")
            return
        }
        #expect(!folder.has("elsewhere"))
    }

    /// A file that may grow no further (RLIMIT_FSIZE) takes a part of a row, as a full disk does.
    @Test func aRowThatDoesNotFitIsNotThere() async throws {
        let path = folder.path + "/" + name
        let full = whole(1).utf8.count
        let words = [
            "row", "limit=\(full + 20)", "row", "row", "row", "limit=none", "row", "limit=10",
            "row",
        ]
        let said = try await Shell.run(
            [
                try Probe.path(), "csv", folder.path, "\(day.unixSeconds)",
            ] + words)
        #expect(said.status == 0, "\(said.errorText)")
        let failing = path + ": rows are lost until this is over: write: File too large\n"
        #expect(said.text == failing + path + ": rows are written again; 3 lost\n" + failing)
        #expect(try folder.read(name) == whole(1, 5))
    }

    /// A real disk that is really full: ENOSPC, with only a part of the bytes written at times.
    @Test(.lab, .faultsLab) func aFullDiskLosesRowsAndNoMore() async throws {
        let lab = try Lab.required()
        let probe = try await Probe.install(lab, on: "renogy")
        let place = "/var/tmp/csv-full"
        let data = "\(place)/\(name)"
        let rows = "\(probe) csv \(place) \(day.unixSeconds)"
        try await lab.sh("renogy", "rm -rf \(place); mkdir \(place); \(rows) row")
        let said = try await lab.whileFull("renogy", leaving: 1) {
            // To the last block: where no big file fits any more a small one may.
            let fill =
                "cd \(place); cat /dev/zero 2>/dev/null >zeros; i=0; "
                + "while head -c 4096 /dev/zero 2>/dev/null >zeros$i; do i=$((i + 1)); done; "
            let many = Array(repeating: "row", count: 200).joined(separator: " ")
            return try await lab.sh("renogy", "\(fill)\(rows) \(many)")
        }
        #expect(said.output.contains("No space left on device\n"), "\(said.output)")
        let full = try await lab.sh("renogy", "cat \(data)").output
        let log = MonitorLogText(Array(full.utf8))
        #expect(log.skippedCount == 0 && full.hasSuffix("\n") && log.rows.count < 201)
        try await lab.sh("renogy", "rm \(place)/zeros*")
        #expect(try await lab.sh("renogy", "\(rows) row").output == "")
        let after = try await lab.sh("renogy", "cat \(data); rm -r \(place)").output
        #expect(after == full + row(1).csvLine)
    }

    /// Not even a header, where not even that fits.
    @Test func aFileThatCannotBeBegunIsEmpty() async throws {
        let said = try await Shell.run([
            try Probe.path(), "csv", folder.path, "\(day.unixSeconds)",
            "limit=10",
            "row", "limit=none", "row",
        ])
        #expect(said.text.hasSuffix(": rows are written again; 1 lost\n"))
        #expect(try folder.read(name) == whole(2))
    }

    @Test func notesAreLines() {
        let notes: [CSVFile.Note] = [
            .failing(path: "/a", reason: "write: No space left on device"),
            .working(path: "/a", lost: 3), .setAside(path: "/a", as: "b"),
            .mended(path: "/a", cut: 5),
        ]
        #expect(
            notes.map(\.text) == [
                "/a: rows are lost until this is over: write: No space left on device",
                "/a: rows are written again; 3 lost", "/a: has other columns; it is now b",
                "/a: its unfinished end, 5 bytes, is cut off",
            ])
    }
}
