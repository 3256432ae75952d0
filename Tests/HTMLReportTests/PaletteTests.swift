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
}
