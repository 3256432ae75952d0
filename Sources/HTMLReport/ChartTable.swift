/// What a drawing shows, as a table that folds out under it.
struct ChartTable {
    /// A row: from when, and a cell for each column.
    typealias Row = (from: String, cells: [String])

    let caption: String
    /// The columns beside the first one.
    let columns: [String]
    let rows: [Row]

    func write(into html: inout HTMLWriter) {
        html.element("details", .class("data")) { html in
            html.element("summary", text: "As a table")
            html.element("table") { html in
                html.element("caption", text: caption)
                html.element("thead") { html in
                    html.element("tr") { html in
                        for title in ["From"] + columns {
                            html.element("th", HTMLAttribute("scope", "col"), text: title)
                        }
                    }
                }
                html.element("tbody") { html in
                    for row in rows { Self.write(row, into: &html) }
                }
            }
        }
    }

    private static func write(_ row: Row, into html: inout HTMLWriter) {
        html.element("tr") { html in
            html.element("th", HTMLAttribute("scope", "row"), text: row.from)
            for cell in row.cells { html.element("td", text: cell) }
        }
    }
}
