import Foundation
import Glibc
import Health
import Reports
import Synchronization

/// Looks at the fleet again and again, and draws the table in one place of the terminal.
struct HealthWatch: Sendable {
    let round: HealthRound
    let pause: Duration
    /// How soon what is drawn follows a round, and the terminal's size.
    private static let glance = Duration.milliseconds(250)

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
        // The shell's prompt gets a line of its own, below what is drawn.
        round.console.result("")
        switch ending {
        case .finished(let health), .interrupted(let health): return health
        }
    }

    private func rounds() async -> FleetHealth {
        let last = Last()
        await withTaskGroup { group in
            group.addTask { await look(last) }
            group.addTask { await keepDrawn(last) }
        }
        return last.health
            ?? FleetHealth(fleet: round.chosen.fleet.name, takenAt: Date(), hosts: [])
    }

    /// One round after the other, until the task is cancelled.
    private func look(_ last: Last) async {
        while !Task.isCancelled {
            let health = await round.run()
            // A round that was cut short tells nothing of the hosts.
            if Task.isCancelled { break }
            round.record(health)
            last.health = health
            do { try await Task.sleep(for: pause) } catch { break }
        }
    }

    /// Draws each round, and draws again where the terminal has got another size meanwhile.
    private func keepDrawn(_ last: Last) async {
        var drawn: (at: Date, size: Screen.Size)?
        while !Task.isCancelled {
            let size = Screen.size
            if let health = last.health, drawn?.at != health.takenAt || drawn?.size != size {
                draw(health, size)
                drawn = (health.takenAt, size)
            }
            do { try await Task.sleep(for: Self.glance) } catch { break }
        }
    }

    private func draw(_ health: FleetHealth, _ size: Screen.Size) {
        let lines = HealthTable.lines(
            health, now: health.takenAt, styling: Self.isTerminal ? .ansi : .plain)
        let head =
            "\(health.fleet), \(Self.clock(health.takenAt)), every \(pause.components.seconds) s; "
            + "Ctrl-C ends"
        round.console.result(Screen.frame([DisplayText.printable(head), ""] + lines, size: size))
    }

    /// `17:04:09`, by this machine's clock.
    static func clock(_ date: Date, _ calendar: Calendar = .current) -> String {
        let parts = calendar.dateComponents([.hour, .minute, .second], from: date)
        return [parts.hour, parts.minute, parts.second]
            .map { String(($0 ?? 0) + 100).dropFirst() }.joined(separator: ":")
    }

    /// The last whole round.
    private final class Last: Sendable {
        private let held = Mutex<FleetHealth?>(nil)

        var health: FleetHealth? {
            get { held.withLock { $0 } }
            set { held.withLock { $0 = newValue } }
        }
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
