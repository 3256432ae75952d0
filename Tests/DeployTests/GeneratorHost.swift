import Foundation
import LabSupport
import TestSupport
import Testing

/// The lab's Pi with a generator's server on it: gen-server as it was built with the tests, on its
/// simulated bus, or a stand-in for the legacy server.
struct GeneratorHost {
    private static let folder = "/tmp/generator-verbs"

    let lab: Lab
    let site: Site

    /// Runs `body` beside gen-server with these arguments, all phases short but for those.
    static func with(
        _ arguments: [String] = [], _ body: @Sendable (GeneratorHost) async throws -> Void
    ) async throws {
        try await install(try Lab.required())
        let quick = [
            "--reset", "0.2", "--ignition", "0.2", "--crank", "2", "--sim-catch", "0.2", "--coast",
            "0.5", "--warm-up", "2", "--stabilise", "1", "--cooldown", "3", "--rest", "0.05",
        ]
        try await with(
            command: "\(folder)/gen-server --bus sim --host 127.0.0.1 --port 9999 "
                + (quick + arguments).joined(separator: " "), body)
    }

    /// Runs `body` beside the stand-in for the legacy server.
    static func withLegacy(_ body: @Sendable (GeneratorHost) async throws -> Void) async throws {
        try await withStandIn("legacy", body)
    }

    /// Runs `body` beside a stand-in for gen-server that hangs up in place of an answer to START,
    /// and to the first STOP.
    static func withMute(_ body: @Sendable (GeneratorHost) async throws -> Void) async throws {
        try await withStandIn("mute", body)
    }

    private static func withStandIn(
        _ kind: String, _ body: @Sendable (GeneratorHost) async throws -> Void
    ) async throws {
        let lab = try Lab.required()
        try await lab.sh("pi", "cat >/tmp/legacy.py", input: LegacyServer.script)
        try await with(command: "/usr/bin/python3 /tmp/legacy.py \(kind)", body)
    }

    private static func with(
        command: String, _ body: @Sendable (GeneratorHost) async throws -> Void
    ) async throws {
        let lab = try Lab.required()
        let site = try Site.pi(lab)
        try site.services(
            """
            gen-server:
              host: pi
              product: gen-server
              ports: [9999]
              gate: generator-idle
              health:
                - steady: 1s

            """)
        let run = try await lab.sh(
            "pi",
            "systemd-run -q --collect --unit gen-server -E LD_LIBRARY_PATH=\(folder) \(command)")
        try #require(run.status == 0, "\(run.output)")
        let outcome: Result<Void, any Error>
        do {
            try await waitUntil("the server listens", deadline: .seconds(20)) {
                try await lab.sh("pi", "ss -Hltn 'sport = :9999' | grep -q .").status == 0
            }
            let host = GeneratorHost(lab: lab, site: site)
            // Until it has read its inputs twice, nothing is known and nothing is granted.
            try await waitUntil("it knows its inputs", deadline: .seconds(20)) {
                let run = try await host.site.fleetctl("generator", "status", "-o", "json")
                guard run.status == 0 else { return false }
                let uptime = try run.json()["server_uptime"] as? String ?? "9"
                return (Int(uptime) ?? 0) >= 3
            }
            try await body(host)
            outcome = .success(())
        } catch {
            let log = try await lab.sh("pi", "journalctl -q -n 20 -u gen-server").output
            Issue.record("the server's log: \(log)")
            outcome = .failure(error)
        }
        try await lab.sh("pi", "systemctl stop gen-server; systemctl reset-failed")
        try outcome.get()
    }

    /// The host's own build needs the toolchain's libraries beside it; the boards' builds do not.
    private static func install(_ lab: Lab) async throws {
        guard try await lab.sh("pi", "test -x \(folder)/gen-server").status != 0 else { return }
        let product = URL(fileURLWithPath: Site.program).deletingLastPathComponent()
            .appendingPathComponent("gen-server").path
        let script = """
            libraries=$(ldd "$0" | sed -n '/^[[:space:]]*lib[cm][.]/d; s/.* => \\([/][^ ]*\\) .*/\\1/p')
            tar -ch --transform 's,.*/,,' "$0" $libraries 2>/dev/null |
                ssh -F "$1" pi 'mkdir -p \(folder) && tar -xC \(folder)'
            """
        let result = try await Shell.run(["sh", "-c", script, product, lab.sshConfigPath])
        try #require(result.status == 0, "\(result.errorText)")
    }

    /// `fleetctl generator …`, which must end with this status.
    @discardableResult
    func generator(
        _ expected: Int, _ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Site.Run {
        let run = try await site.fleetctl(["generator"] + arguments)
        #expect(run.status == expected, "\(arguments) \(run)", sourceLocation: sourceLocation)
        return run
    }

    /// A value of STATUS, by its key in lower case.
    func status(_ key: String) async throws -> String? {
        let run = try await site.fleetctl("generator", "status", "-o", "kv")
        return run.output.split(separator: "\n").first { $0.hasPrefix(key + "=") }
            .map { String($0.dropFirst(key.count + 1)) }
    }
}
