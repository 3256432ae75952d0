import Foundation
import RemoteOps
import TestSupport
import Testing

/// A server of the generator on loopback, and the gate's script beside it, as on a supervised host:
/// the server's process is recorded under a root folder of the test's own.
final class GateStage {
    static let service = "gs"

    let folder: TemporaryFolder
    let port: UInt16
    private(set) var server: Program
    private var servers: [Program] = []
    private let command: [String]

    /// Starts `command`, which must say where it listens; `PORT` in it becomes the port, 0 at
    /// first.
    init(_ command: [String]) async throws {
        folder = try TemporaryFolder()
        self.command = command
        server = try Program(command.map { $0 == "PORT" ? "0" : $0 })
        let server = server
        try await waitUntil("the server listens", deadline: .seconds(30)) {
            (server.text + server.errorText).contains("listens on") || !server.isRunning
        }
        let after =
            (server.text + server.errorText)
            .components(separatedBy: "listens on 127.0.0.1:").last ?? ""
        port = try #require(
            UInt16(after.prefix { $0.isNumber }), "\(server.text)\(server.errorText)")
        servers = [server]
        try folder.write("t/gate.sh", String(decoding: RemoteScripts.gate, as: UTF8.self))
        try record(server.id)
    }

    /// Kills what another process of the test started.
    deinit { for server in servers where server.isRunning { kill(server.id, SIGKILL) } }

    private func record(_ id: pid_t) throws {
        try folder.write("run/fleet/\(Self.service)/process", "\(id) \(try Self.start(of: id))\n")
    }

    private static func start(of id: pid_t) throws -> String {
        let stat = try String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8)
        let fields = (stat.components(separatedBy: ") ").last ?? "").split(separator: " ")
        return String(try #require(fields.count > 19 ? fields[19] : nil))
    }

    /// What the server has said so far, its heirs included.
    var log: String { servers.map { $0.text + $0.errorText }.joined() }

    /// The gate's script for this server, which may run while the server is looked at.
    var script: GateScript { GateScript(folder: folder, port: port) }

    /// Closes the gate, then runs `then` in the same shell where it could be closed.
    func close(
        _ shell: [String], mode: String = "idle", seconds: Int = 600, tools: String? = nil,
        then: String = ":"
    ) async throws -> GateScript.Run {
        try await script.close(shell, mode: mode, seconds: seconds, tools: tools, then: then)
    }

    /// The process state of the server, such as `S`, or `T` for one that is frozen.
    var state: String {
        // A process that is gone has no state.
        let stat = (try? String(contentsOfFile: "/proc/\(server.id)/stat", encoding: .utf8)) ?? ""
        return String((stat.components(separatedBy: ") ").last ?? "").prefix(1))
    }

    /// Ends the server and starts another one on the same port, as a restart does.
    func restart() async throws {
        kill(server.id, SIGTERM)
        _ = try await server.status(within: .seconds(20))
        server = try Program(command.map { $0 == "PORT" ? "\(port)" : $0 })
        servers.append(server)
        try record(server.id)
    }
}

/// The gate's script as apply.sh reads it, for a server on loopback.
struct GateScript: Sendable {
    /// How the script ended and what it said.
    struct Run: Sendable {
        var isOpen: Bool
        var text: String
    }

    let folder: TemporaryFolder
    let port: UInt16

    /// Closes the gate, then runs `then` in the same shell where it could be closed.
    ///
    /// - Parameter tools: the folder with the only programs of the host; nil for those of this one.
    func close(
        _ shell: [String], mode: String = "idle", seconds: Int = 600, tools: String? = nil,
        then: String = ":"
    ) async throws -> Run {
        try folder.write(
            "t/gates", "gs - \(port) me@here \(seconds) \(mode) fleetctl deploy of 12ab\n")
        // The folder of a transfer is used once.
        try folder.write(
            "t/run.sh",
            """
            rm -rf gate-state
            prefix=$1
            \(tools.map { "PATH=\($0)" } ?? ":")
            . ./gate.sh
            gates_close || exit 75
            echo closed
            \(then)
            """)
        let result = try await Shell.run(
            shell + ["./run.sh", folder.path], in: folder.path + "/t")
        return Run(isOpen: result.status == 0, text: result.text + result.errorText)
    }
}

/// A server that answers each command with the text of the file of that name in its folder.
enum ScriptedServer {
    /// Python: `scripted.py FOLDER`. `STATUS2` is the answer to the second STATUS, where there is
    /// one; a file `start-at-2` has a start begin in a thread of its own at the second STATUS; with
    /// `keep` it says nothing at all.
    static let script = """
        import os, socket, sys, threading, time
        os.chdir(sys.argv[1])
        asked = 0
        def start():
            print("relays 08", flush=True)
            time.sleep(60)
        def serve(client):
            global asked
            stream = client.makefile("rwb", 0)
            if os.path.exists("silent"): time.sleep(60)
            stream.write(b"GENNY SERVER READY\\n")
            for line in stream:
                print("<", line.decode().strip(), flush=True)
                word = line.decode().split()[0]
                if word == "STATUS": asked += 1
                if os.path.exists("start-at-%d" % asked): threading.Thread(target=start).start()
                name = "%s%d" % (word, asked)
                if not os.path.exists(name): name = word
                text = open(name).read() if os.path.exists(name) else "ERROR: Unknown command\\n"
                stream.write(text.encode())
        server = socket.socket()
        server.bind(("127.0.0.1", 0))
        server.listen(8)
        print("listens on 127.0.0.1:%d" % server.getsockname()[1], flush=True)
        while True:
            threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

        """

    /// STATUS of a legacy server at rest.
    static let legacy = [
        "INPUTS: IN1=0 IN2=0 IN3=0 IN4=0 raw=0", "RELAYS: OFF (0x00)", "RUNNING: NO",
        "START_IN_PROGRESS: NO", "I2C: OK", "THREADS: 1", "UPTIME: 6h45m", "MEMORY: 42%",
        "DISK: 1.2G free (35% used)",
    ]
    /// The same of gen-server.
    static let own = legacy + ["STATE: OFF", "HOLD: none", "PROTOCOL: 2"]

    /// The lines with one of them changed, taken out where it is nil.
    static func status(_ lines: [String], _ changes: [String: String?] = [:]) -> String {
        var kept = lines.filter { line in
            !changes.keys.contains { line.hasPrefix($0 + ": ") }
        }
        for (key, value) in changes { if let value { kept.append("\(key): \(value)") } }
        return (kept + ["END"]).joined(separator: "\n") + "\n"
    }
}
