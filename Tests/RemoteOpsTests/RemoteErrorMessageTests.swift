import RemoteOps
import Testing

/// The sentences of failures: whole, for every code.
@Suite struct RemoteErrorMessageTests {
    private static let key = HostKeyFingerprint(type: "ssh-ed25519", sha256: "SHA256:abc")
    private static let codes: [RemoteError.Code] = [
        .addressUnknown, .unreachable, .connectTimedOut, .notSSH(received: "HTTP"),
        .noCommonAlgorithm, .hostKeyUnknown(presented: key),
        .hostKeyChanged(presented: key, expected: [key]),
        .authenticationRefused(tried: ["password"], offered: []), .secretUnavailable,
        .sudoRefused, .channelRefused, .connectionLost, .silent, .commandTimedOut, .outputLimit,
        .inputFailed, .cancelled, .badSetting,
    ]

    @Test(arguments: codes) func everyFailureNamesHostHopCauseStateAndNextStep(
        code: RemoteError.Code
    ) {
        for effect in [RemoteError.Effect.nothingRan, .mayHaveRun] {
            let error = RemoteError(
                code, host: "olimex", via: "pi", effect: effect, detail: "the cause itself")
            let lines = error.message.split(separator: "\n").map(String.init)
            #expect(lines[0].hasPrefix("olimex (through pi): "))
            #expect(lines.contains("  cause: the cause itself"))
            #expect(lines.contains { $0.hasPrefix("  state: ") })
            #expect(lines.last?.hasPrefix("  next: ") ?? false)
            #expect(error.message.contains("may have done") == (effect == .mayHaveRun))
        }
    }

    @Test func keysAndLoginsAreNotPermittedAndTheRestHasFailed() {
        let kinds = Self.codes.map { RemoteError($0, host: "h").kind }
        #expect(kinds.count(where: { $0 == .notPermitted }) == 4)
    }
}
