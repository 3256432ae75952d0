/// A command line as words. There is no shell: quotes group, and what a shell would act upon is
/// refused, so that nobody takes a runbook's step for a shell's.
enum CommandWords {
    /// Why a line is no command.
    struct Failure: Error, Equatable { var sentence: String }

    /// Longest command line, in bytes.
    static let lengthLimit = 500
    /// What means something to a shell.
    private static let shellCharacters: Set<Character> = [
        "|", "&", ";", "<", ">", "$", "`", "*", "?", "~", "#", "\\", "!", "(", ")",
    ]

    /// A command of fleetctl's as a person would type it.
    static func typed(_ arguments: [String]) -> String {
        (["fleetctl"] + arguments).map { word in
            word.isEmpty || word.contains(" ") ? "\"\(word)\"" : word
        }.joined(separator: " ")
    }

    /// The words of a line.
    static func split(_ line: String) throws(Failure) -> [String] {
        guard line.utf8.count <= lengthLimit else {
            throw Failure(sentence: "the command is longer than \(lengthLimit) bytes")
        }
        var words: [String] = []
        var word: String?
        var quote: Character?
        for character in line {
            if let open = quote {
                if character == open { quote = nil } else { word = (word ?? "") + [character] }
            } else if character == "\"" || character == "'" {
                quote = character
                word = word ?? ""
            } else if character == " " || character == "\t" {
                if let whole = word { words.append(whole) }
                word = nil
            } else if shellCharacters.contains(character) {
                throw Failure(sentence: "'\(character)' means nothing here: there is no shell")
            } else {
                word = (word ?? "") + [character]
            }
        }
        guard quote == nil else { throw Failure(sentence: "a quote is not closed") }
        if let whole = word { words.append(whole) }
        return words
    }
}
