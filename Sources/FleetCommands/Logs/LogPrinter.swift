import Foundation
import RemoteOps
import Reports
import Synchronization

/// Lines of logs on their way to standard output, as they are or as an object each.
final class LogPrinter: Sendable {
    /// A longer entry of the journal as JSON is not shown.
    static let entryMax = 256 << 10

    private let isJSON: Bool
    private let text: HostOutput
    private let partial = Mutex<[String: [UInt8]]>([:])

    init(isLabelled: Bool, isJSON: Bool) {
        self.isJSON = isJSON
        text = HostOutput(isLabelled: isLabelled, isQuiet: false, isCleaned: true)
    }

    /// Prints what is whole of a chunk and keeps the rest.
    func write(_ bytes: [UInt8], of channel: RunOptions.Channel, from source: LogSource) {
        guard isJSON, channel == .output else {
            return text.write(bytes, of: channel, from: source.label)
        }
        partial.withLock { partial in
            var rest = partial[source.label, default: []] + bytes
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                put(rest[..<end], source)
                rest.removeSubrange(...end)
            }
            // The rest of an endless line is not kept, but its beginning: it is no JSON then.
            if rest.count > Self.entryMax { rest = Array(rest.prefix(Self.entryMax)) }
            partial[source.label] = rest
        }
    }

    /// Prints what a log left without a line end.
    func finish(_ source: LogSource) {
        text.finish(source.label)
        partial.withLock { partial in
            let rest = partial.removeValue(forKey: source.label) ?? []
            if !rest.isEmpty { put(rest[...], source) }
        }
    }

    private func put(_ line: ArraySlice<UInt8>, _ source: LogSource) {
        let entry = LogEntry(line, of: source)
        // A closed pipe (`fleetctl … | head`) ends the talk, not the work.
        try? FileHandle.standardOutput.write(contentsOf: Data((entry.json + "\n").utf8))
    }
}

/// One line of a log as the JSON shows it.
struct LogEntry: Encodable, Equatable {
    var host: String
    var service: String
    /// UTC, `2026-01-31T12:00:00.123456Z`; nil where the line has none.
    var time: String?
    /// 0 to 7, of the journal only.
    var priority: Int?
    var message: String
    /// What a program of ours has added: the names that no part of systemd uses.
    var fields: [String: String]?

    init(_ line: ArraySlice<UInt8>, of source: LogSource) {
        host = source.host.name.text
        service = source.service.text
        switch source.host.initSystem {
        case .systemd:
            guard let object = Self.object(line) else {
                message = "an entry that is too long, or no JSON, is not shown"
                return
            }
            message = Self.text(object["MESSAGE"]) ?? ""
            priority = Self.text(object["PRIORITY"]).flatMap { Int($0) }
            time = Self.text(object["__REALTIME_TIMESTAMP"]).flatMap { Int64($0) }.map(Self.time)
            let own = object.keys.filter { key in
                key.first?.isLetter == true && !Self.common.contains(where: key.hasPrefix)
            }
            let pairs = own.compactMap { key in Self.text(object[key]).map { (key, $0) } }
            fields = pairs.isEmpty ? nil : Dictionary(pairs) { first, _ in first }
        case .rcLocal:
            let text = String(decoding: line, as: UTF8.self)
            let words = text.split(separator: " ", maxSplits: 1)
            if let stamp = words.first, stamp.wholeMatch(of: /\d{4}-\d\d-\d\dT[\d:]{8}Z/) != nil {
                time = String(stamp)
                message = words.count > 1 ? String(words[1]) : ""
            } else {
                message = text
            }
        }
    }

    /// Fields that every message has, or that systemd writes about units.
    private static let common = [
        "MESSAGE", "PRIORITY", "SYSLOG_", "CODE_", "UNIT", "USER_", "JOB_", "INVOCATION_ID", "TID",
        "CPU_USAGE_NSEC", "MEMORY_", "EXIT_", "COMMAND", "N_RESTARTS",
    ]

    private static func object(_ line: ArraySlice<UInt8>) -> [String: Any]? {
        // Not JSON is an answer here, not a failure: the line is then shown as such.
        (try? JSONSerialization.jsonObject(with: Data(line))) as? [String: Any]
    }

    /// A field's text; bytes that are no text come as a list of numbers.
    private static func text(_ value: Any?) -> String? {
        if let text = value as? String { return text }
        guard let numbers = value as? [Int] else { return nil }
        return String(decoding: numbers.map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
    }

    private static func time(_ microseconds: Int64) -> String {
        let (seconds, rest) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        let date = Date(timeIntervalSince1970: Double(seconds))
        let digits = String(1_000_000 + abs(rest)).dropFirst()
        return String(date.formatted(.iso8601).dropLast()) + "." + digits + "Z"
    }

    /// The entry as one line of JSON, in which control characters are escaped.
    var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        } catch {
            preconditionFailure("strings and numbers always encode: \(error)")
        }
    }
}
