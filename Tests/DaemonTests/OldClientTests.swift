import Foundation
import TestSupport
import Testing

/// A client as the site's old monitor is one: a connection that stays open, a time-out of 120 s,
/// bytes read one at a time, a STATUS read until END. It knows nothing of the newer lines.
@Suite(.timeLimit(.minutes(3))) struct OldClientTests {
    private static let script = """
        import socket, sys

        connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=120)

        def line():
            text = b""
            while not text.endswith(b"\\n"):
                byte = connection.recv(1)
                assert byte, "the server hung up"
                text += byte
            return text.decode("ascii").rstrip("\\r\\n")

        def ask(command):
            connection.sendall(command.encode() + b"\\n")
            lines = [line()]
            if lines[0].startswith(("INPUTS:", "Commands:")):
                while lines[-1] != "END":
                    lines.append(line())
            return lines

        def status():
            values = dict(each.split(":", 1) for each in ask("STATUS")[:-1])
            return {key: value.strip() for key, value in values.items()}

        print(line())
        print(ask("PING")[0])
        print(status()["RUNNING"], status()["RELAYS"])
        for _ in range(5):
            answer = ask("START")[0]
            # A server that does not get the processor in time cranks nothing, and says so.
            if "Inputs cannot be read" not in answer:
                break
        print(answer)
        print(status()["RUNNING"], status()["RELAYS"], status()["START_IN_PROGRESS"])
        print(ask("START")[0])
        print(ask("STOP")[0])
        print(status()["RUNNING"], status()["RELAYS"])
        print(ask("HELP")[0])
        print(ask("QUIT")[0], connection.recv(1))
        """

    @Test func anOldClientWorksUnchanged() async throws {
        let server = try await Server(Server.quick + ["--cooldown", "1"])
        let ended = try await spawn(["python3", "-c", Self.script, "\(server.port)"])
        #expect(ended.status == 0, "\(ended.errorText)")
        #expect(
            ended.text == """
                GENNY SERVER READY
                PONG
                NO OFF (0x00)
                OK: Generator started and charger enabled
                YES IGN+CHARGER (0x0A) NO
                ERROR: Generator already running
                OK: Generator stopped (after 1 s cooldown)
                NO OFF (0x00)
                Commands:
                BYE b''

                """)
    }

    @Test func thoseWhoWatchHearOfEveryChange() async throws {
        let server = try await Server()
        let watcher = try await server.client()
        #expect(try await watcher.ask("WATCH") == "OK: Watching")
        let client = try await server.client()
        #expect(try await client.ask("START NOWAIT") == "OK: Start begun")
        var states: [String] = []
        while states.last != "CHARGING" {
            let words = try await watcher.line().split(separator: " ").map(String.init)
            try #require(words.count == 4 && words[0] == "CHANGE:", "\(words)")
            states.append(words[2])
        }
        #expect(
            states == [
                "PREPARING", "IGNITION", "CRANKING", "VERIFYING", "WARMING_UP", "STABILISING",
                "CHARGING",
            ])
        #expect(try await client.ask("STOP NOWAIT") == "OK: Stop begun, 1 s of cooldown")
        #expect(try await watcher.line() == "CHANGE: CHARGING COOLING_DOWN 1")
        #expect(try await client.ask("STOP NOW") == "OK: Generator stopped (after 0 s cooldown)")
        #expect(try await watcher.line().hasPrefix("CHANGE: COOLING_DOWN STOPPING"))
    }
}
