import Foundation
import GeneratorWire
import MonitorLog

/// The numbers of a host, as the history and Prometheus take them. What is unknown has none.
enum Samples {
    static func all(_ scene: Scene) -> [MetricSample] {
        var samples = host(scene)
        samples += storage(scene)
        samples += network(scene)
        for service in scene.subject.services {
            samples += self.service(service, scene) + MetricsFileChecks.samples(service, scene)
        }
        return samples.filter { $0.value.isFinite }
    }

    private static func host(_ scene: Scene) -> [MetricSample] {
        let readings = scene.readings
        var list = Samples.List()
        list.add("up", 1)
        list.add("answer_seconds", scene.asked.heard.timeIntervalSince(scene.asked.sent))
        list.add("uptime_seconds", readings.uptime.value)
        list.add("boot_time_seconds", scene.bootedAt?.timeIntervalSince1970)
        list.add("load15", readings.load.value?.averages.last)
        list.add("processors", readings.load.value.map { Double($0.processors) })
        if let memory = readings.memory.value {
            list.add("memory_total_bytes", Double(memory.total))
            list.add("memory_available_bytes", Double(memory.available))
            list.add("swap_used_bytes", Double(max(0, memory.swapTotal - memory.swapFree)))
        }
        for (sensor, celsius) in readings.temperatures {
            list.add("temperature_celsius", celsius, ["sensor": sensor])
        }
        if let bits = readings.throttled.value.map({ Throttling(rawValue: $0) }) {
            list.add("under_voltage", bits.contains(.underVoltage) ? 1 : 0)
            list.add("throttled", bits.contains(.throttled) ? 1 : 0)
        }
        if let clock = readings.clock.value {
            list.add("clock_offset_seconds", ClockOffset(clock, scene.asked).seconds)
        }
        list.add("clock_synchronized", readings.isSynchronized.value.map { $0 ? 1 : 0 })
        list.add(
            "units_failed",
            readings.units.value.map { Double($0.count { $0.activeState == "failed" }) })
        list.add("reboot_required", readings.rebootWanted == nil ? 0 : 1)
        return list.samples
    }

    private static func storage(_ scene: Scene) -> [MetricSample] {
        var list = Samples.List()
        for system in scene.readings.fileSystems.value ?? [] {
            let labels = ["mount": system.mount]
            list.add("disk_size_bytes", system.size.map(Double.init), labels)
            list.add("disk_available_bytes", system.available.map(Double.init), labels)
            list.add("disk_used_ratio", system.used, labels)
            list.add("inodes_used_ratio", system.inodesUsed, labels)
            list.add("disk_read_only", system.isReadOnly ? 1 : 0, labels)
        }
        for (device, count) in scene.readings.fileSystemErrors {
            list.add("file_system_errors_total", Double(count), ["device": device])
        }
        return list.samples
    }

    private static func network(_ scene: Scene) -> [MetricSample] {
        var list = Samples.List()
        for interface in scene.readings.interfaces.value ?? [] {
            let labels = ["interface": interface.name]
            list.add("network_up", interface.hasCarrier.map { $0 ? 1 : 0 }, labels)
            list.add("network_errors_total", interface.errors, labels)
            list.add("network_packets_total", interface.packets, labels)
        }
        return list.samples
    }

    // MARK: Services

    private static func service(
        _ service: HealthSubject.Service, _ scene: Scene
    ) -> [MetricSample] {
        let health = ServiceHealth(service, scene)
        let labels = ["service": service.name]
        var list = Samples.List()
        list.add("service_up", health.state.value.map { $0 == "running" ? 1 : 0 }, labels)
        list.add("service_restarts_total", health.restarts.value.map(Double.init), labels)
        list.add("service_memory_bytes", health.memory.value.map(Double.init), labels)
        list.add("service_memory_limit_bytes", health.memoryLimit.value.map(Double.init), labels)
        list.add("service_threads", health.threads.value.map(Double.init), labels)
        let readings = scene.readings.services[service.name]
        if let status = readings?.generator?.value { generator(status, labels, &list) }
        if let values = readings?.monitor?.value {
            list.add(
                "monitor_alarms", Double(HostText.words(values["alarms"] ?? "").count), labels)
        }
        if let file = readings?.csv?.value { battery(file, scene, &list) }
        return list.samples
    }

    private static func generator(
        _ status: GeneratorStatus, _ labels: [String: String], _ list: inout List
    ) {
        switch status.engine {
        case .running: list.add("generator_running", 1, labels)
        case .standing, .cranking: list.add("generator_running", 0, labels)
        case .unknown: break
        }
        list.add("generator_clients", status.clients.known.map(Double.init), labels)
        if let relays = status.relays.known {
            list.add("generator_charger_closed", relays.contains(.charger) ? 1 : 0, labels)
        }
        if let latched = status.latched.known {
            list.add("generator_latched", latched == nil ? 0 : 1, labels)
        }
        if let hold = status.hold.known {
            list.add("generator_held", hold == nil ? 0 : 1, labels)
        }
        func entry(_ key: String) -> Double? {
            status.entries.first { $0.key == key }.flatMap { HostText.decimal($0.value) }
        }
        list.add("generator_run_seconds_total", entry("SERVICE_HOURS").map { $0 * 3600 }, labels)
        list.add("generator_starts_total", entry("STARTS"), labels)
    }

    /// The last row's values, where it is no older than the monitor's rows may be.
    private static func battery(
        _ file: ServiceReadings.LogFile, _ scene: Scene, _ list: inout List
    ) {
        guard let row = file.lastRow, let time = row.unixSeconds,
            let age = scene.age(of: Double(time))
        else { return }
        list.add("monitor_row_age_seconds", max(0, age))
        guard age / 60 < scene.subject.limit(.rowAge).warning else { return }
        list.add("battery_charge_ratio", row.stateOfChargePercent.map { Double($0) / 100 })
        list.add("battery_health_ratio", row.stateOfHealthPercent.map { Double($0) / 100 })
        list.add("battery_volts", row.batteryMillivolts.map { Double($0) / 1000 })
        list.add("solar_watts", row.photovoltaicWatts.map(Double.init))
        list.add("load_watts", row.loadWatts.map(Double.init))
        list.add("charge_watts", row.chargeWatts.map(Double.init))
        list.add("discharge_watts", row.dischargeWatts.map(Double.init))
    }

    /// Samples as they are found.
    struct List {
        private(set) var samples: [MetricSample] = []

        /// Adds a value where it is known.
        mutating func add(_ name: String, _ value: Double?, _ labels: [String: String] = [:]) {
            if let value { samples.append(MetricSample(name, value, labels: labels)) }
        }
    }
}
