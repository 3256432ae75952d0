extension ReportPage {
    /// Battery, power and generator, from the monitors' files.
    func writePlants(into html: inout HTMLWriter) {
        section(.plant, into: &html) { html in
            say(report.plantGaps, "could not send its monitor's files", into: &html)
            for plant in report.plants.prefix(PageLimit.plants) { write(plant, into: &html) }
            sayRest(report.plants.count, PageLimit.plants, "monitors", into: &html)
            guard report.plants.isEmpty, report.plantGaps.isEmpty else { return }
            html.element("p") { html in
                html.text("No service of these hosts is a monitor, and no file was given; ")
                html.element("code", text: "--csv FILE")
                html.text(" adds its charts.")
            }
            html.line()
        }
    }

    private func write(_ plant: Plant, into html: inout HTMLWriter) {
        html.element("h3", text: plant.name)
        html.line()
        if let span = plant.record.span {
            write(plant.record, span, into: &html)
        } else {
            html.element("p", text: "Its files have no row of this time.")
        }
        for note in plant.notes.prefix(PageLimit.notesPerPlant) {
            html.element("p", .class("faint"), text: note)
        }
        sayRest(plant.notes.count, PageLimit.notesPerPlant, "remarks", into: &html)
        writeSkipped(plant.record, into: &html)
    }

    private func write(_ plant: PlantRecord, _ span: TimeSpan, into html: inout HTMLWriter) {
        let rows = plant.rows == 1 ? "1 row" : "\(plant.rows) rows"
        html.element(
            "p", .class("faint"),
            text: "\(rows) from \(clock.text(span.from)) to \(clock.text(span.to))")
        let all = charts(plant, span)
        html.element("div", .class("charts")) { html in
            for chart in all where !chart.series.isEmpty {
                ChartFigure(chart, clock).write(into: &html)
            }
            if !plant.runs.known.isEmpty {
                RunFigure(plant.runs, span, clock).write(into: &html)
            }
        }
        html.line()
        let missing = all.filter(\.series.isEmpty).map(\.title)
        if !missing.isEmpty {
            html.element("p", text: "Not in these files: " + missing.joined(separator: ", "))
        }
        writeRuns(plant.runs, into: &html)
    }

    private func charts(_ plant: PlantRecord, _ span: TimeSpan) -> [Chart] {
        let lines = { (wanted: [(PlantRecord.Quantity, String)]) in
            wanted.compactMap { plant.series($0.0, $0.1) }
        }
        var charts = [
            Chart(
                "State of charge", unit: "%", lines([(.stateOfCharge, "state of charge")]),
                span: span, values: 0...100),
            Chart(
                "Battery voltage", unit: "V", lines([(.batteryVolts, "battery")]), span: span),
            Chart(
                "Power of panels and load", unit: "W",
                lines([(.panelWatts, "panels"), (.loadWatts, "load")]), span: span,
                values: 0...100),
            Chart(
                "Power of the battery", unit: "W",
                lines([(.chargeWatts, "into battery"), (.dischargeWatts, "out of battery")]),
                span: span, values: 0...100),
        ]
        for index in charts.indices {
            charts[index].bands = plant.runs.runs.map(\.span)
            charts[index].bandName = "generator ran"
        }
        return charts
    }

    private func writeRuns(_ runs: GeneratorRuns, into html: inout HTMLWriter) {
        html.element("h4", text: "Generator runs")
        guard !runs.known.isEmpty else {
            html.element("p", text: "These files do not say when the generator ran.")
            return html.line()
        }
        guard !runs.runs.isEmpty else {
            html.element("p", text: "None in the times of which there are rows.")
            return html.line()
        }
        html.element("div", .class("wide stack")) { html in
            html.element("table", HTMLAttribute("role", "table")) { html in
                html.head(["Began", "Ended", "Ran for"])
                html.element("tbody", HTMLAttribute("role", "rowgroup")) { html in
                    for run in runs.runs.suffix(PageLimit.runs).reversed() {
                        html.element("tr", HTMLAttribute("role", "row")) { html in
                            write(run, into: &html)
                        }
                        html.line()
                    }
                }
            }
        }
        sayRest(runs.runs.count, PageLimit.runs, "before these", into: &html)
        html.line()
    }

    private func write(_ run: GeneratorRuns.Run, into html: inout HTMLWriter) {
        let isWhole = run.isBeginSeen && run.isEndSeen
        html.cell("Began", (run.isBeginSeen ? "" : "before ") + clock.text(run.span.from))
        html.cell(
            "Ended",
            run.isEndSeen
                ? clock.text(run.span.to) : "not seen; last row \(clock.text(run.span.to))")
        html.cell(
            "Ran for",
            (isWhole ? "" : "at least ") + ReportClock.duration(run.span.seconds))
    }

    private func writeSkipped(_ plant: PlantRecord, into html: inout HTMLWriter) {
        guard plant.skipped.count > 0 else { return }
        html.element("details") { html in
            html.element(
                "summary", text: "Lines of the files that are not shown (\(plant.skipped.count))")
            html.element("ul") { html in
                for text in plant.skipped.texts { html.element("li", text: text) }
            }
        }
        html.line()
    }
}
