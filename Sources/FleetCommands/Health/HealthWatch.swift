import Foundation
import Glibc
import Health
import Reports

/// Looks at the fleet again and again, and draws the table in one place of the terminal.
struct HealthWatch: Sendable {
    let round: HealthRound
    let pause: Duration

    /// Whether results go to a terminal that wants colours.
    static var isTerminal: Bool {
        let environment = ProcessInfo.processInfo.environment
        return isatty(STDOUT_FILENO) == 1 && environment["NO_COLOR", default: ""].isEmpty
    }

    /// Goes on until Ctrl-C.
    ///
    /// - Returns: the last round.
    func run() async throws -> FleetHealth {
        guard isatty(STDOUT_FILENO) == 1 else {
            round.console.error("--watch needs a terminal; for programs there is -o json")
            throw FleetExit.usage.error
        }
        let ending = await Interruption.watching { await rounds() }
        switch ending {
        case .finished(let health), .interrupted(let health): return health
        }
    }

    private func rounds() async -> FleetHealth {
        var last = FleetHealth(fleet: round.chosen.fleet.name, takenAt: Date(), hosts: [])
        while !Task.isCancelled {
            let health = await round.run()
            // A round that was cut short tells nothing of the hosts.
            if Task.isCancelled { break }
            round.record(health)
            last = health
            draw(health)
            do { try await Task.sleep(for: pause) } catch { break }
        }
        return last
    }

    private func draw(_ health: FleetHealth) {
        let lines = HealthTable.lines(
            health, now: health.takenAt, styling: Self.isTerminal ? .ansi : .plain)
        let clock = health.takenAt.formatted(date: .omitted, time: .standard)
        let head = "\(health.fleet), \(clock), every \(pause.components.seconds) s; Ctrl-C ends"
        round.console.result(
            Screen.frame([DisplayText.printable(head), ""] + lines, size: Screen.size))
    }
}

/// Drawing over what was drawn before.
enum Screen {
    /// Rows and columns.
    struct Size: Equatable { var rows: Int, columns: Int }

    /// The terminal's; the usual one where it does not tell.
    static var size: Size {
        var window = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &window) == 0, window.ws_row > 0,
            window.ws_col > 0
        else { return Size(rows: 24, columns: 80) }
        return Size(rows: Int(window.ws_row), columns: Int(window.ws_col))
    }

    /// The lines from the top of the screen, each cleared to its end, as many as there is room for,
    /// and everything below cleared (ECMA-48: CUP, EL, ED). No line end behind the last.
    static func frame(_ lines: [String], size: Size) -> String {
        let room = max(1, size.rows - 1)
        var shown = lines.prefix(room).map { cut($0, size.columns) }
        if lines.count > room {
            shown[shown.count - 1] = cut("… \(lines.count - room + 1) more lines", size.columns)
        }
        return "\u{1B}[H" + shown.map { $0 + "\u{1B}[K" }.joined(separator: "\n") + "\u{1B}[J"
    }

    /// As much of a line as fits; codes of colours take no room.
    private static func cut(_ line: String, _ columns: Int) -> String {
        var text = ""
        var used = 0
        var isCode = false
        for character in line {
            if character == "\u{1B}" { isCode = true }
            if !isCode {
                used += DisplayText.width(of: String(character))
                if used > columns { return text + "\u{1B}[0m" }
            }
            text.append(character)
            if isCode, character == "m" { isCode = false }
        }
        return text
    }
}
