import LabSupport
import RemoteOps
import Testing

@testable import SSHTransport

/// Becoming root on a real host, every way, and what is said where it fails.
@Suite(.lab, .sharesLab, .timeLimit(.minutes(10))) struct SudoTests {
    private static var input: ByteSource { .bytes(Array("the input\n".utf8)) }

    private func operatorSettings(_ password: String? = nil) throws -> SSHSettings {
        let right = try Lab.required().password("operator")
        var settings = try LabLogin.settings(user: "operator")
        settings.privilege = .sudo { password ?? right }
        return settings
    }

    @Test func passwordlessSudoRunsAsRootWithItsInput() async throws {
        try await LabLogin.withPi { host in
            let result = try await host.sh(
                "id -u; cat; echo e >&2; exit 9", as: .root, input: Self.input)
            #expect(result.text == "0\nthe input\n")
            #expect(result.errorText == "e\n")
            #expect(result.status == .code(9))
        }
    }

    @Test func sudoWithAPasswordRunsAsRootAndTheInputHoldsNoPassword() async throws {
        try await LabLogin.with(try operatorSettings()) { host in
            for _ in 0..<2 {
                let result = try await host.sh(
                    "id -u; cat; echo e >&2; exit 9", as: .root, input: Self.input)
                #expect(result.text == "0\nthe input\n")
                #expect(result.errorText == "e\n")
                #expect(result.status == .code(9))
            }
        }
    }

    @Test func aLargeInputPassesThroughSudoUnchanged() async throws {
        try await LabLogin.with(try operatorSettings()) { host in
            let sent = ChunkSource(seed: 7, chunks: 64)
            let received = ByteSum()
            var options = RunOptions(deadline: .seconds(60)) {
                if $0 == .output { received.add($1) }
            }
            options.outputLimit = 9 << 20
            let result = try await host.run(
                RemoteCommand(["cat"], as: .root), input: sent.source, options: options)
            #expect(result.succeeded && result.errorOutput.isEmpty)
            #expect(received.value == sent.sum.value)
        }
    }

    @Test func thePasswordIsInNoProcessAndNoEnvironmentOnTheHost() async throws {
        let password = try Lab.required().password("operator")
        try await LabLogin.with(try operatorSettings()) { host in
            let look = "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ | tr '\\0' '\\n'; true"
            let result = try await host.sh(look, as: .root)
            #expect(result.succeeded && result.text.contains("sudo"))
            #expect(!result.text.contains(password))
        }
    }

    @Test func aWrongPasswordIsTriedOnce() async throws {
        let lab = try Lab.required()
        try await LabLogin.with(try operatorSettings("not-The-Password")) { host in
            let mark = "/tmp/sudo-\(UInt32.random(in: 0...UInt32.max))"
            let error = try await host.failure("touch \(mark)", as: .root)
            #expect(error.code == .sudoRefused && error.effect == .nothingRan)
            #expect(!"\(error)".contains("not-The-Password"))
            #expect(try await lab.sh("pi", "test -e \(mark)").status == 1)
            try await host.expect()
        }
    }

    @Test func aPasswordThatIsNeededAndNotNamedIsSaid() async throws {
        let settings = try LabLogin.settings(user: "operator")
        try await LabLogin.with(settings) { host in
            let error = try await host.failure("true", as: .root, input: Self.input)
            #expect(error.code == .sudoRefused && error.effect == .nothingRan)
            #expect(error.detail.contains("password is required"))
        }
    }

    @Test(arguments: ["wrong", nil]) func aUserOutsideSudoersIsRefused(password: String?)
        async throws
    {
        var settings = try LabLogin.settings(user: "plain")
        if let password { settings.privilege = .sudo { password } }
        try await LabLogin.with(settings) { host in
            let error = try await host.failure("true", as: .root)
            #expect(error.code == .sudoRefused && error.effect == .nothingRan)
            #expect(!error.detail.isEmpty)
        }
    }

    @Test func aUserThatCannotBeRootRunsNothing() async throws {
        try await LabLogin.withPi({ $0.privilege = .unprivileged }) { host in
            let error = try await host.failure("true", as: .root)
            #expect(error.code == .sudoRefused && error.effect == .nothingRan)
            try await host.expect()
        }
    }

    @Test func aMissingSudoIsSaid() async throws {
        // The board has no sudo.
        try await LabLogin.withPi { pi in
            var settings = try LabLogin.olimex()
            for privilege in [SSHSettings.Privilege.passwordlessSudo, .sudo { "x" }] {
                settings.privilege = privilege
                try await LabLogin.with(settings, via: pi) { board in
                    let error = try await board.failure("true", as: .root)
                    #expect(error.code == .sudoRefused && error.detail.contains("sudo"))
                }
            }
        }
    }

    @Test func rootNeedsNoSudo() async throws {
        try await LabLogin.withPi { pi in
            try await LabLogin.with(try LabLogin.olimex(), via: pi) { board in
                try await board.expect("id -u", as: .root, prints: "0\n")
            }
        }
    }

    @Test func aScriptOnStandardInputRunsAsRoot() async throws {
        try await LabLogin.with(try operatorSettings()) { host in
            let result = try await host.run(
                .script(["one", "t w o"], as: .root),
                input: .bytes(Array("id -u; printf '[%s]' \"$@\"".utf8)), options: RunOptions())
            #expect(result.text == "0\n[one][t w o]")
        }
    }

    @Test func aSecretThatCannotBeHadIsItsOwnError() async throws {
        var settings = try LabLogin.settings(user: "operator")
        settings.privilege = .sudo { throw TestFailure("file:nowhere") }
        try await LabLogin.with(settings) { host in
            let error = try await host.failure("true", as: .root)
            #expect(error.code == .secretUnavailable && error.effect == .nothingRan)
        }
    }
}
