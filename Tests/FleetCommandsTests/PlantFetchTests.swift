import Foundation
import HTMLReport
import RemoteOps
import TestSupport
import Testing

@testable import FleetCommands

/// What a host may send in place of its monitor's files.
@Suite struct PlantFetchTests {
    private static let monitor = PlantFetch.Monitor(
        host: "pi", service: "monitor", folder: "/var/log/pigenny")
    private static let records =
        "folder\t/var/log/pigenny\nfile\tdata_20260101.csv\n|timestamp_unix,soc_pct\n|1,50\nend\n"

    private func answer(_ head: String, _ body: [UInt8]) throws(PlantFetch.Failure) -> CSVAnswer {
        try PlantFetch.answer(in: Array(head.utf8) + body, [Self.monitor.folder])
    }

    private func failure(_ head: String, _ body: [UInt8]) -> String? {
        do throws(PlantFetch.Failure) {
            _ = try answer(head, body)
            return nil
        } catch {
            return error.text
        }
    }

    @Test func plainAndCompressedAreTheSame() async throws {
        let plain = Array(Self.records.utf8)
        let packed = try await Shell.run(["gzip", "-c"], input: plain).output
        let answer = try answer("fleet-csv\t1\tplain\n", plain)
        #expect(try self.answer("fleet-csv\t1\tgzip\n", packed) == answer)
        let files = PlantFetch.fetched(Self.monitor, answer.folders[Self.monitor.folder]).files
        #expect(files.files.map(\.name) == ["pi: data_20260101.csv"])
        #expect(files.record(.init(.gmt), within: 0...9).rows == 1)
    }

    /// Each lie has its sentence, and none of them takes the report down.
    @Test func liesAreNamed() async throws {
        let packed = try await Shell.run(["gzip", "-c"], input: Array(Self.records.utf8)).output
        let bomb = try await Shell.run(
            ["sh", "-c", "head -c 50000000 /dev/zero | gzip -c"]
        ).output
        let gzip = "fleet-csv\t1\tgzip\n"
        #expect(failure("Welcome\u{1B}[2J\n", []) == "its answer begins with 'Welcome�[2J'")
        #expect(failure(gzip, Array("not gzip".utf8)) == "what it compressed is damaged")
        #expect(failure(gzip, Array(packed.dropLast(9))) == "its answer breaks off")
        let plain = "fleet-csv\t1\tplain\n"
        #expect(failure(plain, Array("folder\t/x\n".utf8)) == "its answer breaks off")
        #expect(failure(gzip, bomb) == "it sent more than was asked for")
    }

    @Test func whatIsMissingIsSaid() {
        #expect(PlantFetch.fetched(Self.monitor, nil).notes.count == 1)
        var folder = CSVAnswer.Folder()
        #expect(
            PlantFetch.fetched(Self.monitor, folder).notes
                == ["There is no file of these days in /var/log/pigenny."])
        folder.files = [.init(name: "data_20260101.csv", isCut: true)]
        folder.left = 7
        folder.unread = ["data_20260102.csv: it is no file"]
        let notes = PlantFetch.fetched(Self.monitor, folder).notes
        #expect(notes.count == 3 && notes.last?.hasPrefix("7 older files") == true)
    }
}
