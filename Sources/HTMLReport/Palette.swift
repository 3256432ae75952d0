/// A colour of sRGB.
public struct Colour: Sendable, Equatable {
    /// `0xRRGGBB`.
    public var code: UInt32

    /// A colour by its code, `0xRRGGBB`.
    public init(_ code: UInt32) { self.code = code }

    /// As CSS writes it: `#1a2b3c`.
    public var css: String {
        let digits = String(code & 0xFF_FFFF, radix: 16)
        return "#" + String(repeating: "0", count: 6 - digits.utf8.count) + digits
    }
}

/// The colours of the report, for a light and for a dark screen. Paper is light.
public struct Palette: Sendable {
    /// Behind everything.
    public var page: Colour
    /// Behind cards and charts.
    public var card: Colour
    /// Behind what is set off within a card.
    public var inset: Colour
    /// Text.
    public var ink: Colour
    /// Text of less weight: units, times, explanations.
    public var faint: Colour
    /// Rules and frames; no text.
    public var rule: Colour
    /// Links.
    public var link: Colour
    /// The words for how grave something is: well, unknown, warning, critical.
    public var levels: [Colour]
    /// Lines and bars of charts, and their names in the legend.
    public var lines: [Colour]

    /// On a light screen, and on paper.
    public static let light = Palette(
        page: Colour(0xF4F5F7), card: Colour(0xFFFFFF), inset: Colour(0xEEF1F5),
        ink: Colour(0x1B1F24), faint: Colour(0x505B68), rule: Colour(0xC9D0D9),
        link: Colour(0x0B57B0),
        levels: [
            Colour(0x17663A), Colour(0x5A4B8A), Colour(0x7D4E00), Colour(0xAE1C28),
        ],
        lines: [
            Colour(0x0B62C4), Colour(0xA8480A), Colour(0x1B7040), Colour(0x8A3A9A),
        ])

    /// On a dark screen.
    public static let dark = Palette(
        page: Colour(0x12161B), card: Colour(0x1B2128), inset: Colour(0x262E37),
        ink: Colour(0xE8ECF1), faint: Colour(0xA9B4C0), rule: Colour(0x3B4652),
        link: Colour(0x8ABDFF),
        levels: [
            Colour(0x79D49A), Colour(0xC0B2F2), Colour(0xF0BC5E), Colour(0xFF9A94),
        ],
        lines: [
            Colour(0x74B0FF), Colour(0xFFA869), Colour(0x6FD196), Colour(0xDB9CEB),
        ])

    /// The colours as CSS variables.
    var variables: [(name: StaticString, colour: Colour)] {
        let levelNames: [StaticString] = ["--ok", "--unknown", "--warning", "--critical"]
        let lineNames: [StaticString] = ["--line-0", "--line-1", "--line-2", "--line-3"]
        return [
            ("--page", page), ("--card", card), ("--inset", inset), ("--ink", ink),
            ("--faint", faint), ("--rule", rule), ("--link", link),
        ] + zip(levelNames, levels).map { ($0, $1) } + zip(lineNames, lines).map { ($0, $1) }
    }
}
