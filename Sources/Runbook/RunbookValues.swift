import Inventory

extension Runbook {
    /// Why the variables have no values.
    public struct ValueFailure: Error, Sendable, Equatable {
        /// One sentence a variable, without a full stop.
        public var sentences: [String]
    }

    /// Longest value of a variable, in bytes.
    public static let valueLimit = 200

    /// The value of every variable: the given one, else the fallback.
    ///
    /// - Throws: where a name is not a variable's, a value cannot be a word of a command, or one
    ///   must be given.
    public func values(
        given: [(name: String, value: String)], fleet: Fleet
    ) throws(ValueFailure) -> [String: String] {
        var sentences: [String] = []
        var values: [String: String] = [:]
        for (name, value) in given {
            if !variables.contains(where: { $0.name == name }) {
                let known = variables.map(\.name)
                sentences.append(
                    known.isEmpty
                        ? "\(self.name) has no variables"
                        : "\(self.name) has no variable '\(name)'; it has "
                            + known.joined(separator: ", "))
            } else if let objection = Self.objection(to: value) {
                sentences.append("--var \(name)= \(objection)")
            } else {
                values[name] = value
            }
        }
        for variable in variables where values[variable.name] == nil {
            switch variable.fallback {
            case .text(let text): values[variable.name] = text
            case .inventory(let known): values[variable.name] = known.value(in: fleet)
            case nil: break
            }
            if values[variable.name] == nil {
                sentences.append(
                    "say --var \(variable.name)=…: \(variable.meaning)"
                        + (variable.fallback == nil ? "" : " (the inventory does not tell)"))
            }
        }
        guard sentences.isEmpty else { throw ValueFailure(sentences: sentences) }
        return values
    }

    private static func objection(to value: String) -> String? {
        if value.isEmpty { return "is empty" }
        if value.utf8.count > valueLimit { return "is longer than \(valueLimit) bytes" }
        // It stands where an argument stands, and must not become an option.
        if value.hasPrefix("-") { return "begins with '-'" }
        let isControl = { (scalar: Unicode.Scalar) in scalar.value < 0x20 || scalar.value == 0x7F }
        return value.unicodeScalars.contains(where: isControl)
            ? "holds a control character" : nil
    }
}

extension RunbookStep {
    /// The step with values in place of its `{variables}`.
    public func filled(_ values: [String: String]) -> RunbookStep {
        var step = self
        step.arguments = arguments.map { Placeholders.filled($0, values) }
        step.onFailure = onFailure.map { Placeholders.filled($0, values) }
        step.next?.given = (next?.given ?? []).map {
            NextRunbook.Given(name: $0.name, value: Placeholders.filled($0.value, values))
        }
        step.destructive = destructive.map { Placeholders.filled($0, values) }
        return step
    }

    /// The command as a person would type it.
    public var commandLine: String { CommandWords.typed(arguments) }
}

extension NextRunbook {
    /// The command that runs it as a person would type it.
    public var commandLine: String { CommandWords.typed(arguments) }
}
