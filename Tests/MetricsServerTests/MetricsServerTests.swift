import Foundation
import Synchronization
import TestSupport
import Testing

@testable import MetricsServer

@Suite struct MetricsServerTests {
    /// A server that greets on /metrics, for as long as the body runs.
    static func serving(
        _ limits: MetricsServer.Limits = .init(),
        body text: String = "hello\n", _ body: (MetricsServer) async throws -> Void
    ) async throws {
        let server = try await MetricsServer(host: "127.0.0.1", port: 0, limits: limits) { path in
            path == "/metrics" ? .plain(200, text) : nil
        }
        do {
            try await body(server)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    /// What a client that sends this gets until the server closes, and how long it took.
    static func exchange(_ port: Int, _ bytes: [UInt8]) async throws -> (String, Duration) {
        let start = ContinuousClock.now
        let script = """
            import socket, sys
            s = socket.create_connection(('127.0.0.1', int(sys.argv[1])), 20)
            try:
                s.sendall(sys.stdin.buffer.read())
                while True:
                    b = s.recv(65536)
                    if not b: break
                    sys.stdout.buffer.write(b)
            except (ConnectionResetError, BrokenPipeError):
                pass
            """
        let result = try await Shell.run(
            ["python3", "-c", script, "\(port)"], input: bytes, timeout: 30)
        try #require(result.status == 0, "\(result.errorText)")
        return (result.text, ContinuousClock.now - start)
    }

    static func request(_ line: String, _ headers: String = "Host: x\r\n") -> [UInt8] {
        Array("\(line) HTTP/1.1\r\n\(headers)\r\n".utf8)
    }

    static let requests: [(request: [UInt8], first: String, last: String)] = [
        (request("GET /metrics"), "HTTP/1.1 200 OK", "\r\n\r\nhello\n"),
        (request("GET /metrics?x=1"), "HTTP/1.1 200 OK", "\r\n\r\nhello\n"),
        (request("HEAD /metrics"), "HTTP/1.1 200 OK", "\r\n\r\n"),
        (request("GET /other"), "HTTP/1.1 404 Not Found", "nothing here\n"),
        (request("GET ?"), "HTTP/1.1 4", "\r\n\r\n"),
        (
            request("POST /metrics", "Host: x\r\nContent-Length: 3\r\n") + Array("abc".utf8),
            "HTTP/1.1 405 Method Not Allowed", "only GET and HEAD\n"
        ),
        (Array("\u{1}\u{2} nonsense\r\n\r\n".utf8), "HTTP/1.1 400 Bad Request", "\r\n\r\n"),
        // Two at once: the first is answered.
        (
            request("GET /metrics") + request("GET /metrics"), "HTTP/1.1 200 OK",
            "\r\n\r\nhello\n"
        ),
    ]

    @Test(arguments: requests.indices)
    func answersAndCloses(index: Int) async throws {
        try await Self.serving { server in
            let row = Self.requests[index]
            let (text, time) = try await Self.exchange(server.port, row.request)
            #expect(text.hasPrefix(row.first), "\(text)")
            #expect(text.hasSuffix(row.last), "\(text)")
            #expect(text.components(separatedBy: "HTTP/1.1").count == 2, "\(text)")
            #expect(time < .seconds(9))
        }
    }

    @Test func aLongAnswerArrivesWhole() async throws {
        let long = String(repeating: "0123456789\n", count: 500_000)
        try await Self.serving(body: long) { server in
            let (text, _) = try await Self.exchange(server.port, Self.request("GET /metrics"))
            #expect(text.hasSuffix("\r\n\r\n" + long))
        }
    }

    /// Headers, a path or a body without end.
    @Test(arguments: [
        "GET /metrics HTTP/1.1\r\nX: ", "GET /",
        "POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n",
    ])
    func whoSendsTooMuchIsCutOff(start: String) async throws {
        try await Self.serving { server in
            let much = Array(start.utf8) + [UInt8](repeating: UInt8(ascii: "a"), count: 4 << 20)
            let (text, time) = try await Self.exchange(server.port, much)
            #expect(!text.contains("200 OK"))
            #expect(time < .seconds(9))
        }
    }

    @Test func whoSaysNothingIsCutOff() async throws {
        var limits = MetricsServer.Limits()
        limits.connectionTime = .milliseconds(300)
        try await Self.serving(limits) { server in
            for bytes in [[], Array("GET /metrics HTTP/1.1\r\n".utf8)] {
                let (text, time) = try await Self.exchange(server.port, bytes)
                #expect(text.isEmpty)
                #expect(time >= .milliseconds(300) && time < .seconds(9))
            }
        }
    }

    /// Connections over the limit are closed, and there is room again once others have gone.
    @Test func connectionsAreBounded() async throws {
        var limits = MetricsServer.Limits()
        limits.connections = 2
        try await Self.serving(limits) { server in
            let script = """
                import socket, sys
                port = int(sys.argv[1])
                def dial(): return socket.create_connection(('127.0.0.1', port), 5)
                def ask(s):
                    try:
                        s.sendall(b'GET /metrics HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n')
                        return s.makefile('rb').read()[-6:]
                    except OSError: return b''
                held = [dial(), dial()]
                third = dial()
                try: print(third.recv(1))
                except OSError: print(b'')
                print(ask(held[0]), ask(held[1]), ask(dial()))
                """
            let result = try await Shell.run(["python3", "-c", script, "\(server.port)"])
            #expect(
                result.text == "b''\nb'hello\\n' b'hello\\n' b'hello\\n'\n",
                "\(result.text)\(result.errorText)")
        }
    }

    @Test func aPortThatIsTakenIsSaid() async throws {
        let taken = try ListeningSocket()
        await #expect {
            _ = try await MetricsServer(host: "127.0.0.1", port: taken.port) { _ in nil }
        } throws: { error in
            "\(error)".contains("cannot listen on 127.0.0.1 port \(taken.port)")
        }
    }
}
