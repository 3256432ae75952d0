// Load, memory, heat, power.

enum HostChecks {
    static func all(_ scene: Scene) -> [Verdict] {
        load(scene) + memory(scene) + temperature(scene) + power(scene) + reboot(scene)
    }

    private static func load(_ scene: Scene) -> [Verdict] {
        guard let load = scene.readings.load.value, load.averages.count == 3 else { return [] }
        let each = load.averages[2] / Double(load.processors)
        let level = scene.level(.load, each * 100, check: "load")
        return [
            scene.verdict(
                "load", level,
                "load \(Amount.tenths(load.averages[2])) over 15 minutes on \(load.processors)"
                    + (load.processors == 1 ? " processor" : " processors"),
                advice: "see what runs: fleetctl host exec --host \(scene.subject.host) -- top -bn1"
            )
        ]
    }

    private static func memory(_ scene: Scene) -> [Verdict] {
        guard let memory = scene.readings.memory.value else {
            return [
                scene.verdict(
                    "memory", .unknown,
                    "how much memory is free is not known: "
                        + (scene.readings.memory.reason ?? ""))
            ]
        }
        let used = 1 - Double(memory.available) / Double(memory.total)
        let level = scene.level(.memoryUsed, used * 100, check: "memory")
        return [
            scene.verdict(
                "memory", level,
                "memory is \(Amount.percent(used)) used, \(Amount.bytes(memory.available)) left",
                advice: "find what grows, and restart it", runbook: "thread-or-memory-leak")
        ]
    }

    private static func temperature(_ scene: Scene) -> [Verdict] {
        let sensors = scene.readings.temperatures
        guard let hottest = sensors.sorted(by: { $0.key < $1.key }).max(by: { $0.value < $1.value })
        else { return [] }
        let level = scene.level(.temperature, hottest.value, check: "temperature")
        return [
            scene.verdict(
                "temperature", level,
                "\(hottest.key) is at \(Amount.tenths(hottest.value)) °C",
                advice: "look after its cooling: dust, sun, a fan that stands")
        ]
    }

    private static func power(_ scene: Scene) -> [Verdict] {
        let bits = scene.readings.throttled.value.map { Throttling(rawValue: $0) }
        guard bits != nil || scene.readings.isUnderVoltage != nil else { return [] }
        let isLow = bits?.contains(.underVoltage) == true || scene.readings.isUnderVoltage == true
        let advice = "use a supply of 5.1 V and 3 A with a short, thick cable"
        var found: [Verdict] = []
        if isLow {
            found.append(
                scene.verdict("power", .critical, "the supply's voltage is too low", advice: advice)
            )
        } else if bits?.contains(.underVoltageSinceBoot) == true {
            found.append(
                scene.verdict(
                    "power", .warning, "the supply's voltage was too low since boot",
                    advice: advice))
        } else {
            found.append(scene.verdict("power", .ok, "the supply's voltage is well"))
        }
        if let bits, !bits.intersection([.throttled, .frequencyCapped, .softLimit]).isEmpty {
            found.append(
                scene.verdict(
                    "throttled", .warning, "the processor is slowed down now",
                    advice: "look after its supply and its cooling"))
        }
        return found
    }

    private static func reboot(_ scene: Scene) -> [Verdict] {
        guard let packages = scene.readings.rebootWanted else { return [] }
        let names = packages.isEmpty ? "" : ": " + packages.prefix(4).joined(separator: ", ")
        return [
            scene.verdict(
                "reboot-required", .warning, "updates wait for a reboot\(names)",
                advice: "reboot it when the generator stands and nothing is deployed")
        ]
    }
}
