import Foundation
import GeneratorWire
import MonitorLog

/// What was read, for people. What is unknown says why.
enum Facts {
    static func all(_ scene: Scene, _ services: [ServiceHealth]) -> [Fact] {
        var facts = host(scene)
        facts += clock(scene)
        facts += storage(scene)
        facts += network(scene)
        for health in services { facts += service(health) }
        for service in scene.subject.services {
            facts += inside(service, scene) + MetricsFileChecks.facts(service, scene)
        }
        return facts
    }

    private static func host(_ scene: Scene) -> [Fact] {
        let readings = scene.readings
        var facts = [
            Fact("host", "uptime", readings.uptime.map(Amount.time)),
            Fact(
                "host", "load",
                readings.load.map { $0.averages.map(Amount.tenths).joined(separator: " ") }),
            Fact(
                "memory", "available",
                readings.memory.map {
                    "\(Amount.bytes($0.available)) of \(Amount.bytes($0.total))"
                }),
            Fact(
                "host", "throttled",
                readings.throttled.map { $0 == 0 ? "no" : "0x" + String($0, radix: 16) }),
            Fact("host", "shut down before", readings.wasShutDown.map { $0 ? "in order" : "no" }),
            Fact(
                "host", "reboot required",
                .known(readings.rebootWanted == nil ? "no" : "yes")),
        ]
        facts += readings.temperatures.sorted { $0.key < $1.key }
            .map { Fact("host", $0.key, .known(Amount.tenths($0.value) + " °C")) }
        facts.append(
            Fact(
                "host", "kernel log",
                readings.kernelLog.map {
                    $0.isEmpty ? "no trouble" : "\($0.count) lines of trouble"
                }))
        return facts
    }

    private static func clock(_ scene: Scene) -> [Fact] {
        [
            Fact(
                "clock", "offset",
                scene.readings.clock.map { clock in
                    let offset = ClockOffset(clock, scene.asked)
                    return (offset.seconds < 0 ? "−" : "+") + Amount.time(offset.seconds) + " ± "
                        + Amount.time(offset.error)
                }),
            Fact(
                "clock", "synchronized",
                scene.readings.isSynchronized.map { $0 ? "yes" : "no" }),
        ]
    }

    private static func storage(_ scene: Scene) -> [Fact] {
        guard let systems = scene.readings.fileSystems.value else {
            return [
                Fact(
                    "disk", "file systems",
                    .unknown(scene.readings.fileSystems.reason ?? HostReadings.unread))
            ]
        }
        return systems.map { system in
            let full = system.used.map(Amount.percent) ?? "unknown"
            let free = system.available.map { ", \(Amount.bytes($0)) free" } ?? ""
            return Fact(
                "disk", system.mount,
                .known(
                    "\(full) full\(free), \(system.type)\(system.isReadOnly ? ", read-only" : "")"))
        }
    }

    private static func network(_ scene: Scene) -> [Fact] {
        (scene.readings.interfaces.value ?? []).map { interface in
            let link = interface.hasCarrier.map { $0 ? "link" : "no link" } ?? "down"
            return Fact(
                "network", interface.name,
                .known("\(link), \(Amount.whole(interface.errors)) errors"))
        }
    }

    private static func service(_ health: ServiceHealth) -> [Fact] {
        [
            Fact(health.service, "state", health.state),
            Fact(health.service, "release", health.release),
            Fact(health.service, "restarts", health.restarts.map { "\($0)" }),
            Fact(health.service, "memory", health.memory.map(Amount.bytes)),
            Fact(health.service, "threads", health.threads.map { "\($0)" }),
        ] + health.ports.map { Fact(health.service, "port \($0.claim)", $0.owner) }
            + health.errors.map { Fact(health.service, "error", .known($0)) }
    }

    // MARK: The generator and the battery

    private static func inside(_ service: HealthSubject.Service, _ scene: Scene) -> [Fact] {
        let readings = scene.readings.services[service.name]
        switch service.role {
        case .plain: return []
        case .generator: return generator(readings?.generator)
        case .monitor: return battery(readings, scene)
        }
    }

    private static func generator(_ status: Measured<GeneratorStatus>?) -> [Fact] {
        switch status {
        case .known(let status):
            return status.entries.map { Fact("generator", $0.key, .known($0.value)) }
        case .unknown(let reason): return [Fact("generator", "STATUS", .unknown(reason))]
        case nil: return [Fact("generator", "STATUS", .unknown(HostReadings.unread))]
        }
    }

    /// Runs that are listed.
    private static let runsMax = 20

    private static func battery(_ readings: ServiceReadings?, _ scene: Scene) -> [Fact] {
        var facts: [Fact] = []
        switch readings?.csv {
        case .known(let file):
            let row = file.lastRow
            func fact(_ key: String, _ text: String?) {
                facts.append(
                    Fact("battery", key, text.map { .known($0) } ?? .unknown("the row has none")))
            }
            fact("last row", row?.timestamp)
            fact("state of charge", row?.stateOfChargePercent.map { "\($0) %" })
            fact("voltage", row?.batteryMillivolts.map { Amount.tenths(Double($0) / 1000) + " V" })
            fact("solar", row?.photovoltaicWatts.map { "\($0) W" })
            fact("load", row?.loadWatts.map { "\($0) W" })
        case .unknown(let reason): facts.append(Fact("battery", "last row", .unknown(reason)))
        case nil: break
        }
        switch readings?.monitor {
        case .known(let values):
            for key in ["state", "decision_text", "charging", "battery", "alarms"] {
                facts.append(
                    Fact(
                        "monitor", key.replacing("_", with: " "),
                        values[key].map { .known($0) } ?? .unknown("the file does not tell it")))
            }
            facts += InverterChecks.facts(values)
        case .unknown(let reason): facts.append(Fact("monitor", "state", .unknown(reason)))
        case nil: break
        }
        for run in GeneratorRun.all(readings?.runs?.value ?? []).suffix(runsMax) {
            facts.append(Fact("runs", run.beganText, .known(run.text)))
        }
        return facts
    }
}
