import Foundation
import HTMLReport
import TestSupport
import Testing

@testable import FleetCommands

@Suite struct ReportCommandTests {
    @Test(arguments: [
        ["--html", "x", "--days", "0"], ["--html", "x", "--days", "3661"], [], ["--html", ""],
        ["--html", "x", "--mode", "0400"], ["--html", "x", "--mode", "rw"],
        ["--html", "x", "--mode", "1777"],
    ])
    func wrongOptionsAreRefused(words: [String]) {
        #expect(throws: (any Error).self) { try ReportCommand.parse(words) }
    }

    @Test func defaultsAreThoseOfTheGuide() throws {
        let command = try ReportCommand.parse(["--html", "-", "--csv", "a", "--csv", "b"])
        #expect(command.days == 30 && command.mode == "0600")
        #expect(command.csv == ["a", "b"])
    }

    /// The order of the words does not matter; a file that is not there is named.
    @Test func filesAreReadInTheOrderOfTime() throws {
        let folder = try TemporaryFolder()
        try folder.write("late.csv", "timestamp_unix,soc_pct\n2000,52\n")
        try folder.write("early.csv", "timestamp_unix,soc_pct\n1000,50\n1030,51\n")
        let clock = ReportClock(.gmt)
        let paths = ["late.csv", "early.csv"].map { folder.path + "/" + $0 }
        let record = try PlantFiles.local(paths).record(clock, within: 0...9999)
        #expect(record.rows == 3 && record.skipped.count == 0)
        #expect(throws: PlantFiles.Failure.self) {
            try PlantFiles.local(paths + [folder.path + "/none.csv"])
        }
    }
}

@Suite struct AtomicFileTests {
    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test func theFileIsWholeAndItsOwnersAlone() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/report.html"
        let large = [UInt8](repeating: 0x61, count: 3 << 20)
        try AtomicFile.write(large, to: path, mode: 0o600)
        #expect(try mode(path) == 0o600)
        try AtomicFile.write(Array("new".utf8), to: path, mode: 0o640)
        #expect(try folder.read("report.html") == "new")
        #expect(try mode(path) == 0o640)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)
    }

    /// Where it cannot be written, what was there stays, and nothing is left beside it.
    @Test func aFailureLeavesWhatWasThere() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(
            atPath: folder.path + "/taken/x", withIntermediateDirectories: true)
        #expect(throws: AtomicFile.Failure.self) {
            try AtomicFile.write([1], to: folder.path + "/taken", mode: 0o600)
        }
        #expect(throws: AtomicFile.Failure.self) {
            try AtomicFile.write([1], to: folder.path + "/none/report.html", mode: 0o600)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["taken"])
    }

    /// A link that somebody laid where the file is made is not followed.
    @Test func linksAreNotFollowed() throws {
        let folder = try TemporaryFolder()
        try folder.write("victim", "old")
        let path = folder.path + "/report.html"
        try FileManager.default.createSymbolicLink(
            atPath: path, withDestinationPath: folder.path + "/victim")
        try AtomicFile.write(Array("new".utf8), to: path, mode: 0o600)
        #expect(try folder.read("victim") == "old")
        #expect(try folder.read("report.html") == "new")
    }
}
