extension HTMLWriter {
    /// How the report looks, as a `style` element: the rules of `report.css`, and the colours.
    /// Everything is in the file itself: it asks for nothing from anywhere.
    mutating func styleSheet() {
        element("style") { html in
            html.verbatim(":root{color-scheme:light dark}\n:root{")
            html.variables(.light)
            html.verbatim("}\n@media screen and (prefers-color-scheme:dark){:root{")
            html.variables(.dark)
            html.verbatim("}}\n")
            html.rules()
        }
    }

    private mutating func variables(_ palette: Palette) {
        for (name, colour) in palette.variables {
            verbatim(name)
            verbatim(":")
            text(colour.css)
            verbatim(";")
        }
    }
}
