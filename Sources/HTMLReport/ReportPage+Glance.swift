import Health

extension ReportPage {
    /// The fleet in a few numbers, and a line a host.
    func writeGlance(into html: inout HTMLWriter) {
        section(.glance, into: &html) { html in
            writeTiles(into: &html)
            writeHostTable(into: &html)
        }
    }

    private func writeTiles(into html: inout HTMLWriter) {
        let hosts = report.health.hosts
        let answered = hosts.count { $0.answer.reason == nil }
        let audited = hosts.count - report.auditGaps.count
        html.element("ul", .class("tiles")) { html in
            Self.tile("\(answered) of \(hosts.count)", into: &html) { $0.text("hosts answered") }
            for level in [HealthLevel.critical, .warning, .unknown] {
                let count = report.health.verdicts.count { $0.level == level }
                Self.tile("\(count)", into: &html) { $0.level(level) }
            }
            Self.tile("\(report.findings.count)", into: &html) { html in
                html.text("found by the audit of \(audited) of \(hosts.count) hosts")
            }
        }
        html.line()
    }

    private static func tile(
        _ number: String, into html: inout HTMLWriter, what: (inout HTMLWriter) -> Void
    ) {
        html.element("li") { html in
            html.element("b", text: number)
            what(&html)
        }
    }

    private func writeHostTable(into html: inout HTMLWriter) {
        html.element("div", .class("wide stack"), HTMLAttribute("style", "margin-top:1rem")) {
            html in
            html.element("table", HTMLAttribute("role", "table")) { html in
                html.head(["Host", "State", "What", "Asked in"])
                html.element("tbody", HTMLAttribute("role", "rowgroup")) { html in
                    for (index, host) in report.health.hosts.enumerated() {
                        html.element("tr", HTMLAttribute("role", "row")) { html in
                            Self.write(host, index, into: &html)
                        }
                        html.line()
                    }
                }
            }
        }
        html.line()
    }

    private static func write(_ host: HostHealth, _ index: Int, into html: inout HTMLWriter) {
        html.element("th", HTMLAttribute("scope", "row"), HTMLAttribute("role", "rowheader")) {
            $0.element("a", HTMLAttribute("href", "#host-\(index)"), text: host.host)
        }
        html.element("td", HTMLAttribute("role", "cell")) { $0.level(host.shownLevel) }
        let worst = host.verdicts.filter { $0.level > .ok }.max { $0.level < $1.level }
        html.cell("What", host.answer.reason ?? worst?.summary ?? "all is well")
        html.cell("Asked in", NumberText.decimal(host.seconds, 1) + " s")
    }

    /// What the checks say that is not well, the gravest first.
    func writeProblems(into html: inout HTMLWriter) {
        let problems = report.health.verdicts.filter { $0.level > .ok }
        section(.problems, into: &html) { html in
            guard !problems.isEmpty else {
                html.element("p", text: "Nothing.")
                return html.line()
            }
            write(problems, max: PageLimit.verdicts, isHostNamed: true, into: &html)
        }
    }

    /// A list of verdicts.
    func write(_ verdicts: [Verdict], max: Int, isHostNamed: Bool, into html: inout HTMLWriter) {
        html.element("ul", .class("list")) { html in
            for verdict in verdicts.prefix(max) {
                html.element("li", .class(verdict.level.rawValue)) { html in
                    write(verdict, isHostNamed: isHostNamed, into: &html)
                }
                html.line()
            }
        }
        sayRest(verdicts.count, max, "verdicts", into: &html)
        html.line()
    }

    private func write(_ verdict: Verdict, isHostNamed: Bool, into html: inout HTMLWriter) {
        html.level(verdict.level)
        let place = [isHostNamed ? verdict.host : nil, verdict.service].compactMap { $0 }
        html.text(" ")
        if !place.isEmpty {
            html.element("span", .class("where"), text: place.joined(separator: ", "))
            html.text(": ")
        }
        html.text(verdict.summary)
        html.element("div", .class("faint")) { html in
            html.text(verdict.check + (verdict.object.map { " of \($0)" } ?? ""))
            if let since = verdict.since {
                let age = report.health.takenAt.timeIntervalSince(since)
                html.text(", since \(clock.text(since)) (\(ReportClock.duration(age)))")
            }
        }
        if let advice = verdict.advice { html.element("p", text: advice) }
        if let runbook = verdict.runbook {
            html.element("p") { html in
                html.text("Runbook: ")
                html.element("code", text: "fleetctl runbook run \(runbook)")
            }
        }
    }
}

extension HTMLWriter {
    /// Writes the head of a table that is a list on a narrow screen; the roles keep it a table
    /// for screen readers there.
    mutating func head(_ titles: [String]) {
        element("thead", HTMLAttribute("role", "rowgroup")) { html in
            html.element("tr", HTMLAttribute("role", "row")) { html in
                for title in titles {
                    html.element(
                        "th", HTMLAttribute("scope", "col"), HTMLAttribute("role", "columnheader"),
                        text: title)
                }
            }
        }
        line()
    }

    /// Writes a cell of such a table.
    mutating func cell(_ title: String, _ text: String) {
        element(
            "td", HTMLAttribute("role", "cell"), HTMLAttribute("data-label", title), text: text)
    }
}
