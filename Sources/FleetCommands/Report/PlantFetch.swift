import Foundation
import HTMLReport
import Health
import Inventory
import ReleasePacker
import RemoteOps
import Reports

/// Fetches the CSV files that the monitors on a host wrote in the last days, in one exec. The host
/// is not trusted: bytes, files and complaints are bounded, and what it says is text.
struct PlantFetch: Sendable {
    /// Most bytes of files from one host, before they are compressed: two months of a row each 30 s.
    static let bytesMax = 16 << 20
    /// Most files of a folder: one a day for more than a year.
    static let filesMax = 400
    /// A slow link takes minutes for it; nobody waits for a report as for an alarm.
    static let deadline = Duration.seconds(240)

    /// A monitor of an inventory.
    struct Monitor: Sendable, Equatable {
        var host: String
        var service: String
        var folder: String
        var name: String { "\(host), \(service)" }
    }

    /// What one of them has.
    struct Fetched: Sendable {
        var monitor: Monitor
        var files = PlantFiles()
        var notes: [String] = []
    }

    /// Why nothing came.
    enum Failure: Error {
        case remote(RemoteError)
        case script(CommandResult)
        case answer(CSVAnswerParser.Failure)
        case compression(Inflater.Failure)

        var text: String {
            switch self {
            case .remote(let error): error.summary
            case .script(let result):
                "the script ended with \(result.status.text): \(result.errorText)"
            case .answer(.notFiles(let line)): "its answer begins with '\(line.printable)'"
            case .answer(.cutOff), .compression(.cutOff): "its answer breaks off"
            case .compression(.damaged): "what it compressed is damaged"
            case .compression(.tooLarge): "it sent more than was asked for"
            }
        }
    }

    let chosen: Selection
    let connections: Connections
    /// The first and the last day, as the files' names have them.
    let days: (from: String, to: String)

    /// A fetch of the files of these times, in seconds since 1970; of a day more at both ends, since
    /// the hosts' days are those of their own time zones.
    init(chosen: Selection, connections: Connections, times: ClosedRange<Double>) {
        self.chosen = chosen
        self.connections = connections
        let clock = ReportClock(.gmt)
        days = (
            clock.dateDigits(times.lowerBound - 86_400), clock.dateDigits(times.upperBound + 86_400)
        )
    }

    /// The monitors of a host whose files have a known place.
    static func monitors(on host: Host, _ chosen: Selection) -> [Monitor] {
        HealthSubject(host, services: chosen.services(on: host.name)).services.compactMap {
            guard case .monitor(let folder, _) = $0.role else { return nil }
            return Monitor(host: host.name.text, service: $0.name, folder: folder)
        }
    }

    /// The files of a host's monitors; nothing is asked of a host without one.
    func fetch(_ host: Host) async throws(Failure) -> [Fetched] {
        let monitors = Self.monitors(on: host, chosen)
        let folders = Set(monitors.map(\.folder))
        guard !folders.isEmpty else { return [] }
        let answer = try await ask(host, folders.sorted())
        return monitors.map { Self.fetched($0, answer.folders[$0.folder]) }
    }

    private func ask(_ host: Host, _ folders: [String]) async throws(Failure) -> CSVAnswer {
        let words =
            [
                days.from, days.to, "\(Self.bytesMax / folders.count)", "\(Self.filesMax)",
            ] + folders
        var options = RunOptions(deadline: Self.deadline)
        // Each line comes with a mark before it; most lines have a hundred bytes.
        options.outputLimit = Self.bytesMax * 2
        let result: CommandResult
        do throws(RemoteError) {
            let session = try await connections.host(host.name)
            result = try await session.run(
                .script([], as: host.privilege == .unprivileged ? .login : .root),
                input: .bytes(RemoteScripts.input(RemoteScripts.csv, words)), options: options)
        } catch {
            throw .remote(error)
        }
        guard result.succeeded else { throw .script(result) }
        return try Self.answer(in: result.output, folders)
    }

    /// The answer in what a host printed.
    static func answer(
        in output: [UInt8], _ folders: [String]
    ) throws(Failure) -> CSVAnswer {
        let head: (encoding: CSVAnswerParser.Encoding, records: ArraySlice<UInt8>)
        do throws(CSVAnswerParser.Failure) {
            head = try CSVAnswerParser.head(output)
        } catch {
            throw .answer(error)
        }
        let records = head.encoding == .plain ? head.records : try expand(head.records)
        do throws(CSVAnswerParser.Failure) {
            return try CSVAnswerParser.parse(
                records, folders: Set(folders), filesMax: filesMax)
        } catch {
            throw .answer(error)
        }
    }

    private static func expand(_ bytes: ArraySlice<UInt8>) throws(Failure) -> ArraySlice<UInt8> {
        do throws(Inflater.Failure) {
            return try Inflater.expand(bytes, limit: bytesMax * 2)[...]
        } catch {
            throw .compression(error)
        }
    }

    /// A monitor's files, and what is to be said of them, in what its host sent.
    static func fetched(_ monitor: Monitor, _ folder: CSVAnswer.Folder?) -> Fetched {
        var fetched = Fetched(monitor: monitor)
        guard let folder else {
            fetched.notes = ["The host said nothing of \(monitor.folder)."]
            return fetched
        }
        fetched.files.files = folder.files.map {
            PlantFiles.File(name: "\(monitor.host): \($0.name)", bytes: Data($0.bytes))
        }
        fetched.notes = notes(folder, in: monitor.folder)
        return fetched
    }

    private static func notes(_ folder: CSVAnswer.Folder, in path: String) -> [String] {
        var notes = folder.unread.map { "Not read: \($0)." }
        if folder.files.isEmpty, notes.isEmpty {
            notes.append("There is no file of these days in \(path).")
        }
        notes += folder.files.filter(\.isCut).map { "Of \($0.name) only the end was fetched." }
        if folder.left > 0 {
            notes.append(
                "\(folder.left) older files were left on the host: it sends at most "
                    + "\(bytesMax >> 20) MiB and \(filesMax) files.")
        }
        return notes
    }
}
