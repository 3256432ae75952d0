import Foundation
import LabSupport
import TestSupport
import Testing

/// A server of the generator on the Pi that fleetctl has deployed, behind its gate.
struct GatedSite {
    enum Kind { case own, legacy }

    let lab: Lab
    let site: Site
    let kind: Kind

    private static let quick = """
        --bus sim --host 127.0.0.1 --port 9999 --state /run/gen-server-test.state --reset 0.2
        --ignition 0.2 --crank 2 --sim-catch 0.2 --coast 0.5 --warm-up 0.2 --stabilise 0.2
        --cooldown 1 --rest 0.05
        """.split(whereSeparator: \.isWhitespace).joined(separator: ", ")

    /// Deploys the server and runs `body`; takes everything away afterwards.
    static func with(
        _ kind: Kind, _ body: @Sendable (GatedSite) async throws -> Void
    ) async throws {
        let lab = try Lab.required()
        let here = GatedSite(lab: lab, site: try Site.pi(lab), kind: kind)
        try await here.prepare()
        let outcome: Result<Void, any Error>
        do {
            try await here.site.deploy()
            try await here.known()
            try await body(here)
            outcome = .success(())
        } catch {
            Issue.record("the server's log: \(try await here.log().suffix(2_000))")
            outcome = .failure(error)
        }
        try await lab.sh(
            "pi",
            """
            systemctl disable --now -q gen-server monitor 2>/dev/null
            systemctl stop 'fleet-resume-*' 2>/dev/null
            rm -rf /opt/fleet /run/fleet /var/log/fleet /run/gen-server-test.state
            rm -f /etc/systemd/system/gen-server.service /etc/systemd/system/monitor.service
            systemctl daemon-reload; systemctl reset-failed
            """)
        try outcome.get()
    }

    private func prepare() async throws {
        try await program()
        try site.folder.write("monitor/monitor", Programs.sleeper, mode: 0o755)
        try site.folder.write("Units/gen-server.service", Programs.unit)
        try site.folder.write("Units/monitor.service", Programs.unit)
        try touch()
        try services()
    }

    /// The same site with another server in the operator's folder; nothing is deployed yet.
    func with(_ kind: Kind) async throws -> GatedSite {
        let other = GatedSite(lab: lab, site: site, kind: kind)
        try await other.program()
        try other.services()
        return other
    }

    private func program() async throws {
        let folder = site.folder.path
        if kind == .own {
            let product = URL(fileURLWithPath: Site.program).deletingLastPathComponent()
                .appendingPathComponent("gen-server").path
            // The host's own build needs the toolchain's libraries beside it.
            let copied = try await Shell.run([
                "sh", "-c",
                """
                set -e
                mkdir -p "$1" && rm -f "$1/gen-server" && cp "$0" "$1/gen-server"
                for library in $(ldd "$0" |
                    sed -n '/^[[:space:]]*lib[cm][.]/d; s/.* => \\([/][^ ]*\\) .*/\\1/p'); do
                    cp "$library" "$1/"
                done
                """, product, folder + "/server",
            ])
            try #require(copied.status == 0, "\(copied.errorText)")
        } else {
            try site.folder.write(
                "server/gen-server", "#!/usr/bin/python3\n" + LegacyServer.script, mode: 0o755)
        }
    }

    /// Makes the next deploy one of another release.
    func touch() throws { try site.folder.write("server/stamp", UUID().uuidString) }

    /// - Parameter check: a command of the host that must succeed for the release to be well.
    func services(check: String = "[\"true\"]") throws {
        let arguments = kind == .own ? Self.quick : "legacy"
        try site.services(
            """
            gen-server:
              host: pi
              artifact: server
              executable: gen-server
              args: [\(arguments)]
              environment:
                LD_LIBRARY_PATH: /opt/fleet/gen-server/current
              ports: [9999]
              gate: generator-idle
              starters: [monitor]
              health:
                - steady: 1s
                - command: \(check)
                  within: 1s
            monitor:
              host: pi
              artifact: monitor
              executable: monitor
              health:
                - steady: 0s

            """)
    }

    /// Deploys another release of the server alone.
    @discardableResult
    func change(
        _ expected: Int, _ flags: [String] = [], sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Site.Run {
        try touch()
        let run = try await site.fleetctl(
            ["deploy", "--yes", "-o", "json", "--service", "gen-server"] + flags)
        #expect(run.status == expected, "\(run)", sourceLocation: sourceLocation)
        return run
    }

    /// The server's process and when it was started.
    func process() async throws -> String {
        try await lab.sh(
            "pi",
            """
            pid=$(systemctl show -P MainPID gen-server)
            echo "$pid $(sed 's/.*) //' /proc/$pid/stat | cut -d ' ' -f 20)"
            """
        ).output.trimmed
    }

    /// Runs `body` beside the service that could start the generator; `starter` tells its process.
    func withStarter(
        _ body: (_ starter: @Sendable () async throws -> String) async throws -> Void
    ) async throws {
        let lab = lab
        try await body {
            try await lab.sh("pi", "systemctl show -P MainPID monitor").output.trimmed
        }
    }

    /// What the server has said.
    func log() async throws -> String {
        try await lab.sh("pi", "journalctl -q -o cat -u gen-server").output
    }

    /// Says one thing to the server and gives back its answer, which may come late.
    func ask(_ command: String) async throws -> String {
        try await lab.sh(
            "pi",
            """
            exec bash -c 'exec 3<>/dev/tcp/127.0.0.1/9999
                read -r line <&3; printf "%s\\n" "$0" >&3; read -r line <&3; echo "$line"' \
                '\(command)'
            """
        ).output.trimmed
    }

    /// A value of STATUS, by its key in lower case.
    func status(_ key: String) async throws -> String? {
        let run = try await site.fleetctl("generator", "status", "-o", "kv")
        return run.output.split(separator: "\n").first { $0.hasPrefix(key + "=") }
            .map { String($0.dropFirst(key.count + 1)) }
    }

    /// Waits until the server knows its inputs, without which it grants nothing.
    private func known() async throws {
        guard kind == .own else { return }
        try await waitUntil("it knows its inputs", deadline: .seconds(20)) {
            Int(try await status("server_uptime") ?? "") ?? 0 >= 3
        }
    }
}
