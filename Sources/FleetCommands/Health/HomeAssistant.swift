import Foundation
import Health
import MQTTWire

/// A fleet for Home Assistant's MQTT discovery: a device for each host, and what is known of it as
/// entities. One retained message each says what there is; one a host says how it is.
struct HomeAssistant {
    /// Most numbers of one host that become entities.
    static let samplesMax = 200
    /// Time after which Home Assistant takes what it was told for unknown, in seconds.
    static let expiry = 1800

    private let health: FleetHealth
    private let prefix: String

    /// - Parameter prefix: where Home Assistant looks for discovery; `homeassistant` by default.
    init(_ health: FleetHealth, prefix: String = "homeassistant") {
        self.health = health
        self.prefix = prefix
    }

    /// All messages: of each host what there is, then how it is.
    func messages() throws -> [MQTTMessage] {
        try health.hosts.flatMap { host in
            let entities = Self.entities(host)
            return try entities.map { try discovery($0, host) } + [state(host, entities)]
        }
    }

    // MARK: What there is

    /// What Home Assistant shows as one thing.
    struct Entity: Equatable {
        enum Kind: String { case sensor, binarySensor = "binary_sensor" }

        var kind = Kind.sensor
        /// The key in the host's state.
        var key: String
        var name: String
        var deviceClass: String?
        var unit: String?
        /// What becomes of the value there.
        var filter = ""
        /// How its numbers behave, in Home Assistant's word; nil for what is no number.
        var stateClass: String?
        /// Whether the verdicts come with it.
        var hasVerdicts = false
    }

    static func entities(_ host: HostHealth) -> [Entity] {
        var entities = [
            Entity(
                kind: .binarySensor, key: "answers", name: "Answers", deviceClass: "connectivity"),
            Entity(
                kind: .binarySensor, key: "problem", name: "Problem", deviceClass: "problem",
                hasVerdicts: true),
            Entity(key: "level", name: "Health"),
        ]
        entities += host.services.map { service in
            Entity(
                kind: .binarySensor, key: "running_" + word(service.service),
                name: service.service, deviceClass: "running")
        }
        var keys = Set(entities.map(\.key))
        for sample in host.samples.prefix(samplesMax) {
            let entity = number(sample)
            if keys.insert(entity.key).inserted { entities.append(entity) }
        }
        return entities
    }

    /// Units and classes as Home Assistant knows them, by the ends of names.
    private static let units: [(suffix: String, deviceClass: String?, unit: String)] = [
        ("_seconds", "duration", "s"), ("_bytes", "data_size", "B"), ("_ratio", nil, "%"),
        ("_volts", "voltage", "V"), ("_amperes", "current", "A"), ("_watts", "power", "W"),
        ("_celsius", "temperature", "°C"), ("_hertz", "frequency", "Hz"),
    ]

    private static func number(_ sample: MetricSample) -> Entity {
        let labels = sample.labels.sorted { $0.key < $1.key }.map(\.value)
        let unit = units.first {
            sample.name.hasSuffix($0.suffix) && !MetricNumber.isTime(sample.name)
        }
        let stem = sample.name.dropLast(unit?.suffix.utf8.count ?? 0)
        let name = ([String(stem).replacing("_", with: " ")] + labels).joined(separator: " ")
        return Entity(
            key: word(([sample.name] + labels).joined(separator: "_")), name: name,
            deviceClass: unit?.deviceClass, unit: unit?.unit,
            filter: unit?.suffix == "_ratio" ? " * 100" : "",
            stateClass: sample.name.hasSuffix("_total") ? "total_increasing" : "measurement")
    }

    private struct Discovery: Encodable {
        struct Device: Encodable {
            var identifiers: [String]
            var name, manufacturer, model: String
        }

        var name, unique_id, object_id, state_topic, value_template: String
        var device_class, unit_of_measurement, state_class, json_attributes_topic: String?
        var json_attributes_template: String?
        var expire_after: Int
        var device: Device
    }

    private func discovery(_ entity: Entity, _ host: HostHealth) throws -> MQTTMessage {
        let id = self.id(host) + "_" + entity.key
        let value = "value_json['\(entity.key)']"
        // A number that could not be had is unknown, in Home Assistant's word for it.
        let template =
            entity.stateClass != nil
            ? "{{ \(value)\(entity.filter) if \(value) is number else 'None' }}"
            : "{{ \(value) }}"
        let config = Discovery(
            name: entity.name, unique_id: id, object_id: id, state_topic: stateTopic(host),
            value_template: template, device_class: entity.deviceClass,
            unit_of_measurement: entity.unit, state_class: entity.stateClass,
            json_attributes_topic: entity.hasVerdicts ? stateTopic(host) : nil,
            json_attributes_template: entity.hasVerdicts
                ? "{{ {'verdicts': value_json['verdicts']} | tojson }}" : nil,
            expire_after: Self.expiry,
            device: Discovery.Device(
                identifiers: [self.id(host)], name: host.host, manufacturer: "fleetctl",
                model: "host of \(health.fleet)"))
        return MQTTMessage(
            topic: "\(prefix)/\(entity.kind.rawValue)/\(id)/config", payload: try Self.json(config))
    }

    // MARK: How it is

    private enum Value: Encodable {
        case text(String)
        case number(Double)
        case list([String])

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .text(let text): try container.encode(text)
            case .number(let number): try container.encode(number)
            case .list(let list): try container.encode(list)
            }
        }
    }

    private func state(_ host: HostHealth, _ entities: [Entity]) throws -> MQTTMessage {
        var values: [String: Value] = [
            "answers": .text(host.answer == .answered ? "ON" : "OFF"),
            "level": .text(host.level.rawValue),
            // Nobody knows is not no.
            "problem": .text(
                host.level == .unknown ? "None" : host.level > .unknown ? "ON" : "OFF"),
            "verdicts": .list(
                host.verdicts.filter { $0.level != .ok }.map { verdict in
                    "\(verdict.level.rawValue): \(verdict.summary)"
                }),
        ]
        for service in host.services {
            let runs = service.state.value.map { $0 == "running" ? "ON" : "OFF" }
            values["running_" + Self.word(service.service)] = .text(runs ?? "None")
        }
        for sample in host.samples.prefix(Self.samplesMax) where sample.value.isFinite {
            let key = Self.number(sample).key
            if values[key] == nil { values[key] = .number(sample.value) }
        }
        return MQTTMessage(topic: stateTopic(host), payload: try Self.json(values))
    }

    private func stateTopic(_ host: HostHealth) -> String {
        "fleetctl/\(Self.word(health.fleet))/\(Self.word(host.host))/state"
    }

    private func id(_ host: HostHealth) -> String {
        "fleetctl_\(Self.word(health.fleet))_\(Self.word(host.host))"
    }

    /// Letters, digits and underscores: what topics, ids and templates take as it is.
    private static func word(_ text: String) -> String {
        String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }.prefix(120))
    }

    private static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
