import Foundation
import LabSupport
import RemoteOps
import TestSupport
import Testing

@testable import SSHTransport

/// Hosts and links that fail at the worst moment: each a clear error in its time, never a hang.
@Suite(.lab, .faultsLab, .timeLimit(.minutes(10))) struct OutageTests {
    @Test func aDeadHostTimesOut() async throws {
        let lab = try Lab.required()
        var settings = try LabLogin.settings("renogy")
        settings.connectTimeout = .seconds(2)
        try await lab.whileCut("renogy", "eth0") { [settings] in
            let start = ContinuousClock.now
            let error = try await LabLogin.refusal(settings)
            #expect([.connectTimedOut, .unreachable].contains(error.code), "\(error)")
            #expect(error.effect == .nothingRan)
            #expect(.now - start < .seconds(6))
        }
    }

    @Test func aDeadBoardBehindTheJumpTimesOutAndTheJumpGoesOn() async throws {
        let lab = try Lab.required()
        var settings = try LabLogin.olimex()
        settings.connectTimeout = .seconds(2)
        try await LabLogin.withPi { pi in
            try await lab.whileCut("olimex", "eth0") { [settings] in
                let error = try await LabLogin.refusal(settings, via: pi)
                #expect([.connectTimedOut, .unreachable].contains(error.code), "\(error)")
            }
            try await pi.expect()
        }
    }

    @Test func aCutLinkInMidCommandIsSilence() async throws {
        let lab = try Lab.required()
        var settings = try LabLogin.settings("renogy")
        settings.livenessDeadline = .seconds(3)
        try await LabLogin.with(settings) { host in
            let pending = Task { try await host.failure("sleep 60") }
            try await host.expect()
            let start = ContinuousClock.now
            let error = try await lab.whileCut("renogy", "eth0") { try await pending.value }
            #expect(error.code == .silent && error.effect == .mayHaveRun)
            #expect(.now - start < .seconds(8))
            let late = try await host.failure("true")
            #expect(late.code == .silent && late.effect == .nothingRan)
        }
    }

    @Test func aFrozenHostIsSilenceToo() async throws {
        let lab = try Lab.required()
        var settings = try LabLogin.settings("renogy")
        settings.livenessDeadline = .seconds(3)
        try await LabLogin.with(settings) { host in
            try await host.expect()
            let error = try await lab.whileFrozen("renogy") {
                // Its kernel still acknowledges, so only the answer that never comes tells.
                try await host.failure("true")
            }
            #expect(error.code == .silent)
        }
    }

    @Test func aFrozenHostTakesNoConnection() async throws {
        let lab = try Lab.required()
        var settings = try LabLogin.settings("renogy")
        settings.connectTimeout = .seconds(2)
        let error = try await lab.whileFrozen("renogy") { [settings] in
            try await LabLogin.refusal(settings)
        }
        #expect(error.code == .connectTimedOut && error.detail.contains("banner"))
    }

    @Test func aFrozenBoardIsSilentWhileItsJumpIsNot() async throws {
        let lab = try Lab.required()
        var settings = try LabLogin.olimex()
        settings.livenessDeadline = .seconds(3)
        try await LabLogin.withPi { pi in
            try await LabLogin.with(settings, via: pi) { board in
                try await board.expect()
                let error = try await lab.whileFrozen("olimex") { try await board.failure("true") }
                #expect(error.code == .silent && error.host == "olimex")
                try await pi.expect()
            }
        }
    }

    @Test func aQuietCommandOnALivingHostIsNoSilence() async throws {
        try await LabLogin.withPi({ $0.livenessDeadline = .seconds(1) }) { host in
            try await host.expect("sleep 4; echo done", prints: "done\n")
        }
    }

    @Test func anSSHDThatDiesInMidTransferIsALostConnection() async throws {
        try await PrivateSSHD.with { server in
            try await LabLogin.with(try server.settings()) { host in
                let source = ChunkSource(seed: 3, chunks: 1_000_000)
                async let pending = host.failure("cat >/dev/null", input: source.source)
                try await waitUntil("data flows") { source.asked.withLock { $0 } > 100 }
                try await server.kill()
                let error = try await pending
                #expect(error.code == .connectionLost, "\(error)")
                #expect(error.effect == .mayHaveRun)
            }
        }
    }

    @Test func aKilledHostInMidTransferIsNoHang() async throws {
        let lab = try Lab.required()
        var settings = try LabLogin.settings("renogy")
        settings.livenessDeadline = .seconds(3)
        try await LabLogin.with(settings) { host in
            let source = ChunkSource(seed: 4, chunks: 1_000_000)
            async let pending = host.failure("cat >/dev/null", input: source.source)
            try await waitUntil("data flows") { source.asked.withLock { $0 } > 100 }
            try await lab.kill("renogy")
            let error = try await pending
            #expect([.silent, .connectionLost].contains(error.code), "\(error)")
            #expect(error.effect == .mayHaveRun)
        }
        try await lab.start("renogy")
    }

    @Test func aFullDiskComesThroughAsTarSaysIt() async throws {
        let lab = try Lab.required()
        let folder = try TestFolder.make()
        let archive = folder + "/data.tar"
        try Data((0..<(8 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31) })
            .write(to: URL(fileURLWithPath: folder + "/data"))
        try await Local.run(["tar", "-cf", archive, "-C", folder, "data"])
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: archive)))
        try await lab.sh(
            "pi", "mkdir -p /run/full && mount -t tmpfs -o size=1m,mode=777 full /run/full")
        try await LabLogin.withPi { host in
            let result = try await host.sh(
                "cd /run/full && tar -xf -", as: .root, input: .bytes(bytes))
            #expect(result.status == .code(2))
            #expect(result.errorText.contains("tar: data: "))
        }
        try await lab.sh("pi", "umount /run/full")
    }

    @Test func twoHundredConnectionsLeaveNothingBehind() async throws {
        let settings = try LabLogin.settings()
        func cycle() async throws {
            let pi = try await SSHHost.connect(settings)
            let board = try await SSHHost.connect(try LabLogin.olimex(port: 2202), via: pi)
            try await board.expect()
            await board.close()
            await pi.close()
        }
        func refused() async throws {
            var settings = settings
            settings.knownHosts = "/dev/null"
            _ = try await LabLogin.refusal(settings)
        }
        try await cycle()
        try await refused()
        let before = try Self.counts()
        for _ in 0..<100 {
            try await cycle()
            try await refused()
        }
        try await waitUntil("threads and descriptors are as before") {
            let now = try Self.counts()
            return now.descriptors <= before.descriptors && now.threads <= before.threads + 1
        }
    }

    private static func counts() throws -> (descriptors: Int, threads: Int) {
        let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        return (descriptors.count, try threadCount(named: "ssh "))
    }
}
