import RemoteOps
import Testing

@testable import SSHTransport

/// What sudo prints, in every cut, decides when the password and the input may go.
@Suite struct SudoGateTests {
    private static let prompt = "[fleetctl-n0nce-password]"
    private static let start = "[fleetctl-n0nce-started]\n"

    /// The verdicts other than `wait` for pieces of standard error.
    private func verdicts(_ pieces: [String]) -> [SudoGate.Verdict] {
        var gate = SudoGate(nonce: "n0nce")
        var verdicts: [SudoGate.Verdict] = []
        for piece in pieces where !gate.hasStarted {
            let verdict = gate.receive(Array(piece.utf8))
            if verdict != .wait { verdicts.append(verdict) }
        }
        return verdicts
    }

    @Test(arguments: [
        ([start], [SudoGate.Verdict.started([])]),
        ([start + "own"], [.started(Array("own".utf8))]),
        (["sudo: unable to resolve host\n", start], [.started([])]),
        ([prompt], [.givePassword]),
        (["lecture\n" + prompt, start], [.givePassword, .started([])]),
        ([prompt, "\nSorry, try again.\n", prompt], [.givePassword, .refused]),
        ([prompt + prompt], [.refused]),
        (["Password: "], []),
        (["[fleetctl-other-password]", "[fleetctl-other-started]\n"], []),
        ([prompt, start + prompt], [.givePassword, .started(Array(prompt.utf8))]),
    ])
    func passwordGoesOnceAndInputOnlyAfterTheStart(
        pieces: [String], expected: [SudoGate.Verdict]
    ) {
        #expect(verdicts(pieces) == expected)
    }

    @Test func markersAreSeenInEveryCut() {
        let text = "talk " + Self.prompt + "\n" + Self.start + "own"
        for cut in 1..<text.utf8.count {
            let bytes = Array(text.utf8)
            let head = String(decoding: bytes[..<cut], as: UTF8.self)
            let tail = String(decoding: bytes[cut...], as: UTF8.self)
            var gate = SudoGate(nonce: "n0nce")
            var own: [UInt8] = []
            for piece in [head, tail] {
                if gate.hasStarted {
                    own += Array(piece.utf8)
                } else if case .started(let bytes) = gate.receive(Array(piece.utf8)) {
                    own += bytes
                }
            }
            #expect(gate.hasStarted && own == Array("own".utf8), "cut at \(cut)")
        }
    }

    @Test func aLongTalkIsKeptWithinItsLimitAndTheStartStillSeen() {
        var gate = SudoGate(nonce: "n0nce")
        for _ in 0..<1000 { #expect(gate.receive([UInt8](repeating: 65, count: 1000)) == .wait) }
        #expect(gate.talk.utf8.count <= SudoGate.talkLimit + 100)
        #expect(gate.receive(Array(Self.start.utf8)) == .started([]))
    }

    @Test func theLineHoldsNoPasswordAndQuotesTheCommand() {
        let gate = SudoGate(nonce: "n0nce")
        let line = gate.line(RemoteCommand(["echo", "a'b"]), asksPassword: true)
        #expect(line.hasPrefix("sudo -S -p "))
        #expect(line.hasSuffix(#"sh echo 'a'\''b'"#))
        #expect(gate.line(RemoteCommand(["true"]), asksPassword: false).hasPrefix("sudo -n -- "))
    }
}
