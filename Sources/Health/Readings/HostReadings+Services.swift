import Foundation
import GeneratorWire
import MonitorLog

// What is asked of single services, and what the journal says.
extension HostReadings {
    private static let servicesMax = 256
    private static let logLinesMax = 400

    mutating func takeServices(_ raw: RawReadings) {
        errors =
            raw.record("errors").map { .known(Self.journal($0.lines)) }
            ?? .unknown(raw.reason("errors"))
        for record in raw.records where !record.service.isEmpty {
            guard services[record.service] != nil || services.count < Self.servicesMax else {
                continue
            }
            var service = services[record.service] ?? ServiceReadings()
            service.take(record)
            services[record.service] = service
        }
        for record in raw.records where record.key == "log" {
            guard let name = record.values.first else { continue }
            services[name]?.logErrors = record.lines.suffix(5).map { HostText.clean($0) }
        }
    }

    /// Lines of `journalctl -o json`.
    static func journal(_ lines: [ArraySlice<UInt8>]) -> [LogLine] {
        lines.suffix(logLinesMax).compactMap { line in
            // A line that is no JSON was cut off, or is none of the journal's.
            guard let entry = try? JSONDecoder().decode(JournalEntry.self, from: Data(line)) else {
                return nil
            }
            return LogLine(
                time: entry.time, priority: entry.priority, unit: entry.unit, text: entry.text)
        }
    }
}

extension ServiceReadings {
    mutating func take(_ record: RawReadings.Record) {
        switch record.key {
        case "service":
            if record.values.count > 1, record.values[1] != "-" { unit = record.values[1] }
        case "supervisor":
            supervisor =
                record.values.first.flatMap(Self.supervisor).map { .known($0) }
                ?? .unknown("its supervisor does not answer")
        case "generator": generator = Self.status(record.lines)
        case "monitor": monitor = .known(Self.pairs(record.lines))
        case "csv":
            csv = .known(
                LogFile(
                    path: record.values.first ?? "",
                    modified: record.values.dropFirst().first.flatMap { HostText.decimal($0) },
                    lastRow: Self.lastRow(record.lines)))
        case "runs": runs = .known(HostReadings.journal(record.lines))
        case "metrics":
            metrics =
                record.values.first.flatMap { HostText.decimal($0) }.map {
                    .known(
                        MetricsFile(
                            modified: $0, samples: PrometheusReader.samples(in: record.lines)))
                } ?? .unknown("the time of a file cannot be told here")
        case "file":
            guard record.values.count == 2, let time = HostText.decimal(record.values[1]) else {
                return
            }
            files[record.values[0]] = .known(time)
        case "unread": takeUnread(record.values)
        default: break
        }
    }

    private mutating func takeUnread(_ values: [String]) {
        guard values.count == 2 else { return }
        switch values[0] {
        case "supervisor": supervisor = .unknown(values[1])
        case "generator": generator = .unknown(values[1])
        case "monitor": monitor = .unknown(values[1])
        case "csv": csv = .unknown(values[1])
        case "runs": runs = .unknown(values[1])
        case "metrics": metrics = .unknown(values[1])
        case "file":
            let halves = values[1].split(separator: ":", maxSplits: 1)
            guard halves.count == 2, files.count < 32 else { return }
            files[String(halves[0])] = .unknown(String(halves[1].trimmingPrefix(" ")))
        default: break
        }
    }

    /// `running supervisor=12 process=15 since=1700000000 restarts=0`
    private static func supervisor(_ text: String) -> Supervisor? {
        let words = HostText.words(text)
        guard let state = words.first else { return nil }
        var found = Supervisor(state: String(state))
        for word in words.dropFirst() {
            let pair = word.split(separator: "=", maxSplits: 1)
            guard pair.count == 2 else { continue }
            switch pair[0] {
            case "process": found.pid = HostText.natural(pair[1])
            case "restarts": found.restarts = HostText.natural(pair[1])
            case "since": found.since = HostText.decimal(pair[1])
            default: break
            }
        }
        return found
    }

    private static func status(_ lines: [ArraySlice<UInt8>]) -> Measured<GeneratorStatus> {
        let texts = lines.prefix(80).map { HostText.clean($0) }
        guard let begin = texts.firstIndex(where: { $0.hasPrefix("INPUTS:") }),
            let end = texts.firstIndex(of: "END"), begin < end
        else { return .unknown("the server does not answer STATUS") }
        return .known(GeneratorStatus.parse(Array(texts[begin..<end])))
    }

    private static func pairs(_ lines: [ArraySlice<UInt8>]) -> [String: String] {
        var found: [String: String] = [:]
        for line in lines.prefix(64) {
            guard let equals = line.firstIndex(of: 0x3D) else { continue }
            found[HostText.clean(line[..<equals], limit: 64)] =
                HostText.clean(line[(equals + 1)...])
        }
        return found
    }

    /// The first line is the header; the next one may be the end of a row that was cut.
    private static func lastRow(_ lines: [ArraySlice<UInt8>]) -> MonitorRow? {
        var reader = MonitorLogReader()
        var last: MonitorRow?
        for line in lines.prefix(8) {
            for byte in line {
                if case .row(let row)? = reader.push(byte) { last = row }
            }
            if case .row(let row)? = reader.push(0x0A) { last = row }
        }
        return last
    }
}

/// One entry of the journal's JSON. A text with bytes that are no UTF-8 comes as numbers.
private struct JournalEntry: Decodable {
    var time: Double?
    var priority: Int?
    var unit = ""
    var text: String

    private enum CodingKeys: String, CodingKey {
        case time = "__REALTIME_TIMESTAMP"
        case priority = "PRIORITY"
        case message = "MESSAGE"
        case about = "UNIT"
        case from = "_SYSTEMD_UNIT"
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        // Fields of another kind than expected are as good as none.
        func word(_ key: CodingKeys) -> String? { try? values.decode(String.self, forKey: key) }
        if let message = word(.message) {
            text = HostText.clean(message.utf8)
        } else {
            text = HostText.clean(try values.decode([UInt8].self, forKey: .message))
        }
        time = word(.time).flatMap { HostText.natural($0) }.map { Double($0) / 1e6 }
        priority = word(.priority).flatMap { HostText.natural($0) }
        let name = word(.about) ?? word(.from) ?? ""
        unit = HostText.clean(name.utf8, limit: 256)
    }
}
