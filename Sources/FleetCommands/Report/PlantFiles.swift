import Foundation
import HTMLReport

/// The monitor's CSV files on this machine, as one record.
enum PlantFiles {
    /// Why a file cannot be read.
    struct Failure: Error, CustomStringConvertible {
        var path: String
        var reason: String
        var description: String { "\(path): \(reason)" }
    }

    /// Reads files in the order of their first rows, whatever order they were named in.
    static func read(
        _ paths: [String], _ clock: ReportClock, since: Double
    ) throws(Failure) -> PlantRecord {
        var files: [(begin: Double, path: String, bytes: Data)] = []
        for path in paths {
            let bytes: Data
            do {
                // Mapped: a file of years need not fit the memory.
                bytes = try Data(
                    contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
            } catch {
                throw Failure(path: path, reason: error.localizedDescription)
            }
            files.append((PlantRecord.begin(bytes, clock) ?? .infinity, path, bytes))
        }
        var record = PlantRecord(clock)
        for file in files.sorted(by: { $0.begin < $1.begin }) {
            record.add((file.path as NSString).lastPathComponent, file.bytes, since: since)
        }
        return record
    }
}
