import Foundation
import Glibc
import Testing

/// A program on a pseudo-terminal, as a person has it before them.
public final class Terminal {
    /// Its process id.
    public let id: pid_t
    private let side: Int32
    private var seen: [UInt8] = []
    private var waited: Int32?
    /// TIOCSPTLCK and TIOCGPTN of asm-generic/ioctls.h.
    private static let (setLock, getNumber) = (UInt(0x4004_5431), UInt(0x8004_5430))

    /// Why there is no terminal.
    public struct Failure: Error {
        /// What failed.
        public var step: String
    }

    /// Starts a program on a new pseudo-terminal of 24 rows and 120 columns.
    public init(_ argv: [String], environment: [String: String] = [:]) throws {
        // What posix_openpt and its like do, which this C module does not have.
        let side = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var (locked, number): (Int32, UInt32) = (0, 0)
        guard side >= 0, ioctl(side, Self.setLock, &locked) == 0,
            ioctl(side, Self.getNumber, &number) == 0
        else { throw Failure(step: "/dev/ptmx") }
        var size = winsize(ws_row: 24, ws_col: 120, ws_xpixel: 0, ws_ypixel: 0)
        guard ioctl(side, UInt(TIOCSWINSZ), &size) == 0 else { throw Failure(step: "TIOCSWINSZ") }
        // What is read here never waits: `says` looks again until its deadline.
        guard fcntl(side, F_SETFL, O_NONBLOCK) == 0 else { throw Failure(step: "O_NONBLOCK") }
        self.side = side
        var settings = ChildSettings()
        let path = "/dev/pts/\(number)"
        settings.input = .file(path)
        settings.output = .file(path)
        settings.errorOutput = .file(path)
        settings.environment = environment
        // A session of its own, whose terminal this becomes.
        id = try startChild(["setsid", "--ctty", "--wait"] + argv, settings)
    }

    deinit {
        if isRunning {
            kill(id, SIGKILL)
            var status: Int32 = 0
            waitpid(id, &status, 0)
        }
        close(side)
    }

    /// Everything that was printed so far.
    public var text: String {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(side, &buffer, buffer.count)
            guard count > 0 else { break }
            seen += buffer[..<count]
        }
        return String(decoding: seen, as: UTF8.self)
    }

    /// Gives it another size, which the program is told (SIGWINCH).
    public func resize(rows: UInt16, columns: UInt16) throws {
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        guard ioctl(side, UInt(TIOCSWINSZ), &size) == 0 else { throw Failure(step: "TIOCSWINSZ") }
    }

    /// Types this.
    public func type(_ text: String) {
        let bytes = Array(text.utf8)
        // Less than the terminal's own buffer of 4096 bytes.
        precondition(write(side, bytes, bytes.count) == bytes.count, "the terminal is gone")
    }

    /// Waits until it has printed this, in what came after the last such wait.
    public func says(_ text: String, deadline: Duration = .seconds(30)) async throws {
        try await waitUntil("the terminal shows '\(text)'", deadline: deadline) {
            let fresh = String(self.text.dropFirst(passed))
            guard let found = fresh.range(of: text) else { return false }
            passed += fresh.distance(from: fresh.startIndex, to: found.upperBound)
            return true
        }
    }

    private var passed = 0

    /// Its exit status once it has ended, 128 + n where signal n ended it.
    public func status(within deadline: Duration = .seconds(60)) async throws -> Int32 {
        try await waitUntil("process \(id) ends", deadline: deadline) {
            _ = text
            return !isRunning
        }
        let status = waited ?? 0
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    }

    private var isRunning: Bool {
        if waited != nil { return false }
        var status: Int32 = 0
        guard waitpid(id, &status, WNOHANG) == id else { return true }
        waited = status
        return false
    }
}
