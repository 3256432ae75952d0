/// Follows a shell script just far enough to tell its top level from conditions, loops, functions,
/// quotes and here-documents (POSIX.1 Shell Command Language, 2.2 to 2.10). What it cannot follow
/// makes it uncertain, never wrong with confidence.
struct ShellScan {
    /// False where the script ends inside something, or uses what is not understood here.
    private(set) var isCertain = true
    /// Where lines begin at which a new command of the top level may stand.
    private(set) var statementLines: Set<Int> = [0]
    /// The beginning of the first line whose command ends the script unconditionally.
    private(set) var endingLine: Int?

    /// What the scan is inside of.
    private enum Frame: Equatable {
        case ifClause, loop, subshell
        /// A group of which the last command counts as one of the level outside it.
        case plainGroup
        case guardedGroup
        case casePatterns, caseCommands
    }

    private var reader: ShellReader
    private var frames: [Frame] = []
    private var statementLine = 0
    /// The next word is a command's name or a reserved word.
    private var atCommand = true
    /// The command is run only if another succeeds or fails, or in a pipeline's subshell.
    private var isGuarded = false
    /// An operator lets the list go on behind the line's end.
    private var goesOn = false
    private var expectsTarget = false
    private var followsExec = false
    private var expectsCaseSubject = false
    private var expectsFunctionName = false
    private var definesFunction = false
    /// The word just read stood where a command's name does, so that `(` makes it a function.
    private var mayNameFunction = false

    init(_ script: [UInt8]) {
        reader = ShellReader(script)
        while let token = reader.next() {
            take(token)
            guard isCertain, !reader.isLost else { break }
        }
        if reader.isLost || !frames.isEmpty || expectsCaseSubject { isCertain = false }
        if !isCertain {
            statementLines = []
            endingLine = nil
        }
    }

    private mutating func take(_ token: ShellReader.Token) {
        let couldNameFunction = mayNameFunction
        mayNameFunction = false
        switch token {
        case .newline(let next):
            endCommand()
            guard frames.isEmpty, !goesOn, !definesFunction else { return }
            isGuarded = false
            statementLine = next
            statementLines.insert(next)
        case .separator:
            endCommand()
            isGuarded = false
        case .caseEnd:
            endCommand()
            isGuarded = false
            if frames.last == .caseCommands { frames[frames.count - 1] = .casePatterns }
        case .connector:
            endCommand()
            isGuarded = true
            goesOn = true
        case .redirection: expectsTarget = true
        case .openParenthesis: open(couldNameFunction)
        case .closeParenthesis: closeParenthesis()
        case .word(let text, let isQuoted): takeWord(isQuoted ? nil : text)
        }
        if case .connector = token { return }
        if case .newline = token { return }
        goesOn = false
    }

    private mutating func endCommand() {
        atCommand = true
        expectsTarget = false
        followsExec = false
    }

    // MARK: Parentheses

    private mutating func open(_ couldNameFunction: Bool) {
        if frames.last == .casePatterns { return }
        if couldNameFunction {
            guard case .closeParenthesis? = reader.next() else { return giveUp() }
            definesFunction = true
            atCommand = true
            return
        }
        guard atCommand else { return giveUp() }
        frames.append(.subshell)
        definesFunction = false
        isGuarded = false
    }

    private mutating func closeParenthesis() {
        switch frames.last {
        case .casePatterns:
            frames[frames.count - 1] = .caseCommands
            endCommand()
        case .subshell: close(.subshell)
        case nil, .ifClause, .loop, .plainGroup, .guardedGroup, .caseCommands: giveUp()
        }
    }

    private mutating func close(_ frame: Frame) {
        guard frames.last == frame else { return giveUp() }
        frames.removeLast()
        atCommand = false
    }

    private mutating func giveUp() { isCertain = false }

    // MARK: Words

    /// A word; nil where it is quoted and so no reserved word.
    private mutating func takeWord(_ text: String?) {
        if expectsTarget {
            expectsTarget = false
            return
        }
        if frames.last == .casePatterns { return takeInPatterns(text) }
        if expectsFunctionName {
            expectsFunctionName = false
            definesFunction = true
            mayNameFunction = true
            return
        }
        if followsExec { endScript() }
        guard atCommand else { return }
        guard let text else {
            atCommand = false
            return
        }
        if takeReserved(text) { return }
        if Self.isAssignment(text) { return }
        atCommand = false
        mayNameFunction = true
        switch text {
        case "exit", "return": endScript()
        case "exec": followsExec = true
        default: break
        }
    }

    private mutating func takeInPatterns(_ text: String?) {
        if expectsCaseSubject {
            // `case word in`: the first word is the subject, whatever it is.
            if text == "in", !atCommand { expectsCaseSubject = false }
            atCommand = false
        } else if text == "esac" {
            close(.casePatterns)
        }
    }

    /// True where the word is a reserved one and has been dealt with.
    private mutating func takeReserved(_ text: String) -> Bool {
        switch text {
        case "if": frames.append(.ifClause)
        case "while", "until": frames.append(.loop)
        case "for", "select":
            frames.append(.loop)
            atCommand = false
        case "case":
            frames.append(.casePatterns)
            expectsCaseSubject = true
        case "then", "else", "elif": if frames.last != .ifClause { giveUp() }
        case "do": if frames.last != .loop { giveUp() }
        case "fi": close(.ifClause)
        case "done": close(.loop)
        case "esac": close(.caseCommands)
        case "{":
            frames.append(isGuarded || definesFunction ? .guardedGroup : .plainGroup)
            isGuarded = false
        case "}": close(frames.last == .plainGroup ? .plainGroup : .guardedGroup)
        case "!": break
        case "function":
            expectsFunctionName = true
        default: return false
        }
        definesFunction = false
        return true
    }

    private mutating func endScript() {
        guard !isGuarded, frames.allSatisfy({ $0 == .plainGroup }) else { return }
        if endingLine == nil { endingLine = statementLine }
    }

    private static func isAssignment(_ text: String) -> Bool {
        guard let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")) else { return false }
        let name = text.utf8[..<equals]
        return !name.isEmpty
            && name.allSatisfy {
                UnicodeScalar($0).properties.isAlphabetic || $0 == UInt8(ascii: "_")
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
            }
    }
}
