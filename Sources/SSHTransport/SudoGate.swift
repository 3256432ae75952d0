import RemoteOps

/// Decides from what sudo prints when the password may go and when the command has begun. Pure.
///
/// The command is wrapped so that it prints a marker on standard error before it becomes the
/// real one. Until that marker is seen, everything on standard error is sudo's own talk. The
/// password is given once, and only after sudo's prompt, which is a marker too; the caller's
/// input only after the start. So the password never reaches the command and the input never
/// reaches sudo.
struct SudoGate {
    /// What to do after a piece of standard error.
    enum Verdict: Equatable {
        case wait
        /// sudo asked: send the password.
        case givePassword
        /// sudo asked again, so the password was wrong.
        case refused
        /// The command runs; these bytes are the first of its own.
        case started([UInt8])
    }

    /// sudo's talk kept before the start.
    static let talkLimit = 16 << 10

    private let prompt: String
    private let start: String
    private var talkBytes: [UInt8] = []
    private var prompts = 0
    private(set) var hasStarted = false

    /// A gate whose markers hold `nonce`, which must be unpredictable and of letters and digits.
    init(nonce: String) {
        prompt = "[fleetctl-\(nonce)-password]"
        start = "[fleetctl-\(nonce)-started]\n"
    }

    /// What sudo said before the start, without the markers.
    var talk: String {
        var text = String(decoding: talkBytes, as: UTF8.self)
        while let range = text.firstRange(of: prompt) { text.removeSubrange(range) }
        return text
    }

    /// The line that runs `command` as root.
    func line(_ command: RemoteCommand, asksPassword: Bool) -> String {
        let options = asksPassword ? ["-S", "-p", prompt] : ["-n"]
        let script = "printf '%s\\n' '\(start.dropLast())' >&2; exec \"$@\""
        return RemoteCommand(["sudo"] + options + ["--", "sh", "-c", script, "sh"] + command.argv)
            .line
    }

    /// Takes the next piece of standard error. After `started` it is not to be called any more.
    mutating func receive(_ bytes: some Collection<UInt8>) -> Verdict {
        precondition(!hasStarted, "what follows the start is the command's own")
        talkBytes.append(contentsOf: bytes)
        if let end = Self.end(of: Array(start.utf8), in: talkBytes) {
            hasStarted = true
            let own = Array(talkBytes[end...])
            talkBytes.removeSubrange((end - start.utf8.count)...)
            return .started(own)
        }
        let count = Self.count(of: Array(prompt.utf8), in: talkBytes)
        defer {
            prompts = count
            trim()
        }
        guard count > prompts else { return .wait }
        return count == 1 ? .givePassword : .refused
    }

    /// Keeps the talk within its limit, from its beginning, and enough of its end for a marker
    /// that is split.
    private mutating func trim() {
        let tail = max(prompt.utf8.count, start.utf8.count)
        guard talkBytes.count > Self.talkLimit + tail else { return }
        talkBytes.removeSubrange(Self.talkLimit..<(talkBytes.count - tail))
    }

    private static func end(of marker: [UInt8], in bytes: [UInt8]) -> Int? {
        guard bytes.count >= marker.count else { return nil }
        for start in 0...(bytes.count - marker.count)
        where bytes[start] == marker[0] && bytes[start..<start + marker.count].elementsEqual(marker)
        {
            return start + marker.count
        }
        return nil
    }

    private static func count(of marker: [UInt8], in bytes: [UInt8]) -> Int {
        var count = 0
        var rest = bytes[...]
        while let end = end(of: marker, in: Array(rest)) {
            count += 1
            rest = rest.dropFirst(end)
        }
        return count
    }
}
