/// The parts of a Markdown text that runbooks are made of: headings, paragraphs, fenced blocks.
enum MarkdownPart: Equatable {
    /// A heading with its level, 1 to 6.
    case heading(level: Int, text: String, line: Int)
    /// Lines of prose, joined by blanks.
    case paragraph(text: String, line: Int)
    /// A fenced block: its language, its lines, and the line of its fence.
    case block(language: String, lines: [String], line: Int)

    /// The parts of a text, and the line of a fence that is not closed.
    static func parts(of text: String) -> (parts: [MarkdownPart], open: Int?) {
        var reader = MarkdownReader()
        var number = 0
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            number += 1
            reader.take(line.hasSuffix("\r") ? String(line.dropLast()) : String(line), number)
        }
        reader.endParagraph()
        return (reader.parts, reader.fence?.line)
    }
}

/// Reads Markdown line by line.
struct MarkdownReader {
    /// A fence that is open, and what came since.
    struct Fence: Equatable {
        var ticks: Int
        var language: String
        var lines: [String] = []
        var line: Int
    }

    private(set) var parts: [MarkdownPart] = []
    private(set) var fence: Fence?
    private var paragraph: (text: String, line: Int)?

    mutating func take(_ line: String, _ number: Int) {
        if var open = fence {
            let ticks = line.prefix { $0 == "`" }.count
            if ticks >= open.ticks, ticks == line.trimmed.count {
                parts.append(.block(language: open.language, lines: open.lines, line: open.line))
                fence = nil
            } else {
                open.lines.append(line)
                fence = open
            }
            return
        }
        let ticks = line.prefix { $0 == "`" }.count
        let level = line.prefix { $0 == "#" }.count
        if ticks >= 3 {
            endParagraph()
            fence = Fence(
                ticks: ticks, language: String(line.dropFirst(ticks)).trimmed, line: number)
        } else if (1...6).contains(level), line.dropFirst(level).first == " " {
            endParagraph()
            parts.append(
                .heading(
                    level: level, text: String(line.dropFirst(level)).trimmed, line: number))
        } else if line.trimmed.isEmpty {
            endParagraph()
        } else if let begun = paragraph {
            paragraph = (begun.text + " " + line.trimmed, begun.line)
        } else {
            paragraph = (line.trimmed, number)
        }
    }

    mutating func endParagraph() {
        if let whole = paragraph { parts.append(.paragraph(text: whole.text, line: whole.line)) }
        paragraph = nil
    }
}

extension StringProtocol {
    /// Without blanks and tabs at both ends.
    var trimmed: String {
        let isBlank = { (character: Character) in character == " " || character == "\t" }
        guard let first = firstIndex(where: { !isBlank($0) }),
            let last = lastIndex(where: { !isBlank($0) })
        else { return "" }
        return String(self[first...last])
    }
}
