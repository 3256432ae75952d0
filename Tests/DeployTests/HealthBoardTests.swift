import Foundation
import LabSupport
import TestSupport
import Testing

/// `fleetctl health` of a host that is asked through another.
@Suite(.lab, .faultsLab, .timeLimit(.minutes(10))) struct HealthBoardTests {
    /// A board without systemd behind its Pi, with a service under the supervisor.
    @Test func aBoardBehindItsPiIsAsked() async throws {
        try await BoardHost.with { lab, site in
            try site.program(Programs.sleeper)
            try site.services(Programs.app(on: "olimex"))
            try await site.deploy()
            let text = try site.folder.read("fleet.yaml").replacing(
                "    user:", with: "    \(HealthLook.lenient)\n    user:")
            try site.folder.write("fleet.yaml", text)
            try await lab.sh("pi", HealthLook.timesync)
            let well = try HealthLook(try await site.fleetctl("health", "-o", "json", timeout: 180))
            #expect(well.troubles.isEmpty && well.run.status == 0, "\(well)")
            let service = try #require(try well.run.host("olimex")["services"] as? [[String: Any]])
            #expect(service.first?["state"] as? String == "running", "\(service)")
            #expect(service.first?["threads"] as? Int == 1, "\(service)")
            try await lab.sh("olimex", "/opt/fleet/app/current/supervise stop")
            let ill = try HealthLook(try await site.fleetctl("health", "-o", "json", timeout: 180))
            #expect(ill.has("olimex service") && ill.troubles.count == 1, "\(ill)")
            try await lab.sh("pi", "rm /run/systemd/timesync/synchronized")
        }
    }
}
