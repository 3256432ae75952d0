import ArgumentParser
import Foundation
import Health
import TestSupport
import Testing

@testable import FleetCommands

@Suite struct HealthSinksTests {
    static func console() throws -> Console { Console(try BaseOptions.parse(["--quiet"])) }

    static func message(_ arguments: [String]) -> String? {
        do {
            _ = try HealthSinks.parse(arguments)
            return nil
        } catch {
            return HealthSinks.message(for: error)
        }
    }

    @Test(arguments: [
        ["--mqtt", "1883"], ["--mqtt", "host:0"], ["--mqtt-user", "u"],
        ["--mqtt", "h:1", "--mqtt-password", "env:X"],
    ])
    func whatDoesNotGoTogetherIsRefused(arguments: [String]) {
        #expect(Self.message(arguments) != nil)
    }

    @Test func aPasswordOnTheCommandLineIsRefusedAndNotRepeated() {
        let message = Self.message([
            "--mqtt", "h:1", "--mqtt-user", "u", "--mqtt-password", "hunter2",
        ])
        #expect(message?.contains("never the password itself") == true)
        #expect(message?.contains("hunter2") == false)
    }

    @Test func theMetricsFileIsWholeAndReadable() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/fleet.prom"
        let sinks = try HealthSinks.parse(["--prometheus", path])
        let console = try Self.console()
        for answer in [HostHealth.Answer.unreachable("x"), .answered] {
            #expect(await sinks.pass(on: ExporterPageTests.health(answer), console))
        }
        #expect(try folder.read("fleet.prom").contains("\nfleet_up{host=\"pi\"} 1\n"))
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o644)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["fleet.prom"])
    }

    /// Whoever reads again and again while it is written finds whole files only.
    @Test(.timeLimit(.minutes(1))) func readersNeverSeeAHalf() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/fleet.prom"
        let bodies = [UInt8(ascii: "a"), UInt8(ascii: "b")].map {
            [UInt8](repeating: $0, count: 300_000)
        }
        try WholeFile.write(bodies[0], to: path)
        let writer = Task.detached {
            for round in 0..<200 { try WholeFile.write(bodies[round % 2], to: path) }
        }
        for _ in 0..<200 {
            let data = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
            #expect(bodies.contains(data))
        }
        try await writer.value
    }

    @Test func aFileThatCannotBeWrittenIsAFailure() async throws {
        let sinks = try HealthSinks.parse(["--prometheus", "/proc/nowhere/fleet.prom"])
        let console = try Self.console()
        #expect(await !sinks.pass(on: ExporterPageTests.health(), console))
    }

    /// A real mosquitto, as Home Assistant would find it later.
    @Test(.timeLimit(.minutes(2))) func theBrokerKeepsWhatHomeAssistantNeeds() async throws {
        let broker = try await MQTTBroker()
        let folder = try TemporaryFolder()
        try folder.write("password", MQTTBroker.password + "\n", mode: 0o600)
        let fleet = HomeAssistantTests.fleet()
        func sinks(_ password: String) throws -> HealthSinks {
            try HealthSinks.parse([
                "--mqtt", "127.0.0.1:\(broker.port)", "--mqtt-user", MQTTBroker.user,
                "--mqtt-password", password,
            ])
        }
        let console = try Self.console()
        let right = try sinks("file:\(folder.path)/password")
        #expect(await right.pass(on: fleet, console))
        let expected = try HomeAssistant(fleet).messages().map { "\($0.topic) \($0.payload)" }
        let kept = try await broker.retained("#", count: expected.count)
        #expect(Set(kept) == Set(expected))
        try folder.write("wrong", "x\n", mode: 0o600)
        let wrong = try sinks("file:\(folder.path)/wrong")
        #expect(await !wrong.pass(on: fleet, console))
    }
}
