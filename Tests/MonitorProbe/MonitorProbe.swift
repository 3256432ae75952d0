// Does single things that the monitor does, in a process of its own: for tests that limit what the
// process may, or that must run it somewhere else.
import Glibc
import MonitorFiles
import MonitorLog
import Platform
import SystemdNotify

@main struct MonitorProbe {
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        switch arguments.first {
        case "csv" where arguments.count > 3:
            let day = LocalTime(unixSeconds: Int64(arguments[2]) ?? 0)
            csv(folder: arguments[1], day, words: arguments[3...])
        case "journal": journal()
        default: exit(64)
        }
    }

    /// `row` appends the next row, `limit=BYTES` and `limit=none` say how long files may grow.
    private static func csv(folder: String, _ day: LocalTime, words: ArraySlice<String>) {
        signal(SIGXFSZ, SIG_IGN)
        var file = CSVFile(folder: folder)
        var limit = rlim_t.max
        var number = 0
        for word in words {
            guard word == "row" else {
                limit = rlim_t(word.dropFirst("limit=".count)) ?? rlim_t.max
                continue
            }
            number += 1
            var row = MonitorRow()
            row.timestamp = "2026-01-31T12:00:00"
            row.unixSeconds = Int64(number)
            row.stateOfChargePercent = 44
            row.generatorState = "IDLE"
            row.generatorRuns = false
            // Not while the notes are said: standard output is a file too.
            limitFiles(limit)
            let notes = file.append(row, on: day)
            limitFiles(rlim_t.max)
            for note in notes { Terminal.say(note.text) }
        }
    }

    /// A message of every kind, and what became of it.
    private static func journal() {
        Terminal.say(Journal.isConnected ? "connected" : "apart")
        let sent = Journal.send(
            "two\nlines", .warning,
            [
                .init("FLEET_STATE", "RUNNING"), .init("FLEET_TEXT", "a=b\nc\n"),
                .init("fleet_lower", "x"), .init("_PID", "1"), .init("FLEET=X", "x"),
                .init("FLEET_EMPTY", ""),
            ])
        Terminal.say(sent ? "sent" : "lost")
    }

    private static func limitFiles(_ bytes: rlim_t) {
        // glibc takes an integer where its header has an enumeration.
        let fileSize = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
        var limit = rlimit()
        guard getrlimit(fileSize, &limit) == 0 else { exit(1) }
        limit.rlim_cur = bytes
        guard setrlimit(fileSize, &limit) == 0 else { exit(1) }
    }
}
