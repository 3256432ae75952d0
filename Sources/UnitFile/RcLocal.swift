/// Edits `/etc/rc.local`: one line of ours among whatever else stands there, which is kept byte for
/// byte.
public enum RcLocal {
    /// Larger files are refused, in bytes.
    public static let sizeLimit = 256 << 10

    /// The script with `line` in it once, ending in the comment `# marker`.
    ///
    /// The line stands at the top level of the script, where every boot passes: before the first
    /// `exit` (or `exec` of a program) that no condition guards. An older line of the same marker
    /// is replaced, in its place where that is a good one. Where the script cannot be followed (an
    /// open quote, say), the line goes above the first command, which is always passed.
    ///
    /// - Parameters:
    ///   - line: one line of POSIX sh; it must not fail, for the script may run under `set -e`.
    ///   - marker: what names the line; no line break.
    ///   - script: the file's bytes; nil where there is none.
    /// - Throws: where the file is no shell script.
    public static func ensuring(
        line: String, marker: String, in script: [UInt8]?
    ) throws(RcLocalError) -> [UInt8] {
        let ours = Array("\(line) # \(marker)".utf8)
        precondition(!ours.contains(newline) && !ours.contains(0), "one line of text")
        let isBlank = script?.allSatisfy { [0x20, 0x09, newline].contains($0) } ?? true
        guard let script, !isBlank else {
            return Array("#!/bin/sh\n".utf8) + ours + Array("\nexit 0\n".utf8)
        }
        try check(script)
        let lines = ScriptLine.split(script)
        let marked = lines.filter { $0.carries(marker) }
        if marked.count == 1, isPassed(marked[0].start, ShellScan(script)) {
            return replacing(marked[0], with: ours, in: script)
        }
        return inserted(ours, into: without(marked, script))
    }

    /// The same, with the line above every line whose marker begins with `others`.
    ///
    /// - Throws: where the file is no shell script.
    public static func ensuring(
        line: String, marker: String, above others: String, in script: [UInt8]?
    ) throws(RcLocalError) -> [UInt8] {
        let done = try ensuring(line: line, marker: marker, in: script)
        let lines = ScriptLine.split(done)
        guard let ours = lines.first(where: { $0.carries(marker) }),
            let other = lines.first(where: { $0.carriesMarker(beginningWith: others) }),
            other.start < ours.start,
            isPassed(other.start, ShellScan(done)) || firstCommand(done) == other.start
        else { return done }
        return without([ours], done, inserting: ours, at: other.start)
    }

