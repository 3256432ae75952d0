import Foundation
import Health
import MQTTWire
import TestSupport
import Testing

@testable import FleetCommands

@Suite struct HomeAssistantTests {
    static let hostile = "a/#+\"{{ 1/0 }}\u{0}\n"

    static func fleet() -> FleetHealth {
        let time = Date(timeIntervalSince1970: 1_700_000_000)
        var service = ServiceHealth(service: "gen-server")
        service.state = .known("running")
        let pi = HostHealth(
            host: "pi", answer: .answered, takenAt: time, seconds: 1,
            samples: [
                MetricSample("disk_used_ratio", 0.5, labels: ["mount": "/"]),
                MetricSample("battery_volts", 52.1), MetricSample("boot_timestamp_seconds", 17),
                MetricSample("load1", .nan),
            ],
            verdicts: [
                Verdict("disk-space", host: "pi", object: "/", .warning, "/ is 85 % full"),
                Verdict("memory", host: "pi", .ok, "enough memory"),
            ],
            services: [service, ServiceHealth(service: "monitor")])
        return FleetHealth(fleet: "our home", takenAt: time, hosts: [pi])
    }

    static func object(_ message: MQTTMessage) throws -> [String: Any] {
        let value = try JSONSerialization.jsonObject(with: Data(message.payload.utf8))
        return try #require(value as? [String: Any])
    }

    static func messages(_ fleet: FleetHealth) throws -> [String: [String: Any]] {
        let all = try HomeAssistant(fleet).messages()
        let pairs = try all.map { ($0.topic, try object($0)) }
        try #require(Set(pairs.map(\.0)).count == pairs.count)
        return Dictionary(pairs) { first, _ in first }
    }

    /// Each message as its topic and its text.
    @Test func allMessages() throws {
        let lines = try HomeAssistant(Self.fleet()).messages().map { "\($0.topic) \($0.payload)\n" }
        try Golden.expect("health/home-assistant.txt", lines.joined())
    }

    @Test func theStateSaysWhatIsKnown() throws {
        let all = try Self.messages(Self.fleet())
        let state = try #require(all["fleetctl/our_home/pi/state"])
        #expect(state["answers"] as? String == "ON")
        #expect(state["problem"] as? String == "ON")
        #expect(state["level"] as? String == "warning")
        #expect(state["running_gen_server"] as? String == "ON")
        // Nobody knows whether it runs.
        #expect(state["running_monitor"] as? String == "None")
        #expect(state["disk_used_ratio__"] as? Double == 0.5)
        #expect(state["load1"] == nil)
        #expect(state["verdicts"] as? [String] == ["warning: / is 85 % full"])
    }

    @Test func eachEntityIsDiscovered() throws {
        let all = try Self.messages(Self.fleet())
        #expect(
            Set(all.keys) == [
                "fleetctl/our_home/pi/state",
                "homeassistant/binary_sensor/fleetctl_our_home_pi_answers/config",
                "homeassistant/binary_sensor/fleetctl_our_home_pi_problem/config",
                "homeassistant/sensor/fleetctl_our_home_pi_level/config",
                "homeassistant/binary_sensor/fleetctl_our_home_pi_running_gen_server/config",
                "homeassistant/binary_sensor/fleetctl_our_home_pi_running_monitor/config",
                "homeassistant/sensor/fleetctl_our_home_pi_disk_used_ratio__/config",
                "homeassistant/sensor/fleetctl_our_home_pi_battery_volts/config",
                "homeassistant/sensor/fleetctl_our_home_pi_boot_timestamp_seconds/config",
                "homeassistant/sensor/fleetctl_our_home_pi_load1/config",
            ])
        let disk = try #require(
            all["homeassistant/sensor/fleetctl_our_home_pi_disk_used_ratio__/config"])
        #expect(disk["state_topic"] as? String == "fleetctl/our_home/pi/state")
        #expect(disk["unit_of_measurement"] as? String == "%")
        #expect(disk["name"] as? String == "disk used /")
        #expect(disk["expire_after"] as? Int == HomeAssistant.expiry)
        #expect(
            disk["value_template"] as? String
                == "{{ value_json['disk_used_ratio__'] * 100 if value_json['disk_used_ratio__'] "
                + "is number else 'None' }}")
        let volts = try #require(
            all["homeassistant/sensor/fleetctl_our_home_pi_battery_volts/config"])
        #expect(volts["device_class"] as? String == "voltage")
        #expect(volts["unit_of_measurement"] as? String == "V")
        let device = try #require(volts["device"] as? [String: Any])
        #expect(device["identifiers"] as? [String] == ["fleetctl_our_home_pi"])
    }

    @Test func aHostThatDoesNotAnswerIsNotFine() throws {
        var fleet = Self.fleet()
        fleet.hosts[0].answer = .unreachable("timed out")
        fleet.hosts[0].verdicts = [Verdict("answers", host: "pi", .unknown, "it timed out")]
        fleet.hosts[0].samples = []
        let state = try #require(try Self.messages(fleet)["fleetctl/our_home/pi/state"])
        #expect(state["answers"] as? String == "OFF")
        #expect(state["problem"] as? String == "None")
    }

    /// Nothing that a host says gets into a topic or a template.
    @Test func hostileTextStaysInItsPlace() throws {
        var fleet = Self.fleet()
        fleet.fleet = Self.hostile
        fleet.hosts[0].host = Self.hostile
        fleet.hosts[0].services[0].service = Self.hostile
        fleet.hosts[0].samples += [
            MetricSample(Self.hostile, 1, labels: [Self.hostile: Self.hostile])
        ]
        fleet.hosts[0].samples += (0..<500).map {
            MetricSample("x", 1, labels: ["n": "\($0)"])
        }
        let all = try HomeAssistant(fleet).messages()
        #expect(all.count == 3 + 2 + HomeAssistant.samplesMax + 1)
        for message in all {
            _ = try MQTTPacket.publish(message, identifier: 1).bytes()
            let template = try Self.object(message)["value_template"] as? String ?? ""
            #expect(!template.contains("1/0") && !message.topic.contains("\""))
        }
    }
}
