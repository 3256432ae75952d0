import Foundation
import Health

extension ReportPage {
    /// A card a host.
    func writeHosts(into html: inout HTMLWriter) {
        section(.hosts, into: &html) { html in
            html.element("div", .class("cards")) { html in
                for (index, host) in report.health.hosts.enumerated() {
                    html.element(
                        "article", .class("card"),
                        HTMLAttribute("aria-labelledby", "host-\(index)")
                    ) { write(host, index, into: &$0) }
                    html.line()
                }
            }
            html.line()
        }
    }

    private func write(_ host: HostHealth, _ index: Int, into html: inout HTMLWriter) {
        html.element("header") { html in
            html.element("h3", HTMLAttribute("id", "host-\(index)"), text: host.host)
            html.level(host.shownLevel)
        }
        html.line()
        if let reason = host.answer.reason {
            html.element("p", text: "It could not be asked: \(reason)")
        }
        let problems = host.verdicts.filter { $0.level > .ok }
        if !problems.isEmpty {
            write(
                problems, max: PageLimit.verdictsPerHost, isHostNamed: false, into: &html)
        }
        writeFacts(host, into: &html)
        writeServices(host, into: &html)
        for chart in (report.trends[host.host] ?? []).prefix(PageLimit.chartsPerHost) {
            ChartFigure(chart, clock).write(into: &html)
        }
    }

    /// What was read, group by group, in the order in which the groups come first.
    private func writeFacts(_ host: HostHealth, into html: inout HTMLWriter) {
        // What is said of a service stands in its own part.
        let services = Set(host.services.map(\.service))
        var groups: [(name: String, facts: [Fact])] = []
        for fact in host.facts where !services.contains(fact.group) {
            if let index = groups.firstIndex(where: { $0.name == fact.group }) {
                groups[index].facts.append(fact)
            } else {
                groups.append((fact.group, [fact]))
            }
        }
        for group in groups {
            html.element("h4", text: group.name.prefix(1).uppercased() + group.name.dropFirst())
            html.element("dl") { html in
                for fact in group.facts.prefix(PageLimit.factsPerGroup) {
                    html.entry(fact.key, fact.text)
                }
            }
            sayRest(group.facts.count, PageLimit.factsPerGroup, "readings", into: &html)
            html.line()
        }
    }

    private func writeServices(_ host: HostHealth, into html: inout HTMLWriter) {
        guard !host.services.isEmpty else { return }
        html.element("h4", text: "Services")
        for service in host.services.prefix(PageLimit.servicesPerHost) {
            html.element("div", .class("service")) { write(service, into: &$0) }
            html.line()
        }
        sayRest(host.services.count, PageLimit.servicesPerHost, "services", into: &html)
    }

    private func write(_ service: ServiceHealth, into html: inout HTMLWriter) {
        html.element("div") { html in
            html.element("span", .class("where"), text: service.service)
            html.level(service.level)
        }
        html.element("dl") { html in
            html.entry("state", service.state)
            html.entry("since", service.since.map { clock.text($0) })
            html.entry("restarts", service.restarts.map { "\($0)" })
            html.entry("memory", Self.memory(of: service))
            html.entry("threads", service.threads.map { "\($0)" })
            html.entry("release", service.release)
            for port in service.ports { html.entry("port \(port.claim)", port.owner) }
        }
        guard !service.errors.isEmpty else { return }
        html.element("details") { html in
            html.element("summary", text: "Last errors of its log (\(service.errors.count))")
            html.element("pre") { html in
                for line in service.errors.suffix(PageLimit.errorLines) {
                    html.text(line)
                    html.line()
                }
            }
        }
    }

    private static func memory(of service: ServiceHealth) -> Measured<String> {
        service.memory.map { used in
            let limit = service.memoryLimit.value.map { " of \(bytes($0))" } ?? ""
            return bytes(used) + limit
        }
    }

    /// `12.3 MiB`.
    static func bytes(_ count: Int) -> String {
        var value = Double(count)
        var unit = "B"
        for next in ["KiB", "MiB", "GiB", "TiB"] where abs(value) >= 1024 {
            value /= 1024
            unit = next
        }
        return NumberText.decimal(value, unit == "B" ? 0 : 1) + " " + unit
    }
}

extension HTMLWriter {
    /// Writes something that was read, or why it could not be.
    mutating func entry(_ key: String, _ value: Measured<String>) {
        element("dt", text: key)
        switch value {
        case .known(""): element("dd", .class("faint"), text: "empty")
        case .known(let text): element("dd", text: text)
        case .unknown(let reason):
            element("dd", .class("unknown-text"), text: "not known: \(reason)")
        }
    }
}