    /// The same for text.
    public static func ensuring(
        line: String, marker: String, in text: String?
    ) throws(RcLocalError) -> String {
        let bytes = try ensuring(line: line, marker: marker, in: text.map { Array($0.utf8) })
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The script without the lines of this marker.
    ///
    /// - Throws: where the file is no shell script.
    public static func removing(
        marker: String, from script: [UInt8]
    ) throws(RcLocalError) -> [UInt8] {
        try check(script)
        return without(ScriptLine.split(script).filter { $0.carries(marker) }, script)
    }

    // MARK: Where the line goes

    /// True where every run of the script comes by the line that begins at `start`.
    private static func isPassed(_ start: Int, _ scan: ShellScan) -> Bool {
        guard scan.isCertain, scan.statementLines.contains(start) else { return false }
        return scan.endingLine.map { start < $0 } ?? true
    }

    private static func inserted(_ ours: [UInt8], into script: [UInt8]) -> [UInt8] {
        let scan = ShellScan(script)
        let offset = scan.isCertain ? scan.endingLine ?? script.count : firstCommand(script)
        var result = Array(script[..<offset])
        if let last = result.last, last != newline { result.append(newline) }
        return result + ours + [newline] + script[offset...]
    }

    /// The end of the comments and empty lines that the script begins with.
    private static func firstCommand(_ script: [UInt8]) -> Int {
        let lines = ScriptLine.split(script)
        return lines.first { !$0.isEmptyOrComment }?.start ?? script.count
    }

    private static func replacing(
        _ line: ScriptLine, with ours: [UInt8], in script: [UInt8]
    ) -> [UInt8] {
        let end = line.start + line.bytes.count
        return Array(script[..<line.start]) + ours + Array(script[end...])
    }

    private static func without(
        _ lines: [ScriptLine], _ script: [UInt8], inserting line: ScriptLine, at offset: Int
    ) -> [UInt8] {
        let rest = without(lines, script)
        return rest[..<offset] + line.bytes + [newline] + rest[offset...]
    }

    private static func without(_ lines: [ScriptLine], _ script: [UInt8]) -> [UInt8] {
        var result = script
        for line in lines.reversed() {
            let end = min(line.start + line.bytes.count + 1, result.count)
            result.removeSubrange(line.start..<end)
        }
        return result
    }

    // MARK: What may be edited

    private static let newline = UInt8(ascii: "\n")
    private static let shells: Set<String> = ["sh", "bash", "dash", "ash", "ksh", "mksh"]

    private static func check(_ script: [UInt8]) throws(RcLocalError) {
        if script.count > sizeLimit { throw .tooLarge }
        if script.contains(0) || script.starts(with: [0x7F, 0x45, 0x4C, 0x46]) { throw .notText }
        if zip(script, script.dropFirst()).contains(where: { $0 == 0x0D && $1 == newline }) {
            throw .dosLineEnds
        }
        guard script.starts(with: Array("#!".utf8)) else { return }
        let words = script.dropFirst(2).prefix { $0 != newline }
            .split { $0 == 0x20 || $0 == 0x09 }
            .map { String(decoding: $0, as: UTF8.self) }
        let names = words.map { String($0.split(separator: "/").last ?? "") }
        let name = ["env", "busybox"].contains(names.first) ? names.dropFirst().first : names.first
        guard let name, shells.contains(name) else {
            throw .notShell(interpreter: words.joined(separator: " "))
        }
    }
}

/// Why an rc.local is left alone.
public enum RcLocalError: Error, Sendable, Equatable {
    /// It is larger than `RcLocal.sizeLimit`.
    case tooLarge
    /// It holds a NUL, or is a program.
    case notText
    /// Its lines end in CR LF, which no shell runs.
    case dosLineEnds
    /// Something else than a shell runs it.
    case notShell(interpreter: String)
}

/// One line of a script and where it begins.
struct ScriptLine {
    var start: Int
    /// Without its line break.
    var bytes: ArraySlice<UInt8>

    static func split(_ script: [UInt8]) -> [ScriptLine] {
        var lines: [ScriptLine] = []
        var start = 0
        while start < script.count {
            let end = script[start...].firstIndex(of: UInt8(ascii: "\n")) ?? script.count
            lines.append(ScriptLine(start: start, bytes: script[start..<end]))
            start = end + 1
        }
        return lines
    }

    private var trimmed: ArraySlice<UInt8> {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        let front = bytes.drop(while: isSpace)
        return front.dropLast(front.reversed().prefix(while: isSpace).count)
    }

    /// True where the line ends in the comment `# marker`.
    func carries(_ marker: String) -> Bool {
        trimmed.reversed().starts(with: " # \(marker)".utf8.reversed())
            || Array(trimmed) == Array("# \(marker)".utf8)
    }

    /// True where the line ends in a comment that is one word and begins so.
    func carriesMarker(beginningWith prefix: String) -> Bool {
        guard let hash = trimmed.lastIndex(of: UInt8(ascii: "#")) else { return false }
        let word = trimmed[(hash + 1)...].drop { $0 == 0x20 }
        return word.starts(with: prefix.utf8) && !word.contains(0x20)
    }

    var isEmptyOrComment: Bool { trimmed.first.map { $0 == UInt8(ascii: "#") } ?? true }
}
