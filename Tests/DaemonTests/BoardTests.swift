import Foundation
import LabSupport
import TestSupport
import Testing

/// gen-server on the board of the lab, through the kernel's I2C interface as it is emulated there.
@Suite(.lab, .faultsLab, .serialized, .timeLimit(.minutes(5)))
struct BoardTests {
    @Test func relaysThatWereLeftOnGoOffBeforeItListens() async throws {
        let board = try await Board()
        try board.lab.setRelays(0x0B)
        try await board.start()
        #expect(try board.lab.relays() == 0)
        #expect(try board.writes() == [0])
    }

    @Test func aBoardThatDoesNotAnswerIsUnknownAndNeverCranked() async throws {
        let board = try await Board()
        try await board.start()
        let client = try await board.client()
        try board.lab.setDevice(.failing)
        try await waitUntil("INPUTS is ERROR", deadline: .seconds(30)) {
            try await client.ask("INPUTS") == "ERROR"
        }
        client.send("STATUS\n")
        let lines = try await client.lines(until: "END")
        #expect(lines.contains("INPUTS: ERROR") && lines.contains("RUNNING: NO"))
        #expect(lines.contains("I2C: ERROR"))
        #expect(try await client.ask("START").hasPrefix("ERROR: "))
        try board.lab.setDevice(.working)
        try await waitUntil("the inputs are back", deadline: .seconds(30)) {
            try await client.ask("INPUTS") != "ERROR"
        }
        #expect(try board.writes().allSatisfy { $0 == 0 })
    }

    @Test func aBusThatFailsWhileCrankingIsReleasedAsSoonAsItCan() async throws {
        let board = try await Board()
        try await board.start(["--crank", "10", "--coast", "2"])
        let client = try await board.client()
        client.send("START\n")
        try await waitUntil("it cranks", deadline: .seconds(30)) { try board.lab.relays() == 0x09 }
        try board.lab.setDevice(.failing)
        #expect(
            try await client.line()
                == "ERROR: Inputs could no longer be read; relays are switched off")
        #expect(try board.lab.relays() == 0x09)
        client.send("STATUS\n")
        #expect(try await client.lines(until: "END").contains("RELAYS: UNKNOWN (at most 0x09)"))
        try board.lab.setDevice(.working)
        try await waitUntil("the starter is released", deadline: .seconds(30)) {
            try board.lab.relays() == 0
        }
        #expect(try board.writes().filter { $0 & 1 == 1 }.count == 1)
    }

    @Test func sigtermWhileCrankingSwitchesOff() async throws {
        let board = try await Board()
        try await board.start(["--crank", "10"])
        let client = try await board.client()
        client.send("START\n")
        try await waitUntil("it cranks", deadline: .seconds(30)) { try board.lab.relays() == 0x09 }
        try await board.signal("TERM")
        try await waitUntil("off", deadline: .seconds(30)) { try board.lab.relays() == 0 }
    }

    @Test func afterSigkillRelaysOffClearsWhatIsLatched() async throws {
        let board = try await Board()
        try await board.start(["--crank", "10"])
        let client = try await board.client()
        client.send("START\n")
        try await waitUntil("it cranks", deadline: .seconds(30)) { try board.lab.relays() == 0x09 }
        try await board.signal("KILL")
        try await client.waitUntilClosed()
        #expect(try board.lab.relays() == 0x09)
        let off = try await board.ssh("\(Board.command) --relays-off")
        #expect(off.status == 0)
        #expect(off.text.contains("relays off"))
        #expect(try board.lab.relays() == 0)
        try board.lab.setDevice(.failing)
        let failed = try await board.ssh("\(Board.command) --relays-off")
        #expect(failed.status == 74)
        #expect(failed.text.contains("RELAYS MAY STILL BE ON"))
    }
}
