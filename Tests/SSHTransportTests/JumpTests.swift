import LabSupport
import RemoteOps
import Testing

@testable import SSHTransport

/// Through pi to what is behind it, on pi's own session.
@Suite(.lab, .sharesLab, .timeLimit(.minutes(10))) struct JumpTests {
    @Test func oneConnectionToTheJumpCarriesEverything() async throws {
        let lab = try Lab.required()
        try await PrivateSSHD.with { server in
            try await LabLogin.with(try server.settings()) { pi in
                try await LabLogin.with(try LabLogin.olimex(), via: pi) { board in
                    try await LabLogin.with(try LabLogin.olimex(), via: pi) { again in
                        async let first = board.sh("uname -n")
                        async let second = again.sh("uname -n")
                        async let own = pi.sh("uname -n")
                        #expect(try await first.text == "olimex\n")
                        #expect(try await second.text == "olimex\n")
                        #expect(try await own.text == "pi\n")
                        let count = try await lab.sh(
                            "pi", "ss -Htn state established '( sport = :\(server.port) )' | wc -l")
                        #expect(count.output.split(separator: "\n").first == "1")
                    }
                }
                try await pi.expect()
            }
        }
    }

    @Test func theBoardsOldServersLetUsInByTheirOldNames() async throws {
        try await LabLogin.withPi { pi in
            var legacy = try LabLogin.olimex(port: 2201)
            let refused = try await LabLogin.refusal(legacy, via: pi)
            #expect(refused.code == .noCommonAlgorithm && refused.via == "pi")
            legacy.legacyAlgorithms.hostKey = ["ssh-rsa"]
            legacy.legacyAlgorithms.keyExchange = ["diffie-hellman-group14-sha1"]
            legacy.legacyAlgorithms.mac = ["hmac-sha1"]
            try await LabLogin.with(legacy, via: pi) { board in
                try await board.expect("echo old", prints: "old\n")
            }
            let dropbear = try LabLogin.olimex(port: 2202)
            try await LabLogin.with(dropbear, via: pi) { board in
                let ended = try await board.sh("echo db; exit 7")
                #expect(ended.status == .code(7) && ended.text == "db\n")
                let killed = try await board.sh("kill -TERM $$")
                #expect(killed.status == .signal("TERM"))
            }
        }
    }

    @Test(arguments: [22, 2202]) func largeDataGoesBothWaysThroughTheTunnel(port: Int) async throws
    {
        try await LabLogin.withPi { pi in
            try await LabLogin.with(try LabLogin.olimex(port: port), via: pi) { board in
                let seed = UInt64.random(in: 0...UInt64.max)
                let sent = ChunkSource(seed: seed, chunks: 128)
                let received = ByteSum()
                var options = RunOptions(deadline: .seconds(60)) {
                    if $0 == .output { received.add($1) }
                }
                options.outputLimit = 17 << 20
                let result = try await board.run(
                    RemoteCommand(["cat"]), input: sent.source, options: options)
                #expect(result.succeeded, "seed \(seed)")
                #expect(received.value == sent.sum.value, "seed \(seed)")
            }
        }
    }

    @Test func theKeyBehindTheJumpIsVerifiedUnderItsOwnName() async throws {
        try await LabLogin.withPi { pi in
            var settings = try LabLogin.olimex()
            settings.knownHosts = "/dev/null"
            let error = try await LabLogin.refusal(settings, via: pi)
            guard case .hostKeyUnknown = error.code else { throw TestFailure("\(error)") }
            #expect(error.host == "olimex" && error.via == "pi")
        }
    }

    @Test(arguments: [
        ("203.0.113.2", 1, RemoteError.Code.unreachable),
        ("no-such-host.invalid", 22, .addressUnknown),
    ])
    func whatTheJumpCannotReachIsSaid(
        address: String, port: Int, expected: RemoteError.Code
    ) async throws {
        try await LabLogin.withPi { pi in
            var settings = try LabLogin.olimex(port: port)
            settings.address = address
            settings.connectTimeout = .seconds(20)
            let error = try await LabLogin.refusal(settings, via: pi)
            #expect(error.code == expected, "\(error)")
            #expect(error.detail.contains("pi says"))
        }
    }

    @Test func aJumpThatForbidsForwardingSaysSo() async throws {
        try await PrivateSSHD.with(["AllowTcpForwarding no"]) { server in
            try await LabLogin.with(try server.settings()) { pi in
                let error = try await LabLogin.refusal(try LabLogin.olimex(), via: pi)
                #expect(error.code == .channelRefused)
            }
        }
    }

    @Test func closingTheJumpEndsWhatIsBehindIt() async throws {
        let pi = try await SSHHost.connect(try LabLogin.settings())
        let board = try await SSHHost.connect(try LabLogin.olimex(), via: pi)
        async let pending = board.failure("sleep 60")
        try await board.expect()
        await pi.close()
        let error = try await pending
        #expect(error.code == .connectionLost && error.host == "olimex")
        await board.close()
    }

    @Test func aStreamCarriesBytesAndItsEnd() async throws {
        try await LabLogin.withPi { pi in
            let stream = try await pi.connect(to: "203.0.113.2", port: 22, timeout: .seconds(5))
            var greeting: [UInt8] = []
            while !greeting.contains(UInt8(ascii: "\n")) {
                greeting += try await stream.read(upTo: 3, timeout: .seconds(5))
            }
            #expect(String(decoding: greeting, as: UTF8.self).hasPrefix("SSH-2.0-"))
            try await stream.write(Array("nonsense\r\n".utf8), timeout: .seconds(5))
            var rest: [UInt8] = []
            while true {
                let more = try await stream.read(upTo: 4096, timeout: .seconds(5))
                if more.isEmpty { break }
                rest += more
            }
            #expect(String(decoding: rest, as: UTF8.self).contains("Invalid SSH identification"))
            await stream.close()
            await #expect(throws: RemoteError.self) {
                try await stream.read(upTo: 1, timeout: .seconds(1))
            }
        }
    }

    @Test func aStreamKeepsItsTimeLimitAndHearsCancellation() async throws {
        try await LabLogin.withPi { pi in
            let stream = try await pi.connect(to: "203.0.113.2", port: 22, timeout: .seconds(5))
            _ = try await stream.read(upTo: 4096, timeout: .seconds(5))
            await #expect {
                try await stream.read(upTo: 1, timeout: .milliseconds(200))
            } throws: {
                ($0 as? RemoteError)?.code == .commandTimedOut
            }
            let task = Task {
                try await remoteError { try await stream.read(upTo: 1, timeout: .seconds(60)) }
            }
            task.cancel()
            #expect(try await task.value.code == .cancelled)
            await #expect {
                try await pi.connect(to: "203.0.113.2", port: 1, timeout: .seconds(5))
            } throws: {
                ($0 as? RemoteError)?.code == .unreachable
            }
        }
    }
}
