// Runs the lab script with a deadline. Blocking reads and waits happen on threads of their own, so
// that the tests' few concurrency threads stay free for the code under test.

import Foundation
import Glibc
import TestSupport

/// A child process whose two outputs come through one channel.
final class LabProcess: Sendable {
    /// Bytes kept of a command's output.
    private static let outputLimit = 16 << 20
    private static let chunk = 64 << 10
    private static let lineLimit = 4096
    private static let endDeadline: Duration = .seconds(10)

    private let process: pid_t
    private let output: Int32
    private let state = State()

    private init(process: pid_t, output: Int32) {
        self.process = process
        self.output = output
    }

    deinit { close(output) }

    /// Runs a command to its end.
    static func run(
        _ arguments: [String], input: String, deadline: Duration
    ) async throws -> LabResult {
        try await onThread {
            let process = try start(arguments, input: input)
            return try process.finish(deadline: deadline, name: arguments.joined(separator: " "))
        }
    }

    /// Starts a command in a process group of its own.
    static func start(_ arguments: [String], input: String = "") throws -> LabProcess {
        // An unlinked file: nobody has to feed it.
        guard let standardInput = tmpfile() else { throw failure("tmpfile") }
        defer { fclose(standardInput) }
        let bytes = Array(input.utf8)
        guard fwrite(bytes, 1, bytes.count, standardInput) == bytes.count else {
            throw failure("fwrite")
        }
        rewind(standardInput)
        return try start(arguments, reading: fileno(standardInput))
    }

    /// Starts a command that is talked to: what is written to the handle is its input.
    static func startTalking(_ arguments: [String]) throws -> (LabProcess, FileHandle) {
        let ends = try socketPair()
        let near = FileHandle(fileDescriptor: ends.near, closeOnDealloc: true)
        defer { close(ends.far) }
        return (try start(arguments, reading: ends.far), near)
    }

    // Not pipe(2): its ends would leak into a child that another thread starts just now, and the
    // output would not end before that child does.
    private static func socketPair() throws -> (near: Int32, far: Int32) {
        var ends: [Int32] = [-1, -1]
        let stream = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, stream, 0, &ends) == 0 else { throw failure("socketpair") }
        return (ends[0], ends[1])
    }

    private static func start(
        _ arguments: [String], reading standardInput: Int32
    ) throws -> LabProcess {
        let ends = try socketPair()
        defer { close(ends.far) }
        var settings = ChildSettings()
        settings.input = .descriptor(standardInput)
        settings.output = .descriptor(ends.far)
        settings.errorOutput = .descriptor(ends.far)
        settings.leadsGroup = true
        do {
            return LabProcess(process: try startChild(arguments, settings), output: ends.near)
        } catch {
            close(ends.near)
            throw error
        }
    }

    /// The next line that it prints, without its end; nil where it ended or said nothing in time.
    func line(deadline: Duration) async throws -> String? {
        try await onThread { [self] in
            var bytes: [UInt8] = []
            let end = ContinuousClock.now + deadline
            while bytes.count < Self.lineLimit, let more = try read(upTo: 1, until: end) {
                guard let byte = more.first, byte != UInt8(ascii: "\n") else { break }
                bytes.append(byte)
            }
            return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
        }
    }

    /// Asks it to end and waits; ends it by force where it does not.
    func end() async throws {
        guard state.takeRunning() else { return }
        kill(process, SIGTERM)
        _ = try await onThread { [self] in
            try finish(deadline: Self.endDeadline, name: "the process being ended")
        }
    }

    /// Asks it to end without waiting: nothing waits for it afterwards but the kernel.
    func interrupt() {
        if state.takeRunning() { kill(process, SIGTERM) }
    }

    private func finish(deadline: Duration, name: String) throws -> LabResult {
        _ = state.takeRunning()
        let end = ContinuousClock.now + deadline
        var bytes: [UInt8] = []
        while let more = try read(upTo: Self.chunk, until: end), bytes.count < Self.outputLimit {
            if more.isEmpty { break }
            bytes += more
        }
        let isLate = ContinuousClock.now >= end
        if isLate { kill(-process, SIGKILL) }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        let output = String(decoding: bytes, as: UTF8.self)
        guard !isLate else {
            throw LabError(message: "\(name): not done within \(deadline); so far:\n\(output)")
        }
        let signal = status & 0x7f
        return LabResult(
            status: signal == 0 ? Int(status >> 8) & 0xff : 128 + Int(signal), output: output)
    }

    /// Empty at the end of the output, nil when the time is over.
    private func read(upTo count: Int, until end: ContinuousClock.Instant) throws -> [UInt8]? {
        while true {
            let left = ContinuousClock.now.duration(to: end).milliseconds
            guard left > 0 else { return nil }
            var poller = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            let ready = poll(&poller, 1, Int32(min(left.rounded(.up), 1_000_000)))
            if ready == 0 || (ready < 0 && errno == EINTR) { continue }
            guard ready > 0 else { throw Self.failure("poll") }
            var buffer = [UInt8](repeating: 0, count: count)
            let length = Glibc.read(output, &buffer, count)
            guard length >= 0 else { throw Self.failure("read") }
            return Array(buffer.prefix(length))
        }
    }

    private static func failure(_ call: String) -> LabError {
        let code = errno
        return LabError(message: "\(call): \(String(cString: strerror(code)))")
    }

    /// Whether somebody still has to end the process.
    private final class State: @unchecked Sendable {
        // `running` is only touched under the lock.
        private let lock = NSLock()
        private var running = true

        func takeRunning() -> Bool {
            lock.withLock {
                defer { running = false }
                return running
            }
        }
    }
}
