internal import CYaml
import Inventory

/// Makes the core's located tree from YAML, event by event. Yams' own composer stops at the first
/// duplicate key and follows aliases without a limit, so this uses the libyaml that Yams carries.
struct YAMLTree: ~Copyable {
    /// Values deeper than this are refused.
    static let depthLimit = 32
    /// Values in a file, those that aliases repeat counted each time.
    static let nodeLimit = 500_000

    /// The tree of a file with one document.
    static func parse(_ bytes: [UInt8], file: String) throws(InventoryProblems) -> Node {
        do throws(Problem) {
            // libyaml reads from this buffer until its parser is deleted.
            return try bytes.withUnsafeBufferPointer { buffer throws(Problem) in
                var tree = YAMLTree(buffer, file: file)
                return try tree.document(bytes)
            }
        } catch {
            throw InventoryProblems([error])
        }
    }

    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let file: String
    private var nodeCount = 0
    private var anchors: [String: (node: Node, size: Int)] = [:]

    private init(_ buffer: UnsafeBufferPointer<UInt8>, file: String) {
        parser = .allocate(capacity: 1)
        self.file = file
        precondition(yaml_parser_initialize(parser) == 1, "out of memory")
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, buffer.baseAddress, buffer.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    // MARK: Events

    /// What the tree is built from; libyaml's own event is freed at once.
    private enum Event {
        case streamStart, streamEnd, documentStart, documentEnd
        case alias(String)
        case scalar(String, Node.Style)
        case sequenceStart, sequenceEnd, mappingStart, mappingEnd
    }

    private struct Located {
        var event: Event
        var position: Position
        var anchor: String?
    }

    private mutating func next(_ bytes: [UInt8]) throws(Problem) -> Located {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw syntaxProblem(bytes) }
        defer { yaml_event_delete(&event) }
        let position = Position(
            line: Int(event.start_mark.line) + 1, column: Int(event.start_mark.column) + 1)
        func located(_ kind: Event, _ anchor: UnsafeMutablePointer<yaml_char_t>? = nil) -> Located {
            Located(event: kind, position: position, anchor: anchor.map { String(cString: $0) })
        }
        switch event.type {
        case YAML_STREAM_START_EVENT: return located(.streamStart)
        case YAML_STREAM_END_EVENT: return located(.streamEnd)
        case YAML_DOCUMENT_START_EVENT: return located(.documentStart)
        case YAML_DOCUMENT_END_EVENT: return located(.documentEnd)
        case YAML_SEQUENCE_END_EVENT: return located(.sequenceEnd)
        case YAML_MAPPING_END_EVENT: return located(.mappingEnd)
        case YAML_ALIAS_EVENT: return located(.alias(String(cString: event.data.alias.anchor)))
        case YAML_SEQUENCE_START_EVENT:
            let start = event.data.sequence_start
            try refuse(tag: start.tag, unless: "tag:yaml.org,2002:seq", at: position)
            return located(.sequenceStart, start.anchor)
        case YAML_MAPPING_START_EVENT:
            let start = event.data.mapping_start
            try refuse(tag: start.tag, unless: "tag:yaml.org,2002:map", at: position)
            return located(.mappingStart, start.anchor)
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            try refuse(tag: scalar.tag, unless: "tag:yaml.org,2002:str", at: position)
            // libyaml has checked that these bytes are UTF-8.
            let buffer = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let text = String(decoding: buffer, as: UTF8.self)
            let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE && scalar.tag == nil
            return located(.scalar(text, isPlain ? .plain : .quoted), scalar.anchor)
        default: throw problem(position, "YAML's parser said something unknown")
        }
    }

    private func refuse(
        tag: UnsafeMutablePointer<yaml_char_t>?, unless allowed: String, at position: Position
    ) throws(Problem) {
        guard let tag else { return }
        let text = String(cString: tag)
        if text == "!" || text == allowed { return }
        throw problem(
            position, "YAML tags are not read here", "remove the word that begins with '!'")
    }

    // MARK: The tree

