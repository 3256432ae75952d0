import Inventory

/// Reads the lines of one step's block.
struct StepParser {
    private(set) var problems: [(line: Int, sentence: String)] = []
    private var step: RunbookStep
    private var exits: Set<Int32>?
    private var isCommandSeen = false

    init(_ title: String, _ number: Int) {
        step = RunbookStep(
            number: number, title: title, line: 0, arguments: [], exits: [0], says: [],
            neverSays: [], onFailure: nil, afterFailure: .stop, next: nil, destructive: nil,
            limit: RunbookStep.limitDefault)
    }

    mutating func take(_ text: String, _ line: Int) {
        let text = text.trimmed
        guard !text.isEmpty else { return }
        if text == "fleetctl" || text.hasPrefix("fleetctl ") {
            takeCommand(text, line)
        } else if let value = Self.value(of: "expect", in: text) {
            takeExpectation(value, line)
        } else if let value = Self.value(of: "on failure", in: text) {
            takeFailure(value, .stop, line)
        } else if let value = Self.value(of: "on failure, go on", in: text) {
            takeFailure(value, .goOn, line)
        } else if let value = Self.value(of: "next", in: text) {
            step.next = NextRunbook(value)
            if step.next == nil {
                note(line, "'next:' names a runbook, such as sd-card-full, or sd-card-full host=pi")
            }
        } else if let value = Self.value(of: "destructive", in: text) {
            step.destructive = value
        } else if let value = Self.value(of: "within", in: text) {
            takeLimit(value, line)
        } else {
            note(
                line,
                "a step has one command 'fleetctl …', then lines 'expect:', 'on failure:', "
                    + "'on failure, go on:', 'next:', 'destructive:', 'within:'")
        }
    }

    /// The step, where its block begins at `line`.
    mutating func finish(_ line: Int) -> RunbookStep {
        if !isCommandSeen {
            note(line, "the step has no command")
            step.line = line
        }
        if step.title.isEmpty { note(line, "the step stands below no heading") }
        if let exits { step.exits = exits }
        return step
    }

    private mutating func note(_ line: Int, _ sentence: String) {
        problems.append((line, sentence))
    }

    private static func value(of key: String, in text: String) -> String? {
        guard text.hasPrefix(key + ":") else { return nil }
        let value = text.dropFirst(key.count + 1).trimmed
        return value.isEmpty ? nil : value
    }

    private mutating func takeCommand(_ text: String, _ line: Int) {
        guard !isCommandSeen else { return note(line, "a step has one command; begin another") }
        isCommandSeen = true
        step.line = line
        do throws(CommandWords.Failure) {
            step.arguments = Array(try CommandWords.split(text).dropFirst())
            if step.arguments.first == "runbook" {
                note(line, "a runbook runs no other: name it with 'next:'")
            }
        } catch {
            note(line, error.sentence)
        }
    }

    private mutating func takeFailure(
        _ text: String, _ after: RunbookStep.AfterFailure, _ line: Int
    ) {
        guard step.onFailure == nil else { return note(line, "'on failure' is said twice") }
        step.onFailure = text
        step.afterFailure = after
    }

    private mutating func takeLimit(_ text: String, _ line: Int) {
        guard let time = DurationText.parse(text), time > .zero, time <= RunbookStep.limitMax
        else { return note(line, "'within:' takes a time from 1s to 4h, such as 10m") }
        step.limit = time
    }

    /// `exit 0 or 5`, `says "…"`, `never says "…"`
    private mutating func takeExpectation(_ text: String, _ line: Int) {
        if text.hasPrefix("exit ") {
            let words = text.dropFirst(5).split(separator: " ").filter { $0 != "or" }
            let codes = words.compactMap { Int32($0) }.filter { (0...255).contains($0) }
            guard exits == nil, !codes.isEmpty, codes.count == words.count else {
                return note(line, "exit codes are said once: 'expect: exit 0 or 5'")
            }
            exits = Set(codes)
        } else if let quoted = Self.quoted(text, after: "says ") {
            step.says.append(quoted)
        } else if let quoted = Self.quoted(text, after: "never says ") {
            step.neverSays.append(quoted)
        } else {
            note(line, "expected is 'exit 0 or 5', 'says \"text\"' or 'never says \"text\"'")
        }
    }

    private static func quoted(_ text: String, after word: String) -> String? {
        guard text.hasPrefix(word) else { return nil }
        let rest = text.dropFirst(word.count).trimmed
        guard rest.count > 2, rest.hasPrefix("\""), rest.hasSuffix("\"") else { return nil }
        return String(rest.dropFirst().dropLast())
    }
}
