import Foundation
import Health

/// A fleet's health as a monitoring plugin says it: one line, then numbers, and an exit code
/// (Monitoring Plugins Development Guidelines).
public enum HealthNagios {
    /// Troubles that are named in the line.
    private static let namedMax = 5

    /// 0 well, 1 warning, 2 critical, 3 unknown.
    public static func code(_ level: HealthLevel) -> Int32 {
        switch level {
        case .ok: 0
        case .warning: 1
        case .critical: 2
        case .unknown: 3
        }
    }

    /// The line.
    public static func line(_ health: FleetHealth) -> String {
        let troubles = health.verdicts.filter { $0.level > .ok }
        let named = troubles.prefix(namedMax).map { plain("\($0.host): \($0.summary)") }
        let more = troubles.count > namedMax ? ["and \(troubles.count - namedMax) more"] : []
        let word = health.level.rawValue.uppercased()
        let text =
            troubles.isEmpty
            ? "\(health.hosts.count) hosts are well" : (named + more).joined(separator: "; ")
        return "FLEET \(word) - \(text) | " + numbers(health, troubles).joined(separator: " ")
    }

    private static func numbers(_ health: FleetHealth, _ troubles: [Verdict]) -> [String] {
        func count(_ level: HealthLevel) -> Int { troubles.count { $0.level == level } }
        let down = health.hosts.count { $0.answer != .answered }
        var numbers = [
            "hosts=\(health.hosts.count)", "down=\(down)", "critical=\(count(.critical))",
            "warning=\(count(.warning))", "unknown=\(count(.unknown))",
        ]
        for host in health.hosts {
            func add(_ name: String, _ unit: String, _ value: Double?) {
                guard let value, value.isFinite else { return }
                numbers.append(
                    "'\(label(host.host)) \(name)'=" + String(format: "%.3f", value) + unit)
            }
            add("time", "s", host.seconds)
            let full = host.samples.filter { $0.name == "disk_used_ratio" }.map { $0.value * 100 }
            add("disk", "%", full.max())
            add("charge", "%", host.value("battery_charge_ratio").map { $0 * 100 })
            add("voltage", "", host.value("battery_volts"))
        }
        return numbers
    }

    /// What separates the numbers, and what breaks lines, has no place in the text.
    private static func plain(_ text: String) -> String {
        DisplayText.printable(text).replacing("|", with: "/")
    }

    private static func label(_ text: String) -> String {
        plain(text).replacing("'", with: "").replacing("=", with: "")
    }
}

extension HostHealth {
    /// The value of a number that has no labels.
    fileprivate func value(_ name: String) -> Double? {
        samples.first { $0.name == name && $0.labels.isEmpty }?.value
    }
}
