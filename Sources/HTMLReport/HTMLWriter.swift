import Reports

/// An attribute of an element. The name is part of this program; the value may be anything.
struct HTMLAttribute {
    var name: StaticString
    var value: String

    init(_ name: StaticString, _ value: String) {
        self.name = name
        self.value = value
    }

    /// The classes that the style sheet knows it by.
    static func `class`(_ value: String) -> HTMLAttribute { HTMLAttribute("class", value) }
}

/// Writes HTML, and SVG within it. What was not written into this program as a literal can only get
/// in as text or as an attribute's value, and both are escaped: no name of a host and no line of a
/// log can become an element, an attribute or a script.
struct HTMLWriter {
    /// Longest text or value, in characters; the rest is cut off and an ellipsis says so.
    static let textMax = 2000

    /// What was written so far, UTF-8.
    private(set) var bytes: [UInt8] = []

    private var number = 0

    /// Begins a document with its first line.
    init() { verbatim("<!DOCTYPE html>\n") }

    /// An element with what is in it.
    mutating func element(
        _ name: StaticString, _ attributes: HTMLAttribute...,
        content: (inout HTMLWriter) -> Void
    ) {
        open(name, attributes)
        content(&self)
        close(name)
    }

    /// An element that holds text.
    mutating func element(_ name: StaticString, _ attributes: HTMLAttribute..., text: String) {
        open(name, attributes)
        self.text(text)
        close(name)
    }

    /// An element of HTML that has no end tag, such as `meta`.
    mutating func void(_ name: StaticString, _ attributes: HTMLAttribute...) {
        open(name, attributes)
    }

    /// An element of SVG that holds nothing.
    mutating func shape(_ name: StaticString, _ attributes: HTMLAttribute...) {
        open(name, attributes)
        bytes.removeLast()
        verbatim("/>")
    }

    /// Text, whatever it says.
    mutating func text(_ text: String) { escape(text) }

    /// A number for the identity of an element: no other of this document has it.
    mutating func nextNumber() -> Int {
        number += 1
        return number
    }

    /// A line break between elements, so that the file can be read and compared.
    mutating func line() { bytes.append(0x0A) }

    /// What this program itself says, as it is.
    mutating func verbatim(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    /// The rules of the style sheet, a file of this target.
    mutating func rules() { bytes += PackageResources.report_css }

    private mutating func open(_ name: StaticString, _ attributes: [HTMLAttribute]) {
        verbatim("<")
        verbatim(name)
        for attribute in attributes {
            verbatim(" ")
            verbatim(attribute.name)
            verbatim("=\"")
            escape(attribute.value, max: Int.max)
            verbatim("\"")
        }
        verbatim(">")
    }

    private mutating func close(_ name: StaticString) {
        verbatim("</")
        verbatim(name)
        verbatim(">")
    }

    private mutating func escape(_ text: String, max: Int = HTMLWriter.textMax) {
        var text = text
        // Counting bytes first: counting characters is slow, and there are never more of them.
        if text.utf8.count > max, text.count > max { text = String(text.prefix(max)) + "…" }
        let isPlain = text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        for byte in (isPlain ? text : DisplayText.printable(text)).utf8 {
            switch byte {
            case UInt8(ascii: "&"): verbatim("&amp;")
            case UInt8(ascii: "<"): verbatim("&lt;")
            case UInt8(ascii: ">"): verbatim("&gt;")
            case UInt8(ascii: "\""): verbatim("&quot;")
            case UInt8(ascii: "'"): verbatim("&#39;")
            default: bytes.append(byte)
            }
        }
    }
}
