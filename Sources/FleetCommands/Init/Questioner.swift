import Foundation

/// Asks a person on the terminal, a limited number of times.
struct Questioner {
    /// Why there is no answer.
    enum Failure: Error, Equatable {
        /// The input ended.
        case ended
        /// Nothing that was said could be used.
        case useless(question: String)
    }

    /// How often one question is asked.
    static let attemptLimit = 5
    /// Longest answer, in bytes.
    static let lengthLimit = 1000

    let console: Console

    /// An answer that `objection` has nothing against; `fallback` where nothing is typed.
    func ask(
        _ question: String, fallback: String? = nil,
        objection: (String) -> String? = { _ in nil }
    ) throws(Failure) -> String {
        for _ in 0..<Self.attemptLimit {
            let shown = fallback.map { $0.isEmpty ? "" : " [\($0)]" } ?? ""
            console.ask(question + shown + ": ")
            guard let line = readLine() else { throw .ended }
            let typed = line.trimmingCharacters(in: .whitespaces)
            let answer = typed.isEmpty ? fallback ?? "" : typed
            if answer.utf8.count > Self.lengthLimit {
                console.complain("  that is too long")
            } else if let objection = objection(answer) {
                console.complain("  \(objection)")
            } else {
                return answer
            }
        }
        throw .useless(question: question)
    }

    /// Whether the answer is yes; anything else is no.
    func wants(_ question: String) throws(Failure) -> Bool {
        console.ask(question + " [y/N] ")
        guard let line = readLine() else { throw .ended }
        return ["y", "yes"].contains(line.trimmingCharacters(in: .whitespaces).lowercased())
    }
}