    private mutating func document(_ bytes: [UInt8]) throws(Problem) -> Node {
        _ = try next(bytes)
        guard case .documentStart = try next(bytes).event else {
            throw problem(Position(line: 1, column: 1), "the file is empty")
        }
        let root = try node(from: next(bytes), depth: 0, bytes)
        _ = try next(bytes)
        let after = try next(bytes)
        guard case .streamEnd = after.event else {
            throw problem(after.position, "a second document begins here", "keep one to a file")
        }
        return root
    }

    private mutating func node(
        from located: Located, depth: Int, _ bytes: [UInt8]
    ) throws(Problem) -> Node {
        let before = nodeCount
        try count(1, at: located.position)
        if depth > Self.depthLimit {
            throw tooDeep(located.position)
        }
        let content: Node.Content
        switch located.event {
        case .alias(let name):
            guard let target = anchors[name] else {
                throw problem(located.position, "there is no anchor for this alias before it")
            }
            try count(target.size, at: located.position)
            return target.node
        case .scalar(let text, let style): content = .scalar(text, style)
        case .sequenceStart: content = .sequence(try elements(depth: depth, bytes))
        case .mappingStart: content = .mapping(try entries(depth: depth, bytes))
        case .streamStart, .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd:
            throw problem(located.position, "a value is missing here")
        }
        let node = Node(content, at: located.position)
        if let anchor = located.anchor { anchors[anchor] = (node, nodeCount - before) }
        return node
    }

    private mutating func elements(depth: Int, _ bytes: [UInt8]) throws(Problem) -> [Node] {
        var nodes: [Node] = []
        while true {
            let located = try next(bytes)
            if case .sequenceEnd = located.event { return nodes }
            nodes.append(try node(from: located, depth: depth + 1, bytes))
        }
    }

    private mutating func entries(depth: Int, _ bytes: [UInt8]) throws(Problem) -> [Node.Entry] {
        var entries: [Node.Entry] = []
        while true {
            let located = try next(bytes)
            if case .mappingEnd = located.event { return entries }
            let key = try node(from: located, depth: depth + 1, bytes)
            let value = try node(from: next(bytes), depth: depth + 1, bytes)
            entries.append(Node.Entry(key: key, value: value))
        }
    }

    private mutating func count(_ nodes: Int, at position: Position) throws(Problem) {
        nodeCount += nodes
        if nodeCount > Self.nodeLimit {
            throw problem(
                position, "the file holds more than \(Self.nodeLimit) values",
                "aliases count with everything that they repeat")
        }
    }

    // MARK: Problems

    private func problem(
        _ position: Position, _ sentence: String, _ suggestion: String? = nil
    ) -> Problem {
        Problem(
            file: file, position: position, path: "", sentence: sentence, suggestion: suggestion)
    }

    private func tooDeep(_ position: Position) -> Problem {
        problem(position, "values are nested deeper than \(Self.depthLimit)")
    }

    /// libyaml's complaint. Its text names token kinds, never the file's content.
    private func syntaxProblem(_ bytes: [UInt8]) -> Problem {
        let reason = parser.pointee.problem.map { String(cString: $0) } ?? "cannot be read"
        let context = parser.pointee.context.map { String(cString: $0) + ": " } ?? ""
        if parser.pointee.error == YAML_READER_ERROR {
            let offset = min(Int(parser.pointee.problem_offset), bytes.count)
            return problem(
                Self.position(of: offset, in: bytes), "not YAML: \(reason)",
                "save the file as UTF-8 text")
        }
        let mark = parser.pointee.problem_mark
        // libyaml's own limit lies in its read-ahead, far above ours.
        if reason.hasPrefix("Maximum nesting level") {
            return tooDeep(Position(line: 1, column: 1))
        }
        let position = Position(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
        let text = String(decoding: bytes, as: UTF8.self).unicodeScalars
        let isTab = text.dropFirst(Int(mark.index)).first == "\t"
        return problem(
            position, "not YAML: \(context)\(reason)",
            isTab ? "indent with spaces, not tabs" : nil)
    }

    private static func position(of offset: Int, in bytes: [UInt8]) -> Position {
        let before = bytes[..<offset]
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let characters = before[start...].count { $0 & 0xC0 != 0x80 }
        return Position(line: line, column: characters + 1)
    }
}
