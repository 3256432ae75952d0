import Foundation
import MQTTWire
import TestSupport
import Testing

@testable import MQTTClient

/// Against a real mosquitto.
@Suite struct MQTTPublisherTests {
    static let messages = (0..<100).map {
        MQTTMessage(topic: "fleet/\($0)", payload: "zwölf \"\($0)\"")
    }

    @Test(.timeLimit(.minutes(2))) func theBrokerKeepsEveryMessage() async throws {
        let broker = try await MQTTBroker()
        try await broker.publisher().publish(Self.messages)
        // Who comes later gets all of it; -R would leave out what was kept.
        let kept = try await broker.retained("fleet/#", count: Self.messages.count)
        #expect(Set(kept) == Set(Self.messages.map { "\($0.topic) \($0.payload)" }))
        try await broker.publisher().publish([MQTTMessage(topic: "fleet/7", payload: "new")])
        #expect(try await broker.retained("fleet/7", count: 1) == ["fleet/7 new"])
    }

    @Test(.timeLimit(.minutes(2))) func aWrongPasswordIsSaid() async throws {
        let broker = try await MQTTBroker()
        let connect = MQTTConnect(
            clientID: "t", user: MQTTBroker.user, password: Array("wrong".utf8))
        let publisher = MQTTPublisher(host: "127.0.0.1", port: broker.port, connect: connect)
        let failure = await #expect(throws: MQTTFailure.self) {
            try await publisher.publish(Self.messages)
        }
        #expect(failure?.reason == .refused(5))
        #expect(
            failure.map { "\($0)".contains("user and password are wrong") } == true)
    }

    @Test(.timeLimit(.minutes(2))) func nobodyThereIsSaid() async throws {
        let socket = try ListeningSocket()
        let port = socket.port
        socket.close()
        let failure = await Self.failure(port: port, timeout: .seconds(5))
        #expect(failure.map { if case .system = $0.reason { true } else { false } } == true)
    }

    /// One that takes the connection and then says nothing, or something else.
    @Test(
        .timeLimit(.minutes(2)),
        arguments: [
            ("", MQTTFailure.Reason.late), ("HTTP/1.1 400 Bad Request\r\n\r\n", .fault(.nonsense)),
        ])
    func whatIsNoBrokerIsSaid(words: String, reason: MQTTFailure.Reason) async throws {
        let script = """
            import socket, sys, time
            s = socket.create_server(('127.0.0.1', 0))
            print(s.getsockname()[1], flush=True)
            c, _ = s.accept()
            c.sendall(sys.argv[1].encode())
            while c.recv(4096): pass
            """
        let server = try Program(["python3", "-c", script, words])
        try await waitUntil("it listens") { server.text.hasSuffix("\n") }
        let port = try #require(Int(server.text.dropLast()))
        let start = ContinuousClock.now
        let failure = await Self.failure(port: port, timeout: .milliseconds(500))
        #expect(failure?.reason == reason)
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    private static func failure(port: Int, timeout: Duration) async -> MQTTFailure? {
        let publisher = MQTTPublisher(
            host: "127.0.0.1", port: port, connect: MQTTConnect(clientID: "t"), timeout: timeout)
        do throws(MQTTFailure) {
            try await publisher.publish(messages)
            return nil
        } catch {
            return error
        }
    }
}

extension MQTTBroker {
    func publisher() -> MQTTPublisher {
        MQTTPublisher(
            host: "127.0.0.1", port: port,
            connect: MQTTConnect(
                clientID: "test", user: Self.user, password: Array(Self.password.utf8)))
    }
}
