import Audit
import Foundation
import Health

/// Writes the page, from top to bottom: what is wrong first, where it was seen after it.
struct ReportPage {
    let report: FleetReport
    let clock: ReportClock

    /// Writes everything.
    func write(into html: inout HTMLWriter) {
        html.element("html", HTMLAttribute("lang", "en")) { html in
            html.line()
            writeHead(into: &html)
            html.element("body") { writeBody(into: &$0) }
            html.line()
        }
        html.line()
    }

    private func writeBody(into html: inout HTMLWriter) {
        html.line()
        html.element(
            "a", .class("skip"), HTMLAttribute("href", "#main"), text: "To the contents")
        html.verbatim(Self.hatch)
        writeTop(into: &html)
        html.element("main", HTMLAttribute("id", "main")) { html in
            html.line()
            writeGlance(into: &html)
            writeProblems(into: &html)
            writePlants(into: &html)
            writeHosts(into: &html)
            writeFindings(into: &html)
            writeReleases(into: &html)
        }
        html.line()
        html.element("footer") { html in
            html.text("Made by fleetctl \(report.version). Times are \(offset). ")
            html.text("What could not be read is not known; it is shown neither as 0 nor as well.")
        }
        html.line()
    }

    private var offset: String { clock.offsetText(report.health.takenAt) }

    /// The pattern of what is not known; drawings refer to it.
    private static let hatch: StaticString = """
        <svg class="defs" aria-hidden="true"><defs><pattern id="not-known" width="6" height="6" \
        patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="hatch" \
        d="M0 0V6"/></pattern></defs></svg>

        """

    private func writeHead(into html: inout HTMLWriter) {
        html.element("head") { html in
            html.void("meta", HTMLAttribute("charset", "utf-8"))
            html.line()
            // Even if something got in, it could neither run nor ask anybody anything.
            html.void(
                "meta", HTMLAttribute("http-equiv", "Content-Security-Policy"),
                HTMLAttribute(
                    "content",
                    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
                        + "base-uri 'none'; form-action 'none'"))
            html.line()
            html.void(
                "meta", HTMLAttribute("name", "viewport"),
                HTMLAttribute("content", "width=device-width, initial-scale=1"))
            html.line()
            html.void(
                "meta", HTMLAttribute("name", "referrer"), HTMLAttribute("content", "no-referrer"))
            html.line()
            html.element("title", text: "\(report.health.fleet): report of \(taken)")
            html.line()
            html.styleSheet()
        }
        html.line()
    }

    private var taken: String { clock.text(report.health.takenAt) }

    private func writeTop(into html: inout HTMLWriter) {
        html.element("header") { html in
            html.element("h1", text: report.health.fleet)
            html.element("p", .class("faint")) { html in
                html.text("As of ")
                html.element("time", text: taken)
                html.text(" (\(offset))")
            }
            for note in report.notes { html.element("p", text: note) }
        }
        html.line()
        html.element("nav", HTMLAttribute("aria-label", "Contents")) { html in
            html.element("ul") { html in
                for part in Part.allCases {
                    html.element("li") { html in
                        html.element(
                            "a", HTMLAttribute("href", "#\(part.rawValue)"), text: part.title)
                    }
                }
            }
        }
        html.line()
    }

    /// A part of the page.
    enum Part: String, CaseIterable {
        case glance, problems, plant, hosts, audit, releases

        var title: String {
            switch self {
            case .glance: "At a glance"
            case .problems: "What is wrong"
            case .plant: "Battery and generator"
            case .hosts: "Hosts"
            case .audit: "Audit"
            case .releases: "Releases"
            }
        }
    }

    /// Writes a part: a landmark with its heading.
    func section(
        _ part: Part, into html: inout HTMLWriter, content: (inout HTMLWriter) -> Void
    ) {
        html.element("section", HTMLAttribute("aria-labelledby", part.rawValue)) { html in
            html.line()
            html.element("h2", HTMLAttribute("id", part.rawValue), text: part.title)
            html.line()
            content(&html)
        }
        html.line()
    }

    /// Says how many were left out, where any were.
    func sayRest(_ count: Int, _ limit: Int, _ what: String, into html: inout HTMLWriter) {
        guard count > limit else { return }
        html.element("p", .class("faint"), text: "and \(count - limit) more \(what)")
    }

    /// Says of which hosts something is not known.
    func say(_ gaps: [FleetReport.Gap], _ what: String, into html: inout HTMLWriter) {
        guard !gaps.isEmpty else { return }
        html.element("ul", .class("list")) { html in
            for gap in gaps {
                html.element("li", .class("unknown")) { html in
                    html.element("span", .class("where"), text: gap.host)
                    html.text(" \(what): \(gap.reason)")
                }
            }
        }
        html.line()
    }
}

extension HostHealth {
    /// How grave it is; not less than unknown where it could not be asked.
    var shownLevel: HealthLevel {
        answer.reason == nil ? level : max(level, .unknown)
    }
}

extension HTMLWriter {
    /// Writes how grave something is, as a word; its colour and its sign say the same.
    mutating func level(_ level: HealthLevel) {
        let word =
            switch level {
            case .ok: "OK"
            case .unknown: "Unknown"
            case .warning: "Warning"
            case .critical: "Critical"
            }
        element("span", .class("level \(level.rawValue)"), text: word)
    }
}
