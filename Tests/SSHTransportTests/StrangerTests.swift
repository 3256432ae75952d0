import Foundation
import Glibc
import LabSupport
import RemoteOps
import TestSupport
import Testing

@testable import SSHTransport

/// What answers is no SSH server, or a broken one: each a clear error within the deadline.
@Suite(.sharesLab, .timeLimit(.minutes(10))) struct StrangerTests {
    private func settings(_ port: Int, _ timeout: Duration = .seconds(30)) -> SSHSettings {
        var settings = SSHSettings(name: "fake", address: "127.0.0.1", port: port, user: "nobody")
        settings.configFile = .none
        settings.usesAgent = false
        settings.knownHosts = "/dev/null"
        settings.connectTimeout = timeout
        return settings
    }

    /// Connects, which must fail, and says how and within what time.
    private func failure(
        _ settings: SSHSettings
    ) async throws -> (error: RemoteError, time: Duration) {
        let start = ContinuousClock.now
        do throws(RemoteError) {
            await (try SSHHost.connect(settings)).close()
        } catch {
            return (error, .now - start)
        }
        throw TestFailure("a stranger was taken for a server")
    }

    @Test func garbageForABannerIsNamedAndCleaned() async throws {
        let server = try FakeServer {
            FakeServer.send("HTTP/1.1 400 \u{1B}[31mBad\r\n\r\n", to: $0)
            FakeServer.drain($0)
        }
        defer { server.end() }
        let (error, time) = try await failure(settings(server.port, .seconds(5)))
        guard case .notSSH(let received) = error.code else {
            throw TestFailure("\(error)")
        }
        #expect(received == "HTTP/1.1 400  [31mBad")
        #expect(time < .seconds(15))
    }

    @Test func aStrangerThatSpeaksAndHangsUpIsNoServer() async throws {
        let server = try FakeServer { FakeServer.send("Exceeded MaxStartups\r\n", to: $0) }
        defer { server.end() }
        let (error, _) = try await failure(settings(server.port))
        #expect(error.code == .notSSH(received: "Exceeded MaxStartups"))
    }

    @Test func aLineWithoutEndIsNoServer() async throws {
        let server = try FakeServer { connection in
            for _ in 0..<10_000 {
                FakeServer.send([UInt8](repeating: 65, count: 100), to: connection)
            }
            FakeServer.drain(connection)
        }
        defer { server.end() }
        let (error, time) = try await failure(settings(server.port))
        guard case .notSSH = error.code else { throw TestFailure("\(error)") }
        #expect(time < .seconds(15))
    }

    @Test func aBannerThatNeverComesTimesOut() async throws {
        let server = try FakeServer { FakeServer.drain($0) }
        defer { server.end() }
        let (error, time) = try await failure(settings(server.port, .milliseconds(500)))
        #expect(error.code == .connectTimedOut)
        #expect(error.detail.contains("banner"))
        #expect(time < .seconds(15))
    }

    @Test func aServerThatHangsUpAtOnceIsALostConnection() async throws {
        let server = try FakeServer { _ in }
        defer { server.end() }
        let (error, _) = try await failure(settings(server.port))
        #expect(error.code == .connectionLost)
        #expect(error.effect == .nothingRan)
    }

    @Test func aServerThatStopsAfterItsBannerTimesOut() async throws {
        let server = try FakeServer {
            FakeServer.send("SSH-2.0-Fake\r\n", to: $0)
            FakeServer.drain($0)
        }
        defer { server.end() }
        let (error, time) = try await failure(settings(server.port, .milliseconds(500)))
        #expect(error.code == .connectTimedOut)
        #expect(time < .seconds(15))
    }

    @Test func nobodyListeningIsUnreachable() async throws {
        let server = try FakeServer { _ in }
        server.end()
        let (error, time) = try await failure(settings(server.port))
        #expect(error.code == .unreachable)
        #expect(error.detail.contains("refused"))
        #expect(time < .seconds(15))
    }

    @Test(arguments: ["no-such-host.invalid", "", "a b", "host\u{0}name"])
    func aNameThatCannotBeResolvedIsSaid(name: String) async throws {
        var settings = settings(22, .seconds(15))
        settings.address = name
        let (error, _) = try await failure(settings)
        #expect([.addressUnknown, .badSetting, .connectTimedOut].contains(error.code), "\(error)")
    }

    @Test func everyAddressOfANameIsTried() async throws {
        // localhost is ::1 first on many machines, and the server listens on 127.0.0.1 only.
        let server = try FakeServer { FakeServer.send("hello\r\n", to: $0) }
        defer { server.end() }
        var settings = settings(server.port)
        settings.address = "localhost"
        let (error, _) = try await failure(settings)
        #expect(error.code == .notSSH(received: "hello"))
    }

    @Test func aCancelledConnectEndsAtOnce() async throws {
        let server = try FakeServer { FakeServer.drain($0) }
        defer { server.end() }
        let settings = settings(server.port, .seconds(60))
        let start = ContinuousClock.now
        let task = Task { () -> RemoteError.Code? in
            do throws(RemoteError) {
                await (try SSHHost.connect(settings)).close()
                return nil
            } catch {
                return error.code
            }
        }
        task.cancel()
        #expect(await task.value == .cancelled)
        #expect(.now - start < .seconds(30))
    }

    /// Random bytes after nothing, after a banner, after a real key exchange message: never a
    /// hang, never a crash, always an error.
    @Test(arguments: 0..<12) func randomBytesAreNeverAHang(round: Int) async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        let server = try FakeServer { connection in
            var generator = SeededGenerator(seed: seed)
            if round % 4 > 0 { FakeServer.send("SSH-2.0-Fake\r\n", to: connection) }
            if round % 4 > 1 {
                // A key exchange message like the client's own, changed in a few bytes or not.
                var packet = Self.packet(from: FakeServer.receive(connection))
                if round % 4 == 3, !packet.isEmpty {
                    for _ in 0..<4 {
                        packet[Int.random(in: 0..<packet.count, using: &generator)] =
                            UInt8.random(in: 0...255, using: &generator)
                    }
                }
                FakeServer.send(packet, to: connection)
            }
            for _ in 0..<64 {
                let count = Int.random(in: 1...4096, using: &generator)
                FakeServer.send(
                    (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) },
                    to: connection)
            }
        }
        defer { server.end() }
        let (error, time) = try await failure(settings(server.port, .seconds(2)))
        #expect(time < .seconds(15), "seed \(seed), round \(round)")
        let isClear =
            switch error.code {
            case .notSSH, .connectionLost, .connectTimedOut, .noCommonAlgorithm, .badSetting: true
            default: false
            }
        #expect(isClear, "seed \(seed), round \(round): \(error)")
    }

    /// The binary packet after the client's banner.
    private static func packet(from bytes: [UInt8]) -> [UInt8] {
        guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return [] }
        return Array(bytes[(end + 1)...])
    }
}

/// A test's own failure.
struct TestFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
