import Inventory

extension Runbook {
    /// The runbook in a Markdown text.
    ///
    /// - Parameters:
    ///   - text: UTF-8 Markdown.
    ///   - name: its file's name without `.md`.
    ///   - file: the file's name for messages.
    /// - Throws: every problem at once, each with its line.
    public init(parsing text: String, name: String, file: String) throws(RunbookProblems) {
        guard Runbook.isName(name) else {
            throw RunbookProblems(problems: [
                RunbookProblem(
                    file: file, line: 1,
                    sentence: "a runbook is named by letters a-z, digits and '-'")
            ])
        }
        guard text.utf8.count <= Runbook.sizeLimit else {
            throw RunbookProblems(problems: [
                RunbookProblem(
                    file: file, line: 1,
                    sentence: "the file is larger than \(Runbook.sizeLimit >> 10) KiB")
            ])
        }
        var parser = RunbookParser(file: file)
        self = try parser.parse(text, name: name)
    }
}

/// Puts a runbook together from the parts of its text, and collects what is wrong.
struct RunbookParser {
    let file: String
    private var problems: [RunbookProblem] = []
    private var title: String?
    private var situation: String?
    private var heading = ""
    private var conclusion: String?
    private var variables: [RunbookVariable] = []
    private var steps: [RunbookStep] = []

    init(file: String) { self.file = file }

    mutating func parse(_ text: String, name: String) throws(RunbookProblems) -> Runbook {
        let (parts, open) = MarkdownPart.parts(of: text)
        for part in parts { take(part) }
        if let open { note(open, "the block that begins here is not closed") }
        if title == nil { note(1, "there is no title (# …)") }
        if situation == nil { note(1, "there is no paragraph below the title") }
        if conclusion == nil { note(1, "there is no paragraph below a heading '## Next'") }
        if steps.isEmpty { note(1, "there is no step, a block ```fleetctl") }
        if steps.count > Runbook.stepLimit { note(1, "more than \(Runbook.stepLimit) steps") }
        checkPlaceholders()
        guard problems.isEmpty, let title, let situation, let conclusion else {
            throw RunbookProblems(problems: problems.sorted { $0.line < $1.line })
        }
        return Runbook(
            name: name, title: title, situation: situation, variables: variables, steps: steps,
            conclusion: conclusion)
    }

    private mutating func note(_ line: Int, _ sentence: String) {
        problems.append(RunbookProblem(file: file, line: line, sentence: sentence))
    }

    private mutating func take(_ part: MarkdownPart) {
        switch part {
        case .heading(let level, let text, _):
            if level == 1, title == nil { title = text }
            heading = text
        case .paragraph(let text, _):
            if situation == nil, title != nil, heading == title { situation = text }
            if heading == "Next", conclusion == nil { conclusion = text }
        case .block("fleetctl", let lines, let line):
            var step = StepParser(heading, steps.count + 1)
            for (offset, text) in lines.enumerated() { step.take(text, line + 1 + offset) }
            steps.append(step.finish(line))
            for problem in step.problems { note(problem.line, problem.sentence) }
        case .block("fleetctl-variables", let lines, let line):
            for (offset, text) in lines.enumerated() where !text.trimmed.isEmpty {
                takeVariable(text, line + 1 + offset)
            }
        case .block(let language, _, let line):
            // A slip of the pen would otherwise take a step out of the run without a word.
            if language.lowercased().hasPrefix("fleetctl") {
                note(line, "blocks are 'fleetctl' or 'fleetctl-variables', not '\(language)'")
            }
        }
    }

    /// `name: what it is; else value`
    private mutating func takeVariable(_ text: String, _ line: Int) {
        guard let colon = text.firstIndex(of: ":") else {
            return note(line, "a variable is written 'name: what it is; else value'")
        }
        let name = text[..<colon].trimmed
        var meaning = text[text.index(after: colon)...].trimmed
        guard Runbook.isName(name) else {
            return note(line, "a variable is named by letters a-z, digits and '-'")
        }
        var fallback: RunbookVariable.Fallback?
        if let mark = meaning.firstRange(of: "; else ") {
            let value = meaning[mark.upperBound...].trimmed
            meaning = meaning[..<mark.lowerBound].trimmed
            if value.hasPrefix("inventory:") {
                let key = String(value.dropFirst("inventory:".count))
                guard let known = InventoryValue(rawValue: key) else {
                    let all = InventoryValue.allCases.map(\.rawValue).joined(separator: ", ")
                    return note(line, "the inventory has no '\(key)'; it has \(all)")
                }
                fallback = .inventory(known)
            } else {
                fallback = .text(value)
            }
        }
        if variables.contains(where: { $0.name == name }) {
            note(line, "'\(name)' is named twice")
        } else if variables.count == Runbook.variableLimit {
            note(line, "more than \(Runbook.variableLimit) variables")
        } else {
            variables.append(
                RunbookVariable(name: name, meaning: meaning, fallback: fallback))
        }
    }

    /// Every `{name}` is a variable, and every variable is used.
    private mutating func checkPlaceholders() {
        var used: Set<String> = []
        for step in steps {
            let said = [step.onFailure, step.destructive].compactMap { $0 }
            let texts = step.arguments + said + (step.next?.given ?? []).map(\.value)
            for text in texts {
                let names = Placeholders.names(in: text)
                if names == nil { note(step.line, "a '{' has no '}', or no name in it") }
                for name in names ?? [] where !variables.contains(where: { $0.name == name }) {
                    note(step.line, "there is no variable '\(name)'")
                }
                used.formUnion(names ?? [])
            }
        }
        for variable in variables where !used.contains(variable.name) {
            note(1, "the variable '\(variable.name)' is used by no step")
        }
    }
}
