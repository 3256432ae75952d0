import ArgumentParser
import Foundation
import Health
import Inventory
import InventoryFile
import MQTTClient
import MQTTWire
import Reports

/// Where a round goes besides the terminal.
struct HealthSinks: ParsableArguments {
    @Option(
        name: .customLong("prometheus"),
        help: "Also write metrics to this file, for node_exporter's textfile collector.")
    var prometheusFile: String?

    @Option(name: .long, help: "Also publish to this MQTT broker (HOST:PORT) for Home Assistant.")
    var mqtt: String?

    @Option(name: .long, help: "The user for the MQTT broker.")
    var mqttUser: String?

    @Option(name: .long, help: "The user's password: env:NAME, file:PATH or command:COMMAND.")
    var mqttPassword: String?

    func validate() throws {
        if let mqtt {
            guard let address = NetworkAddress(mqtt), address.port > 0 else {
                throw ValidationError("--mqtt takes HOST:PORT, such as mqtt.local:1883")
            }
        }
        if mqtt == nil, mqttUser != nil || mqttPassword != nil {
            throw ValidationError("--mqtt-user and --mqtt-password go with --mqtt")
        }
        if mqttPassword != nil {
            guard mqttUser != nil else {
                throw ValidationError("--mqtt-password goes with --mqtt-user")
            }
            // Whatever was given is not repeated: it may be the password.
            guard passwordReference != nil else {
                throw ValidationError(
                    "--mqtt-password takes env:NAME, file:PATH or command:COMMAND, "
                        + "never the password itself")
            }
        }
    }

    /// Passes a round on, and says what failed.
    ///
    /// - Returns: whether all of it went well.
    func pass(on health: FleetHealth, _ console: Console) async -> Bool {
        var isDone = true
        if let prometheusFile {
            do throws(FileFailure) {
                let text = PrometheusText(health).rendered()
                try WholeFile.write(Array(text.utf8), to: prometheusFile)
            } catch {
                console.error("the metrics could not be written: \(error)")
                isDone = false
            }
        }
        if let mqtt, let address = NetworkAddress(mqtt) {
            do {
                try await publish(health, address)
            } catch {
                console.error("\(error)")
                isDone = false
            }
        }
        return isDone
    }

    private func publish(_ health: FleetHealth, _ address: NetworkAddress) async throws {
        var connect = MQTTConnect(clientID: Self.clientID(), user: mqttUser)
        if let passwordReference {
            let secret = try await SecretResolver().resolve(passwordReference)
            connect.password = Array(secret.reveal().utf8)
        }
        let publisher = MQTTPublisher(
            host: address.host, port: address.port, connect: connect)
        try await publisher.publish(HomeAssistant(health).messages())
    }

    /// A name that no other run has: a broker throws the first of two of one name out. At most 23
    /// letters and digits, which every broker takes (MQTT 3.1.1, 3.1.3.1).
    private static func clientID() -> String {
        "fleetctl" + String(UInt32.random(in: 0...UInt32.max), radix: 36)
    }

    /// With `~` filled in, which a shell leaves alone behind a colon.
    private var passwordReference: SecretReference? {
        switch mqttPassword.flatMap({ SecretReference($0) }) {
        case .file(let path)?: .file((path as NSString).expandingTildeInPath)
        case let other: other
        }
    }
}
