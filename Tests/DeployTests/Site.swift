import Foundation
import LabSupport
import TestSupport
import Testing

/// An operator's folder: an inventory of hosts of the lab, unit sources, programs to deploy; and
/// the built fleetctl that is run in it.
final class Site: Sendable {
    /// How a run of fleetctl ended.
    struct Run: Sendable, CustomStringConvertible {
        var status: Int
        var output: String
        var talk: String

        var description: String { "exit \(status)\n\(output)\n\(talk)" }

        /// The output as JSON.
        func json() throws -> [String: Any] {
            let value = try JSONSerialization.jsonObject(with: Data(output.utf8))
            return try #require(value as? [String: Any])
        }

        /// A host's entry of a JSON report.
        func host(_ name: String) throws -> [String: Any] {
            let hosts = try #require(try json()["hosts"] as? [[String: Any]])
            return try #require(hosts.first { $0["host"] as? String == name })
        }

        /// The first service's entry of a host's.
        func service(_ name: String) throws -> [String: Any] {
            let services = try #require(try host(name)["services"] as? [[String: Any]])
            return try #require(services.first)
        }
    }

    /// Seconds that any run of fleetctl may take here.
    static let deadline = 60
    /// fleetctl as it was built with the tests, beside them.
    static let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appendingPathComponent("fleetctl").path
    /// The project's folder.
    static let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    /// The guards of ports for the lab's processors, built once.
    private static let guards = Task {
        let command = [program, "build", "--product", "port-guard", "--arch", "amd64"]
        let result = try await Shell.run(
            command + ["--arch", "armv5"], in: project, timeout: 15 * 60)
        guard result.status == 0 else { throw LabError(message: result.errorText) }
    }

    let lab: Lab
    let folder: TemporaryFolder
    private let hosts: String

    /// - Parameter hosts: the mapping `hosts:` of the inventory, without that line.
    init(_ lab: Lab, hosts: String) throws {
        self.lab = lab
        self.hosts = hosts
        folder = try TemporaryFolder()
        try FileManager.default.createDirectory(
            atPath: folder.path + "/Units/rc-local", withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            atPath: Self.project + "/Units/rc-local/supervise.sh",
            toPath: folder.path + "/Units/rc-local/supervise.sh")
    }

    /// A site of the lab's Pi alone.
    static func pi(_ lab: Lab) throws -> Site {
        try Site(
            lab, hosts: "pi:\n  address: \(try lab.addressOf("pi"))\n  user: pi\n  arch: amd64\n")
    }

    /// A site of the lab's Pi and of the board with rc.local behind it.
    ///
    /// - Parameter arch: what the board runs. The emulated I2C bus is there for amd64 only.
    static func piAndBoard(_ lab: Lab, arch: String = "armv5") throws -> Site {
        try Site(
            lab,
            hosts: """
                pi:
                  address: \(try lab.addressOf("pi"))
                  user: pi
                  arch: amd64
                olimex:
                  address: \(try lab.addressOf("olimex"))
                  via: pi
                  user: root
                  password: env:LAB_OLIMEX_PASSWORD
                  arch: \(arch)
                  init: rc-local

                """)
    }

    /// Writes the inventory with these services, indented by two.
    func services(_ services: String) throws {
        try folder.write(
            "fleet.yaml",
            """
            version: 1
            fleet: tests
            known_hosts: \(lab.knownHostsPath)
            defaults:
              identity: \(lab.identityPath)
            hosts:
            \(hosts.indented)
            services:
            \(services.indented)

            """)
    }

    /// fleetctl, with a history that is this site's alone.
    private var program: [String] {
        ["/usr/bin/env", "XDG_STATE_HOME=\(folder.path)/state", Self.program]
    }

    /// Runs fleetctl on the site's inventory.
    func fleetctl(_ arguments: String..., timeout: Int = Site.deadline) async throws -> Run {
        try await fleetctl(arguments, timeout: timeout)
    }

    /// The same with arguments that were put together.
    func fleetctl(_ arguments: [String], timeout: Int = Site.deadline) async throws -> Run {
        let command = program + arguments + ["--inventory", folder.path + "/fleet.yaml"]
        return try await run(command, timeout: timeout)
    }

    /// `deploy --yes -o json`, which must end with this status.
    @discardableResult
    func deploy(
        _ expected: Int = 0, _ more: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Run {
        let command =
            program + ["deploy", "--yes", "-o", "json"] + more
            + ["--inventory", folder.path + "/fleet.yaml"]
        let run = try await run(command, timeout: Self.deadline)
        #expect(run.status == expected, "\(run)", sourceLocation: sourceLocation)
        return run
    }

    private func run(_ command: [String], timeout: Int) async throws -> Run {
        // The deadlines are those of a deploy; the first build of the guard takes longer.
        if try folder.read("fleet.yaml").contains("ports:") { try await Self.guards.value }
        let result = try await Shell.run(command, in: Self.project, timeout: timeout)
        return Run(
            status: Int(result.status), output: result.text, talk: result.errorText)
    }

    /// Starts fleetctl on the site's inventory and does not wait for its end.
    func running(_ arguments: String...) throws -> Running {
        try Running(
            program + arguments + ["--inventory", folder.path + "/fleet.yaml"])
    }

    /// The same with arguments that were put together, and with more in its environment.
    func running(_ arguments: [String], environment: [String: String]) throws -> Running {
        try Running(
            program + arguments + ["--inventory", folder.path + "/fleet.yaml"],
            environment: environment)
    }

    /// Starts `deploy --yes` and does not wait for its end.
    func begin() throws -> Running {
        try running("deploy", "--yes")
    }
}

/// fleetctl while it runs.
final class Running {
    private let program: Program

    init(_ command: [String], environment: [String: String] = [:]) throws {
        program = try Program(command, environment: environment)
    }

    var isRunning: Bool { program.isRunning }

    /// What it said so far.
    var talk: String { program.errorText }
    /// Its results so far.
    var results: String { program.text }

    /// Waits until it has said this, or printed it among its results.
    func says(_ text: String, deadline: Duration = .seconds(30)) async throws {
        try await waitUntil("fleetctl says '\(text)'", deadline: deadline) {
            if talk.contains(text) || results.contains(text) { return true }
            guard program.isRunning else {
                throw LabError(message: "fleetctl ended without '\(text)': \(talk)")
            }
            return false
        }
    }

    /// Ctrl-C.
    func interrupt() { Foundation.kill(program.id, SIGINT) }

    func kill() { Foundation.kill(program.id, SIGKILL) }

    /// Its exit status.
    func end(deadline: Duration = .seconds(60)) async throws -> Int {
        Int(try await program.status(within: deadline))
    }
}

extension String {
    /// Each line two blanks further in.
    var indented: String {
        split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.isEmpty ? "" : "  " + $0 }.joined(separator: "\n")
    }

    /// The text without blanks and line ends around it.
    var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
