import Foundation
import HTMLReport

/// CSV files of a monitor, from this machine and from a host, to be read as one record.
struct PlantFiles: Sendable {
    /// Why a file cannot be read.
    struct Failure: Error, CustomStringConvertible {
        var path: String
        var reason: String
        var description: String { "\(path): \(reason)" }
    }

    /// One file.
    struct File: Sendable {
        /// For complaints.
        var name: String
        var bytes: Data
    }

    var files: [File] = []

    /// Files of this machine.
    static func local(_ paths: [String]) throws(Failure) -> PlantFiles {
        var files = PlantFiles()
        for path in paths {
            do {
                // Mapped: a file of years need not fit the memory.
                let bytes = try Data(
                    contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
                files.files.append(File(name: (path as NSString).lastPathComponent, bytes: bytes))
            } catch {
                throw Failure(path: path, reason: error.localizedDescription)
            }
        }
        return files
    }

    /// Reads the files in the order of their first rows, whatever order they came in; of their rows
    /// those within `times`, in seconds since 1970.
    func record(_ clock: ReportClock, within times: ClosedRange<Double>) -> PlantRecord {
        let sorted = files.map { (PlantRecord.begin($0.bytes, clock) ?? .infinity, $0) }
            .sorted { $0.0 < $1.0 }
        var record = PlantRecord(clock)
        for (_, file) in sorted { record.add(file.name, file.bytes, within: times) }
        return record
    }
}
