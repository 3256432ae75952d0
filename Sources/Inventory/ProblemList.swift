/// Collects problems of one file.
struct ProblemList {
    let file: String
    var problems: [Problem] = []
    /// A value had to be made up because the one in the file is wrong. The fleet is then never
    /// handed out.
    private(set) var isIncomplete = false

    init(file: String) { self.file = file }

    mutating func add(
        _ node: Node?, _ path: String, _ sentence: String, _ suggestion: String? = nil
    ) {
        problems.append(
            Problem(
                file: file, position: node?.position ?? Position(line: 1, column: 1), path: path,
                sentence: sentence, suggestion: suggestion))
    }

    /// A value that must be there, or a stand-in where the first pass has complained about it.
    mutating func required<Value>(_ value: Value?, or standIn: Value) -> Value {
        if let value { return value }
        isIncomplete = true
        return standIn
    }
}
