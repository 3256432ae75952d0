/// Reads what `readings.sh` printed. The host is not trusted: what makes no sense is left out, never
/// guessed; lines, lengths and counts have limits.
public enum ReadingsParser {
    /// Why the answer cannot be used.
    public enum Failure: Error, Sendable, Equatable {
        /// It does not begin as it must; its first line.
        case notReadings(String)
        /// It breaks off, or has more lines than are looked at.
        case cutOff
    }

    /// Lines that are looked at; a host with everything has a tenth of them.
    static let linesMax = 60_000
    /// Bytes of a line that are looked at.
    static let lineMax = 8192
    /// The first line.
    public static let head = "fleet-readings\t1"

    /// The readings in the script's output.
    public static func parse(_ output: [UInt8]) throws(Failure) -> HostReadings {
        let lines = output.split(
            separator: 0x0A, maxSplits: linesMax, omittingEmptySubsequences: true)
        guard let first = lines.first, first.elementsEqual(head.utf8) else {
            throw .notReadings(HostText.clean(lines.first ?? [], limit: 120))
        }
        guard lines.last?.elementsEqual("end".utf8) == true else { throw .cutOff }
        var raw = RawReadings()
        for line in lines.dropFirst() { raw.take(line.prefix(lineMax)) }
        return raw.readings
    }
}

/// The answer's parts, as they come: small files, and records with the lines behind them.
struct RawReadings {
    struct Record {
        var key: String
        var values: [String]
        /// The service that it belongs to; empty before the first.
        var service: String
        var lines: [ArraySlice<UInt8>] = []
    }

    /// Files and records that are kept; more is no answer of ours.
    private static let filesMax = 2000
    private static let recordsMax = 2000
    /// Lines of one file.
    private static let fileLinesMax = 1000

    /// The lines of each file, by its path.
    private(set) var files: [String: [String]] = [:]
    private(set) var records: [Record] = []
    private var service = ""

    mutating func take(_ line: ArraySlice<UInt8>) {
        if line.first == 0x7C {
            guard !records.isEmpty else { return }
            records[records.count - 1].lines.append(line.dropFirst())
        } else if let colon = line.firstIndex(of: 0x3A), Self.isPath(line[..<colon]) {
            takeFile(HostText.clean(line[..<colon]), line[(colon + 1)...])
        } else {
            let fields = line.split(separator: 0x09, omittingEmptySubsequences: false)
                .prefix(8).map { HostText.clean($0) }
            guard let key = fields.first, records.count < Self.recordsMax else { return }
            if key == "service" { service = fields.count > 1 ? fields[1] : "" }
            records.append(
                Record(key: key, values: Array(fields.dropFirst()), service: service))
        }
    }

    private mutating func takeFile(_ path: String, _ text: ArraySlice<UInt8>) {
        if files[path] == nil, files.count >= Self.filesMax { return }
        guard files[path, default: []].count < Self.fileLinesMax else { return }
        files[path, default: []].append(HostText.clean(text, limit: 1024))
    }

    /// `proc/…`, `sys/…`, `etc/…` or `run/…`, without a tabulator.
    private static func isPath(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard bytes.count < 256, !bytes.contains(0x09) else { return false }
        return ["proc/", "sys/", "etc/", "run/"].contains { bytes.starts(with: $0.utf8) }
    }

    /// The first line of a file.
    func word(_ path: String) -> String? { files[path]?.first }

    /// The first record of that kind.
    func record(_ key: String) -> Record? { records.first { $0.key == key } }

    /// Why something was not read.
    func reason(_ what: String) -> String {
        records.first { $0.key == "unread" && $0.values.first == what }?.values.dropFirst().first
            ?? HostReadings.unread
    }

    var readings: HostReadings {
        var readings = HostReadings()
        readings.takeSystem(self)
        readings.takeStorage(self)
        readings.takeHardware(self)
        readings.takeUnits(self)
        readings.takeProcesses(self)
        readings.takeServices(self)
        return readings
    }
}
