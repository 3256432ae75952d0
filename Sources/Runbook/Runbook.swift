/// A guide for one situation: Markdown that people read, with steps that fleetctl carries out.
///
/// A step is a fenced block whose language is `fleetctl`: one command, and below it what is
/// expected of it. Everything else is for the reader.
public struct Runbook: Sendable, Equatable {
    /// Its file's name without `.md`.
    public var name: String
    /// The first heading.
    public var title: String
    /// The first paragraph below the title: when this runbook is the right one.
    public var situation: String
    /// What differs from fleet to fleet.
    public var variables: [RunbookVariable]
    /// What is done, in this order; at least one.
    public var steps: [RunbookStep]
    /// The first paragraph below the heading `Next`: what it means when every step has passed.
    public var conclusion: String

    /// A runbook larger than this is refused, in bytes.
    public static let sizeLimit = 64 << 10
    /// Steps of a runbook.
    public static let stepLimit = 50
    /// Variables of a runbook.
    public static let variableLimit = 20

    /// Whether a text can be a runbook's name: letters a-z, digits and `-`, at most 64.
    public static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || byte == UInt8(ascii: "-")
            } && !text.hasPrefix("-")
    }
}

/// Something that a runbook's commands name as `{name}`.
public struct RunbookVariable: Sendable, Equatable {
    /// Letters a-z, digits and `-`.
    public var name: String
    /// What it stands for.
    public var meaning: String
    /// Its value where none is given; nil where one must be given.
    public var fallback: Fallback?

    /// Where a value comes from that nobody gave.
    public enum Fallback: Sendable, Equatable {
        /// These words.
        case text(String)
        /// The inventory says it.
        case inventory(InventoryValue)
    }
}

/// One command of a runbook and what is expected of it.
public struct RunbookStep: Sendable, Equatable {
    /// From 1 on.
    public var number: Int
    /// The nearest heading above it.
    public var title: String
    /// The line of the command in the file, from 1 on.
    public var line: Int
    /// The arguments, without the program's name; `{variables}` are not replaced yet.
    public var arguments: [String]
    /// The exit codes that are right; 0 where nothing is said.
    public var exits: Set<Int32>
    /// Texts that the command must print.
    public var says: [String]
    /// Texts that it must not print.
    public var neverSays: [String]
    /// What it means when an expectation is not met.
    public var onFailure: String?
    /// Whether the steps behind a failed one are carried out.
    public var afterFailure: AfterFailure
    /// The runbook to go on with when this step fails.
    public var next: NextRunbook?
    /// What the command changes or ends; nil where it only looks.
    public var destructive: String?
    /// Time to its end.
    public var limit: Duration

    /// What becomes of the steps behind a failed one.
    public enum AfterFailure: Sendable, Equatable { case stop, goOn }

    /// Time to the end of a command where nothing is said.
    public static let limitDefault = Duration.seconds(300)
    /// The longest time that a command may be given.
    public static let limitMax = Duration.seconds(4 * 3600)
}

/// What is wrong with a runbook, and where.
public struct RunbookProblem: Error, Sendable, Equatable {
    /// The file, as it was named.
    public var file: String
    /// From 1 on.
    public var line: Int
    /// What is wrong, without a full stop.
    public var sentence: String

    /// `file:line: error: …`, as editors take it.
    public var text: String { "\(file):\(line): error: \(sentence)" }
}

/// Everything that is wrong with a runbook.
public struct RunbookProblems: Error, Sendable, Equatable {
    /// At least one, in the order of the file.
    public var problems: [RunbookProblem]
}
