import Foundation
import RemoteOps
import Reports
import Synchronization

/// Commands' output on its way to standard output and error, from several hosts at once.
///
/// On a terminal, and where lines are labelled, control characters are removed: what a host
/// prints moves no cursor here. One host's output into a file or pipe passes byte for byte.
final class HostOutput: Sendable {
    /// A longer line of a labelled host is broken.
    static let lineLimit = 16 << 10

    private struct Key: Hashable {
        var host: String
        var isError: Bool
    }

    private let isLabelled: Bool
    private let isCleaned: Bool
    private let isQuiet: Bool
    private let isTerminal: (output: Bool, error: Bool)
    private let partial = Mutex<[Key: [UInt8]]>([:])

    /// - Parameters:
    ///   - isQuiet: print nothing, since the results are printed as a whole.
    ///   - isCleaned: remove control characters also where nothing calls for it.
    init(isLabelled: Bool, isQuiet: Bool, isCleaned: Bool = false) {
        self.isLabelled = isLabelled
        self.isCleaned = isCleaned || isLabelled
        self.isQuiet = isQuiet
        isTerminal = (isatty(STDOUT_FILENO) == 1, isatty(STDERR_FILENO) == 1)
    }

    /// Prints what is whole of a chunk and keeps the rest.
    func write(_ bytes: [UInt8], of channel: RunOptions.Channel, from host: String) {
        guard !isQuiet else { return }
        let isError = channel == .errorOutput
        guard isCleaned || (isError ? isTerminal.error : isTerminal.output) else {
            return put(bytes, isError: isError)
        }
        let key = Key(host: host, isError: isError)
        partial.withLock { partial in
            var rest = partial[key, default: []] + bytes
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                put(line(rest[..<end], host), isError: isError)
                rest.removeSubrange(...end)
            }
            while rest.count > Self.lineLimit {
                put(line(rest[..<Self.lineLimit], host), isError: isError)
                rest.removeFirst(Self.lineLimit)
            }
            partial[key] = rest
        }
    }

    /// Prints what a host left without a line end.
    func finish(_ host: String) {
        partial.withLock { partial in
            for isError in [false, true] {
                let rest = partial.removeValue(forKey: Key(host: host, isError: isError)) ?? []
                if !rest.isEmpty { put(line(rest[...], host), isError: isError) }
            }
        }
    }

    private func line(_ bytes: ArraySlice<UInt8>, _ host: String) -> [UInt8] {
        var bytes = bytes
        if bytes.last == UInt8(ascii: "\r") { bytes = bytes.dropLast() }
        let text = String(decoding: bytes, as: UTF8.self)
        return Array(((isLabelled ? "\(host): " : "") + DisplayText.printable(text) + "\n").utf8)
    }

    private func put(_ bytes: [UInt8], isError: Bool) {
        let handle = isError ? FileHandle.standardError : FileHandle.standardOutput
        // A closed pipe (`fleetctl … | head`) ends the talk, not the work.
        try? handle.write(contentsOf: Data(bytes))
    }
}
