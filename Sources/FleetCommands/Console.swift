import Foundation

/// Where fleetctl talks: results on standard output, everything else on standard error.
struct Console: Sendable {
    /// How much is said on standard error.
    enum Talk: Int, Sendable, Comparable {
        case quiet, normal, verbose
        static func < (left: Talk, right: Talk) -> Bool { left.rawValue < right.rawValue }
    }

    var talk: Talk
    /// Colour and redrawn lines: on a terminal only, and not where NO_COLOR is set.
    var isStyled: Bool

    init(_ options: CommonOptions) { self.init(options.base) }

    init(_ options: BaseOptions) {
        talk = options.quiet ? .quiet : options.verbose > 0 ? .verbose : .normal
        let environment = ProcessInfo.processInfo.environment
        isStyled =
            isatty(FileHandle.standardError.fileDescriptor) == 1
            && environment["NO_COLOR", default: ""].isEmpty
    }

    /// A line of results.
    func result(_ text: String) { write(text, to: .standardOutput) }

    /// A line about what is going on.
    func say(_ text: String) {
        if talk >= .normal { write(text, to: .standardError) }
    }

    /// A line for those who asked for more.
    func detail(_ text: String) {
        if talk >= .verbose { write(text, to: .standardError) }
    }

    /// A line about something wrong, as it is; always said.
    func complain(_ line: String) { write(line, to: .standardError) }

    /// An error; always said.
    func error(_ text: String) { write("fleetctl: " + text, to: .standardError) }

    /// A line in place of the one that the cursor is in; on a terminal only.
    func redraw(_ line: String) {
        // Carriage return, then erase to the end of the line (ECMA-48, EL).
        if isStyled, talk >= .normal { write("\r\u{1B}[K" + line, to: .standardError, end: "") }
    }

    /// A question; the cursor stays behind it.
    func ask(_ text: String) { write(text, to: .standardError, end: "") }

    private func write(_ text: String, to handle: FileHandle, end: String = "\n") {
        // A closed pipe (`fleetctl … | head`) ends the talk, not the work.
        try? handle.write(contentsOf: Data((text + end).utf8))
    }
}
