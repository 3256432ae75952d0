/// A value of the inventory with the place where it was written: what InventoryFile makes of YAML
/// and validation reads. Duplicate keys are kept, so that they can be reported.
public struct Node: Sendable, Equatable {
    /// What the value is.
    public enum Content: Sendable, Equatable {
        /// A single value, as text.
        case scalar(String, Style)
        /// A list.
        case sequence([Node])
        /// Keys and values, in the order of the file.
        case mapping([Entry])
    }

    /// How a scalar was written, which decides whether `yes` is a word or a truth value.
    public enum Style: Sendable, Equatable {
        /// Without quotes: numbers, truth values and nothing at all look like this.
        case plain
        /// In quotes or as a block: text, whatever it looks like.
        case quoted
    }

    /// One key of a mapping.
    public struct Entry: Sendable, Equatable {
        /// The key.
        public var key: Node
        /// Its value.
        public var value: Node
        /// An entry from its parts.
        public init(key: Node, value: Node) {
            self.key = key
            self.value = value
        }
    }

    /// Where it begins.
    public var position: Position
    /// What it is.
    public var content: Content

    /// A value at a place.
    public init(_ content: Content, at position: Position) {
        self.content = content
        self.position = position
    }

    /// The text of a scalar, however it was written.
    var text: String? {
        if case .scalar(let text, _) = content { text } else { nil }
    }

    /// The entries of a mapping.
    var entries: [Entry]? {
        if case .mapping(let entries) = content { entries } else { nil }
    }

    /// The elements of a sequence, or the node itself where it is anything else: a list of one
    /// may be written without brackets.
    var elements: [Node] {
        if case .sequence(let nodes) = content { nodes } else { [self] }
    }
}

/// A place in a file.
public struct Position: Sendable, Hashable, Comparable {
    /// Counted from 1.
    public var line: Int
    /// In characters, counted from 1.
    public var column: Int

    /// A place.
    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// Earlier in the file comes first.
    public static func < (left: Position, right: Position) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}
