// The test hosts as the tests see them. Tests/Lab/with-lab brings them up and says where they are in
// FLEET_LAB and FLEET_LAB_SCRIPT; everything here goes through that script.

import Foundation
import Testing

/// The lab that this test run has, with its hosts pi, olimex, renogy and x1…xN.
public struct Lab: Sendable {
    /// The running lab; nil where the tests run without one.
    public static let current: Lab? = Lab(environment: ProcessInfo.processInfo.environment)

    /// Whether there is a lab: the condition of every test that needs hosts.
    public static var isUp: Bool { current != nil }

    /// Why a test without a lab is skipped.
    public static let absence: Comment =
        "no test hosts: run make test, or Tests/Lab/with-lab -- swift test"

    /// The lab, or an error that fails the test: for the first line of a test that has `.lab`.
    public static func required() throws -> Lab {
        guard let current else { throw LabError(message: absence.rawValue) }
        return current
    }

    /// The folder of this lab's state: keys, known_hosts, ssh_config, the hosts' consoles.
    public let runFolder: String
    /// Tests/Lab/lab.
    public let script: String

    init?(environment: [String: String]) {
        guard let folder = environment["FLEET_LAB"], let script = environment["FLEET_LAB_SCRIPT"],
            FileManager.default.fileExists(atPath: folder + "/ssh_config")
        else { return nil }
        self.runFolder = folder
        self.script = script
    }

    // MARK: What a client needs

    /// The private key (ed25519) that pi, plain, operator and jorik accept.
    public var identityPath: String { runFolder + "/id_ed25519" }
    /// Another private key (ECDSA P-256) that they accept.
    public var ecdsaIdentityPath: String { runFolder + "/id_ecdsa" }
    /// known_hosts with every key of every server, by inventory name and by address.
    public var knownHostsPath: String { runFolder + "/known_hosts" }
    /// For the plain ssh client: `ssh -F`.
    public var sshConfigPath: String { runFolder + "/ssh_config" }

    /// A host's first address (on the lan; olimex has one on the field only).
    public func addressOf(_ host: String) throws -> String {
        let legs = try String(contentsOfFile: "\(runFolder)/hosts/\(host)/legs", encoding: .utf8)
        guard let address = legs.split(separator: "\n").first?.split(separator: " ").last else {
            throw LabError(message: "\(host) has no address")
        }
        return String(address)
    }

    /// The password of `olimex` (root on the board) or `operator` (on pi).
    public func password(_ owner: String) throws -> String {
        let prefix = "LAB_\(owner.uppercased())_PASSWORD="
        let file = try String(contentsOfFile: runFolder + "/passwords.env", encoding: .utf8)
        guard let line = file.split(separator: "\n").first(where: { $0.hasPrefix(prefix) }) else {
            throw LabError(message: "the lab has no password for \(owner)")
        }
        return String(line.dropFirst(prefix.count))
    }

    // MARK: Commands

    /// Runs a shell script as root inside a host, not over ssh.
    ///
    /// A non-zero status is a result. Throws where the host is down or the deadline passes.
    @discardableResult
    public func sh(
        _ host: String, _ script: String, input: String = "", deadline: Duration = .seconds(60)
    ) async throws -> LabResult {
        try await run(["sh", host, "sh", "-c", script], input: input, deadline: deadline)
    }

    /// Runs any verb of Tests/Lab/lab and returns what it printed; `verb` for those that must succeed.
    public func run(
        _ arguments: [String], input: String = "", deadline: Duration = .seconds(120)
    ) async throws -> LabResult {
        try await LabProcess.run([script] + arguments, input: input, deadline: deadline)
    }

    /// Runs a verb; throws with its message where it fails.
    @discardableResult
    public func verb(_ arguments: String..., deadline: Duration = .seconds(120)) async throws
        -> String
    {
        let result = try await run(arguments, deadline: deadline)
        guard result.status == 0 else {
            throw LabError(
                message: "lab \(arguments.joined(separator: " ")): exit \(result.status): "
                    + result.output)
        }
        return result.output
    }

    /// The host's boot id, which changes with each boot.
    public func bootID(of host: String) async throws -> String {
        try await sh(host, "cat /proc/sys/kernel/random/boot_id").output
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

/// How a command ended and what it printed on both of its outputs.
public struct LabResult: Sendable, Equatable {
    /// The exit status; 128 + n where signal n ended it.
    public let status: Int
    /// Standard output and standard error, as they came.
    public let output: String

    /// A result, to compare with.
    public init(status: Int, output: String) {
        self.status = status
        self.output = output
    }
}

/// Something is wrong with the lab or its use, not with the code under test.
public struct LabError: Error, CustomStringConvertible {
    /// What and where.
    public let message: String

    /// An error with this message.
    public init(message: String) { self.message = message }

    /// The message itself.
    public var description: String { message }
}
