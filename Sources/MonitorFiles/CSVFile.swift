// The daily CSV files. Writing them never disturbs control: a disk that is full loses rows, and
// says so once.
import MonitorLog
import Platform

/// Appends rows to `data_YYYYMMDD.csv` in a folder. The file is opened, looked at, mended and synced
/// anew for every row: rows are minutes apart, and people move and delete these files.
///
/// The day is that of the wall clock. A board without a clock writes into `data_19700101.csv` until
/// somebody has told it the time, as the older program did: those rows are in order among
/// themselves, and nothing that bears a true date is mixed with them.
public struct CSVFile {
    /// What there is to say about a row that was to be written.
    public enum Note: Sendable, Equatable {
        /// Rows are lost from now on.
        case failing(path: String, reason: String)
        /// Rows are written again.
        case working(path: String, lost: Int)
        /// A file with other columns has been given another name.
        case setAside(path: String, as: String)
        /// What a power cut left at the end of a file is gone: so many bytes.
        case mended(path: String, cut: Int64)

        /// The same as a line.
        public var text: String {
            switch self {
            case .failing(let path, let reason):
                path + ": rows are lost until this is over: " + reason
            case .working(let path, let lost):
                path + ": rows are written again; \(lost) lost"
            case .setAside(let path, let name):
                path + ": has other columns; it is now " + name
            case .mended(let path, let cut):
                path + ": its unfinished end, \(cut) bytes, is cut off"
            }
        }
    }

    /// Names that a file can be set aside under, in one day.
    private static var asideMax: Int { 99 }

    private let folder: String
    private var lost = 0

    /// Files in this folder, which must be there when a row is written.
    public init(folder: String) { self.folder = folder }

    /// Whether the latest row was lost.
    public var isFailing: Bool { lost > 0 }

    /// The file of a day.
    public func path(on day: LocalTime) -> String { folder + "/" + name(on: day) + ".csv" }

    private func name(on day: LocalTime) -> String { "data_" + day.dateText }

    /// Writes the row, whole or not at all, and has it on the disk. The row is lost where that
    /// fails: it is not kept, so that nothing grows.
    public mutating func append(_ row: MonitorRow, on day: LocalTime) -> [Note] {
        let path = path(on: day)
        var notes: [Note] = []
        do throws(PosixError) {
            try put(Array(row.csvLine.utf8), on: day, &notes)
            if lost > 0 { notes.append(.working(path: path, lost: lost)) }
            lost = 0
        } catch {
            if lost == 0 { notes.append(.failing(path: path, reason: error.text)) }
            if lost < Int.max { lost += 1 }
        }
        return notes
    }

    private func put(
        _ line: [UInt8], on day: LocalTime, _ notes: inout [Note]
    ) throws(PosixError) {
        let path = path(on: day)
        var file = try DataFile(path)
        let ending: FileEnding
        if let found = try FileEnding(of: file) {
            ending = found
        } else {
            notes.append(.setAside(path: path, as: try setAside(day)))
            file = try DataFile(path)
            ending = .begin(cut: 0)
        }
        let place: Int64
        var bytes: [UInt8]
        switch ending {
        case .begin(let cut):
            (place, bytes) = (0, Array(MonitorRow.header.utf8))
            try mend(file, path, to: 0, cut: cut, &notes)
        case .append(let size, let cut, let isWhole):
            (place, bytes) = (size, isWhole ? [] : [0x0A])
            try mend(file, path, to: size, cut: cut, &notes)
        }
        bytes += line
        do throws(PosixError) {
            try file.write(bytes, at: place)
            try file.sync()
        } catch {
            try file.truncate(to: place)
            throw error
        }
    }

    private func mend(
        _ file: DataFile, _ path: String, to size: Int64, cut: Int64, _ notes: inout [Note]
    ) throws(PosixError) {
        guard cut > 0 else { return }
        try file.truncate(to: size)
        notes.append(.mended(path: path, cut: cut))
    }

    /// Gives the file of that day a name that is free.
    private func setAside(_ day: LocalTime) throws(PosixError) -> String {
        for number in 1...Self.asideMax {
            let name = name(on: day) + ".old-\(number).csv"
            if TextFile.exists(folder + "/" + name) { continue }
            try FilePath.rename(path(on: day), to: folder + "/" + name)
            return name
        }
        throw PosixError.nameTaken("set " + name(on: day) + " aside")
    }
}
