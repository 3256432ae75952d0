import Foundation
import Health

/// A fleet's health for people: what is wrong, worst first, then a line for each host.
public enum HealthTable {
    /// The lines.
    ///
    /// - Parameter now: what "since" is counted from.
    public static func lines(
        _ health: FleetHealth, now: Date, styling: TextTable.Styling = .plain
    ) -> [String] {
        let troubles = health.verdicts.filter { $0.level > .ok }
        var lines: [String] = []
        if !troubles.isEmpty {
            var table = TextTable("LEVEL", "HOST", "SINCE", "WHAT")
            for verdict in troubles {
                table.add([
                    TextTable.Cell(verdict.level.rawValue, style: style(verdict.level)),
                    TextTable.Cell(verdict.host), TextTable.Cell(since(verdict, now)),
                    TextTable.Cell(verdict.summary),
                ])
            }
            lines += table.lines(styling) + [""]
            lines += advice(troubles)
        }
        return lines + hosts(health, styling) + [""] + [summary(health)]
    }

    private static func style(_ level: HealthLevel) -> TextTable.Style {
        switch level {
        case .ok: .green
        case .unknown, .warning: .yellow
        case .critical: .red
        }
    }

    private static func since(_ verdict: Verdict, _ now: Date) -> String {
        verdict.since.map { Amount.time(now.timeIntervalSince($0)) } ?? "now"
    }

    // MARK: What to do

    /// Each piece of advice once, with the hosts that it is for.
    private static func advice(_ troubles: [Verdict]) -> [String] {
        var lines: [String] = []
        var said: Set<String> = []
        for verdict in troubles {
            let text = step(verdict)
            guard !text.isEmpty, said.insert(verdict.host + text).inserted else { continue }
            lines.append(
                "  \(DisplayText.printable(verdict.host)), \(verdict.check): "
                    + DisplayText.printable(text))
        }
        return lines.isEmpty ? [] : ["What to do:"] + lines + [""]
    }

    private static func step(_ verdict: Verdict) -> String {
        let book = verdict.runbook.map { "fleetctl runbook show \($0)" }
        return [verdict.advice, book].compactMap { $0 }.joined(separator: "; ")
    }

    // MARK: The hosts

    private static func hosts(
        _ health: FleetHealth, _ styling: TextTable.Styling
    ) -> [String] {
        var table = TextTable("HOST", "HEALTH", "ASKED IN", "SERVICES")
        for host in health.hosts {
            table.add([
                TextTable.Cell(host.host),
                TextTable.Cell(host.level.rawValue, style: style(host.level)),
                TextTable.Cell(Amount.time(host.seconds)),
                TextTable.Cell(services(host)),
            ])
        }
        return table.lines(styling)
    }

    private static func services(_ host: HostHealth) -> String {
        if host.services.isEmpty { return "none" }
        return host.services.map { service in
            "\(service.service) \(service.state.value ?? "unknown")"
        }.joined(separator: ", ")
    }

    /// `3 hosts: 1 critical, 2 ok`
    static func summary(_ health: FleetHealth) -> String {
        let counts = HealthLevel.allCases.sorted(by: >).compactMap { level -> String? in
            let count = health.hosts.count { $0.level == level }
            return count == 0 ? nil : "\(count) \(level.rawValue)"
        }
        let noun = health.hosts.count == 1 ? "host" : "hosts"
        return "\(health.hosts.count) \(noun): \(counts.joined(separator: ", "))"
    }
}
