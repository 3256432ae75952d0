import MonitorLog
import Platform

/// How a daily file ends, and so where the next row goes.
enum FileEnding: Equatable {
    /// There is nothing, or half a header: the header comes first. `cut` bytes go.
    case begin(cut: Int64)
    /// The next row goes to `size`; `cut` bytes behind it go. A last line that lacks its line end
    /// alone is not whole, and gets one.
    case append(size: Int64, cut: Int64, isWhole: Bool)

    /// Bytes that are looked through at once. A row is a tenth of that, and one is nearly always
    /// enough: more would be memory that the process keeps for nothing.
    private static var chunk: Int { 1024 }
    /// What a power cut leaves behind is shorter: a longer end is looked at by a person.
    private static var searchMax: Int64 { 1 << 20 }

    /// Looks at the beginning and the end of the file. Nil where it is none of ours: another
    /// header, or an end that no row of ours explains.
    init?(of file: DataFile) throws(PosixError) {
        let size = try file.size()
        let header = Array(MonitorRow.header.utf8)
        // ext4 gives a file its length before its content: after a power cut the rest is NULs.
        guard let used = try Self.lastPlace(in: file, before: size, where: { $0 != 0 }) else {
            guard size <= Self.searchMax else { return nil }
            self = .begin(cut: size)
            return
        }
        let start = try file.read(at: 0, count: Int(min(Int64(header.count) + 1, used)))
        if used < header.count, header.starts(with: start) {
            self = .begin(cut: size)
            return
        }
        // Python writes CR LF; the two may be mixed.
        let crlf = Array(header.dropLast()) + [0x0D, 0x0A]
        if used < crlf.count, crlf.starts(with: start) {
            self = .begin(cut: size)
            return
        }
        guard start.starts(with: header) || start.starts(with: crlf),
            let end = try Self.lastPlace(in: file, before: used, where: { $0 == 0x0A })
        else { return nil }
        self = try Self.lastLine(of: file, from: end, to: used, size)
    }

    private static func lastLine(
        of file: DataFile, from end: Int64, to used: Int64, _ size: Int64
    ) throws(PosixError) -> FileEnding {
        guard end < used, used - end <= Int64(MonitorLogReader.lineLimit) else {
            return .append(size: end, cut: size - end, isWhole: true)
        }
        var line = try file.read(at: end, count: Int(used - end))
        if line.last == 0x0D { line.removeLast() }
        if MonitorRow.isWhole(line) {
            return .append(size: used, cut: size - used, isWhole: false)
        }
        return .append(size: end, cut: size - end, isWhole: true)
    }

    /// The place behind the last such byte before `limit`; nil where there is none near enough.
    private static func lastPlace(
        in file: DataFile, before limit: Int64, where matches: (UInt8) -> Bool
    ) throws(PosixError) -> Int64? {
        var end = limit
        while end > 0, limit - end <= searchMax {
            let start = max(0, end - Int64(chunk))
            let bytes = try file.read(at: start, count: Int(end - start))
            if let index = bytes.lastIndex(where: matches) { return start + Int64(index) + 1 }
            end = start
        }
        return nil
    }
}
