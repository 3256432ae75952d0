import ArgumentParser
import Foundation
import HTMLReport
import Health
import Inventory
import Reports

/// `fleetctl report`: everything that is known of the fleet, as one HTML file.
struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Writes what is known of the fleet into one HTML file.",
        discussion: """
            The file needs nothing else: no server, no network, no JavaScript. It shows what is wrong \
            and since when, each host with its services, what the audit found, the releases, and \
            charts: disk and memory from this machine's history, battery, power and generator from \
            the monitor's CSV files.

            Each host is asked for its health, audited and asked for its releases; one with a monitor \
            for the monitor's CSV files of these days too, one command each. Of a host that does not \
            answer the report says so. The file is for its owner alone \
            (mode 0600), since it names processes, users and paths.

            EXIT STATUS: 0 written; 3 written, and some hosts did not tell everything; 1 not \
            written, or no host answered; 64 usage; 77 no host let us in.
            """)

    @OptionGroup var base: BaseOptions
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var connection: ConnectionOptions

    @Option(name: .long, help: "The file to write; `-` for standard output.", completion: .file())
    var html: String

    @Option(name: .long, help: "How many days the charts look back, 1 to 3660.")
    var days: Int = 30

    @Option(
        name: .long, parsing: .singleValue,
        help: "A CSV file of this machine, beside those of the hosts' monitors; may be repeated.",
        completion: .file())
    var csv: [String] = []

    @Option(name: .long, help: "The file's mode, octal: 0640.")
    var mode: String = "0600"

    func validate() throws {
        guard !html.isEmpty else { throw ValidationError("--html takes a file, or -") }
        guard (1...3660).contains(days) else {
            throw ValidationError("--days takes a number from 1 to 3660")
        }
        guard let mode = fileMode, mode & 0o600 == 0o600, mode <= 0o777 else {
            throw ValidationError("--mode takes an octal mode that its owner may read and write")
        }
    }

    private var fileMode: mode_t? { mode_t(mode, radix: 8) }

    func run() async throws {
        let console = Console(base)
        let chosen = try loadSelection(base, selection)
        let now = Date()
        let clock = ReportClock(.current)
        let files = try readFiles(console)
        let gatherer = ReportGatherer(
            chosen: chosen, base: base, connection: connection, console: console)
        let (report, failures) = await gatherer.gather(
            days: days, now: now, clock, files: files)
        try write(report.html(clock), console)
        let code = FleetExit.forHosts(chosen.hosts.count, failures: failures)
        if code != .success { throw code.error }
    }

    private func readFiles(_ console: Console) throws -> PlantFiles {
        do {
            return try PlantFiles.local(csv)
        } catch {
            console.error("\(error)")
            throw FleetExit.usage.error
        }
    }

    private func write(_ page: [UInt8], _ console: Console) throws {
        if html == "-" {
            // Unlike talk, a result that was not written whole is a failure.
            try FileHandle.standardOutput.write(contentsOf: Data(page))
            return
        }
        do throws(AtomicFile.Failure) {
            try AtomicFile.write(page, to: html, mode: fileMode ?? 0o600)
        } catch {
            console.error("\(error)")
            throw FleetExit.failed.error
        }
        console.say("wrote \(html), \(page.count / 1024) KiB")
    }
}
