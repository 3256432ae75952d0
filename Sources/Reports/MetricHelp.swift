/// A sentence about a metric: its own, or one made of its name, which ends with its unit.
enum MetricHelp {
    private static let own = [
        "up": "Whether the host answered: 1, else 0.",
        "answer_seconds": "Time from the question to the host's answer.",
        "boot_time_seconds": "When the host was started, in seconds since 1970.",
        "load15": "Processes that ran or waited, on average over 15 minutes.",
        "clock_offset_seconds": "How far the host's clock is ahead of the one here.",
        "clock_synchronized": "Whether the host keeps its clock by another's: 1, else 0.",
        "reboot_required": "Whether the host asks for a reboot: 1, else 0.",
        "disk_read_only": "Whether the file system takes no writes: 1, else 0.",
        "network_up": "Whether the interface has a carrier: 1, else 0.",
        "under_voltage": "Whether the supply is too weak now: 1, else 0.",
        "throttled": "Whether the processor is slowed down now: 1, else 0.",
        "service_up": "Whether the service runs: 1, else 0.",
        "generator_running": "Whether the engine runs: 1, else 0.",
        "generator_charger_closed": "Whether the charger's relay is closed: 1, else 0.",
        "generator_latched": "Whether a failed start waits to be cleared: 1, else 0.",
        "generator_held": "Whether somebody holds the generator idle: 1, else 0.",
    ]

    private static let units: [(suffix: String, text: String)] = [
        ("_timestamp_seconds", "in seconds since 1970"), ("_seconds_total", "in seconds"),
        ("_bytes_total", "in bytes"), ("_seconds", "in seconds"), ("_bytes", "in bytes"),
        ("_ratio", "from 0 to 1"), ("_volts", "in volts"), ("_amperes", "in amperes"),
        ("_watts", "in watts"), ("_hertz", "in hertz"), ("_celsius", "in degrees Celsius"),
        ("_joules", "in joules"), ("_total", "counted"),
    ]

    /// Such as `Disk used, from 0 to 1.` for `disk_used_ratio`.
    static func text(_ name: String) -> String {
        if let own = own[name] { return own }
        let unit = units.first { name.hasSuffix($0.suffix) }
        let stem = name.dropLast(unit?.suffix.utf8.count ?? 0)
        let words = stem.split(separator: "_").joined(separator: " ")
        let sentence = words.prefix(1).uppercased() + words.dropFirst()
        return sentence + (unit.map { ", " + $0.text } ?? "") + "."
    }
}
