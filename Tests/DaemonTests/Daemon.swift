// The real daemons as the tests start them.

import Foundation
import LabSupport
import TestSupport
import Testing

/// Where this test run's own products are.
enum Products {
    /// The folder that the test bundle was built into.
    static var folder: String {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().path
    }

    /// The sources that it was built from.
    static var sources: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources").path
    }

    static func path(_ product: String) throws -> String {
        let path = folder + "/" + product
        try #require(FileManager.default.isExecutableFile(atPath: path), "\(path) is not built")
        return path
    }

    /// Puts a product into a folder of a host that `shell` reaches. The host's own build needs the
    /// toolchain's libraries beside it; the boards' builds do not.
    static func install(
        _ product: String, to folder: String, by shell: [String],
        environment: [String: String] = [:]
    ) async throws {
        let result = try await spawn(
            [
                "sh", "-c",
                """
                set -e
                product=$1 folder=$2
                shift 2
                libraries=$(ldd "$product" |
                    sed -n '/^[[:space:]]*lib[cm][.]/d; s/.* => \\([/][^ ]*\\) .*/\\1/p')
                tar -ch --transform 's,.*/,,' "$product" $libraries 2>/dev/null |
                    "$@" "mkdir -p '$folder' && tar -xC '$folder'"
                """, "sh", try path(product), folder,
            ] + shell, environment: environment, deadline: .seconds(60))
        try #require(result.status == 0, "\(result.errorText)")
    }
}

/// A daemon that runs.
final class Daemon {
    let program: Program

    init(_ product: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        program = try Program(
            [try Products.path(product)] + arguments, environment: environment)
    }

    init(path: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        program = try Program([path] + arguments, environment: environment)
    }

    /// What it said on both outputs.
    var output: String { program.text + program.errorText }

    func signal(_ number: Int32) { kill(program.id, number) }

    /// Its exit status once it has ended.
    func status(within deadline: Duration = .seconds(30)) async throws -> Int32 {
        try await program.status(within: deadline)
    }
}

/// gen-server on a simulated bus and a port of its own.
final class Server {
    static let quick = [
        "--reset", "0.1", "--ignition", "0.4", "--crank", "1", "--glow-crank", "0.2", "--coast",
        "0.4", "--warm-up", "0.2", "--stabilise", "0.2", "--cooldown", "0.5", "--sim-catch", "0.1",
        "--rest", "0.05",
    ]

    let daemon: Daemon
    let port: UInt16

    init(_ arguments: [String] = Server.quick) async throws {
        daemon = try Daemon(
            "gen-server", ["--bus", "sim", "--host", "127.0.0.1", "--port", "0"] + arguments)
        let daemon = daemon
        try await waitUntil("gen-server listens", deadline: .seconds(30)) {
            daemon.output.contains("listens on") || !daemon.program.isRunning
        }
        let after = daemon.output.components(separatedBy: "listens on 127.0.0.1:").last ?? ""
        port = try #require(UInt16(after.prefix { $0.isNumber }), "\(daemon.output)")
    }

    func client() async throws -> Client {
        let client = try Client(port: port)
        #expect(try await client.line() == "GENNY SERVER READY")
        return client
    }

    /// A value of STATUS, asked on a connection of its own.
    func status(_ key: String) async throws -> String? {
        let client = try await client()
        client.send("STATUS\n")
        let lines = try await client.lines(until: "END")
        return lines.first { $0.hasPrefix(key + ": ") }.map { String($0.dropFirst(key.count + 2)) }
    }

    func reach(_ state: String) async throws {
        try await waitUntil("state \(state)", deadline: .seconds(30)) {
            try await status("STATE") == state
        }
    }
}

/// A plain TCP client, as an old program would be.
final class Client {
    private let socket: Int32
    private var buffer: [UInt8] = []
    private(set) var isClosed = false

    init(port: UInt16) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in.loopback(port)
        let result = address.withPointer { connect(socket, $0, $1) }
        try #require(result == 0, "connect to \(port): errno \(errno)")
        _ = fcntl(socket, F_SETFL, O_NONBLOCK)
    }

    deinit { close(socket) }

    func send(_ text: String) { send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) {
        #expect(Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count)
    }

    /// Sends all of it, reading meanwhile what the server says: one who reads nothing is not heard.
    func sendAll(_ bytes: ArraySlice<UInt8>) async throws {
        var rest = bytes
        try await waitUntil("the server takes everything", deadline: .seconds(60)) {
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes {
                    Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else {
                    try #require(errno == EAGAIN)
                    poll()
                    return false
                }
                rest = rest.dropFirst(count)
            }
            return true
        }
    }

    /// Forgets all that the server says up to this text, its latest.
    func skip(past text: String) async throws {
        let end = Array(text.utf8)
        try await waitUntil(text, deadline: .seconds(60)) {
            poll()
            return buffer.suffix(end.count).elementsEqual(end) || isClosed
        }
        try #require(!isClosed, "closed before \(text)")
        buffer.removeAll()
    }

    /// No more from this side.
    func finish() { shutdown(socket, Int32(SHUT_WR)) }

    /// Takes what has arrived.
    func poll() {
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(socket, &chunk, chunk.count)
            if count > 0 {
                buffer += chunk[..<count]
            } else {
                isClosed = isClosed || count == 0 || errno != EAGAIN
                return
            }
        }
    }

    /// The next line, without LF.
    func line(deadline: Duration = .seconds(30)) async throws -> String {
        var end: Int?
        try await waitUntil(
            "a line; so far \(String(decoding: buffer, as: UTF8.self))", deadline: deadline
        ) {
            poll()
            end = buffer.firstIndex(of: 10)
            return end != nil || isClosed
        }
        let place = try #require(end, "closed before a line")
        defer { buffer.removeSubrange(...place) }
        return String(decoding: buffer[..<place], as: UTF8.self)
    }

    func lines(until last: String) async throws -> [String] {
        var lines: [String] = []
        repeat { lines.append(try await line()) } while lines.last != last
        return lines
    }

    func ask(_ command: String) async throws -> String {
        send(command + "\n")
        return try await line()
    }

    func waitUntilClosed() async throws {
        try await waitUntil("the server closes", deadline: .seconds(30)) {
            poll()
            return isClosed
        }
    }

    /// Whether nothing is waiting to be read.
    var isQuiet: Bool {
        poll()
        return buffer.isEmpty
    }
}
