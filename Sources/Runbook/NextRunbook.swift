/// The runbook to go on with, and what is known already of its variables.
public struct NextRunbook: Sendable, Equatable {
    /// A value for one of its variables; `{variables}` of the one that names it are replaced when it
    /// runs.
    public struct Given: Sendable, Equatable {
        /// The variable's name.
        public var name: String
        /// One word.
        public var value: String
    }

    /// Its file's name without `.md`.
    public var name: String
    /// In the order in which they are written.
    public var given: [Given] = []

    /// `NAME VARIABLE=VALUE …`; nil where a text is none.
    public init?(_ text: String) {
        let words = text.split(separator: " ").map(String.init)
        guard let first = words.first, Runbook.isName(first) else { return nil }
        name = first
        for word in words.dropFirst() {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, Runbook.isName(parts[0]) else { return nil }
            given.append(Given(name: parts[0], value: parts[1]))
        }
    }

    /// The command that runs it, without the program's name.
    public var arguments: [String] {
        ["runbook", "run", name] + given.flatMap { ["--var", "\($0.name)=\($0.value)"] }
    }
}
