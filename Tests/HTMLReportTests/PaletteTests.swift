import Foundation
import Testing

@testable import HTMLReport

@Suite struct PaletteTests {
    /// Relative luminance and contrast as WCAG 2.2 defines them.
    private func contrast(_ first: Colour, _ second: Colour) -> Double {
        func luminance(_ colour: Colour) -> Double {
            let parts = [16, 8, 0].map { shift in
                let share = Double(colour.code >> UInt32(shift) & 0xFF) / 255
                return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
            }
            return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
        }
        let (one, other) = (luminance(first), luminance(second))
        return (max(one, other) + 0.05) / (min(one, other) + 0.05)
    }

    @Test func theScaleIsKnown() {
        #expect(contrast(Colour(0), Colour(0xFFFFFF)) == 21)
        #expect(abs(contrast(Colour(0x777777), Colour(0xFFFFFF)) - 4.48) < 0.01)
        #expect(Colour(0xA1).css == "#0000a1")
    }

    /// Text on everything that is behind text somewhere; lines on what they are drawn on.
    @Test(arguments: [Palette.light, .dark])
    func everythingCanBeRead(palette: Palette) {
        for text in [palette.ink, palette.faint, palette.link] + palette.levels {
            for ground in [palette.page, palette.card, palette.inset] {
                #expect(contrast(text, ground) >= 4.5, "\(text.css) on \(ground.css)")
            }
        }
        for line in palette.lines {
            #expect(contrast(line, palette.card) >= 4.5, "\(line.css)")
        }
    }

    /// What is drawn half through is told from its ground too: the edges of runs, and the hatching
    /// of what is not known (WCAG 2.2, 1.4.11).
    @Test(arguments: [Palette.light, .dark])
    func whatIsDrawnHalfThroughCanBeSeen(palette: Palette) throws {
        var html = HTMLWriter()
        html.rules()
        let rules = String(decoding: html.bytes, as: UTF8.self)
        let band = try #require(rules.firstMatch(of: /\.band{[^}]*stroke-opacity:([.0-9]+)/)).1
        let hatch = try #require(rules.firstMatch(of: /\.hatch{[^}]*;opacity:([.0-9]+)/)).1
        for (colour, opacity) in [(palette.lines[3], band), (palette.faint, hatch)] {
            let share = try #require(Double(String("0" + opacity)))
            let seen = mixed(colour, palette.card, share)
            #expect(contrast(seen, palette.card) >= 3, "\(colour.css) at \(opacity)")
        }
    }

    /// A colour over another, seen through as much.
    private func mixed(_ colour: Colour, _ ground: Colour, _ opacity: Double) -> Colour {
        let parts = [UInt32(16), 8, 0].map { shift in
            let (one, other) = (colour.code >> shift & 0xFF, ground.code >> shift & 0xFF)
            return UInt32(Double(one) * opacity + Double(other) * (1 - opacity)) << shift
        }
        return Colour(parts.reduce(0, |))
    }
}
