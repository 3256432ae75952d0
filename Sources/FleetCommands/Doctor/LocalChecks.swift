import ArtifactBuilder
import Foundation
import Inventory
import InventoryFile
import SSHTransport

/// What the doctor looks at on this machine; nothing here connects to a host.
struct LocalChecks {
    let chosen: Selection
    /// The folder of the inventory file.
    let folder: String

    /// The library that everything goes through.
    static func library() -> DoctorFinding {
        if let problem = SSHLibrary.problem {
            return .wrong(
                "ssh-library", "libssh", problem,
                fix: "install libssh-4 \(SSHLibrary.oldestVersion) or later")
        }
        if let advice = SSHLibrary.advice() {
            return .wrong(
                "ssh-library", "libssh", advice,
                fix: "apt-get install --only-upgrade libssh-4", level: .warning)
        }
        return .ok("ssh-library", "libssh", SSHLibrary.version)
    }

    /// Key files, passwords, and what a host is to be let in by.
    func credentials() async -> [DoctorFinding] {
        var findings: [DoctorFinding] = []
        var seen: Set<String> = []
        for host in chosen.hosts {
            if let identity = host.identity {
                if seen.insert(identity).inserted { findings.append(Self.keyFile(identity)) }
            } else if host.password == nil {
                findings.append(usualKeys(host))
            }
            for reference in Self.secrets(of: host) where seen.insert("\(reference)").inserted {
                findings.append(await Self.secret(reference, host))
            }
        }
        return findings
    }

    private static func secrets(of host: Host) -> [SecretReference] {
        var secrets = [host.password].compactMap { $0 }
        if case .sudo(let secret?) = host.privilege { secrets.append(secret) }
        return secrets
    }

    private static var hasAgent: Bool {
        let socket = ProcessInfo.processInfo.environment["SSH_AUTH_SOCK", default: ""]
        return !socket.isEmpty && FileManager.default.fileExists(atPath: socket)
    }

    private static func keyFile(_ path: String) -> DoctorFinding {
        switch KeyFile.problem(at: path) {
        case nil: return .ok("key-file", path, "a private key that only you can read")
        case .missing:
            return .wrong(
                "key-file", path, "there is no such file",
                fix: "make one with `ssh-keygen -t ed25519 -f \(path)`, then `ssh-copy-id`, or "
                    + "correct `identity` in the inventory")
        case .openToOthers:
            return .wrong(
                "key-file", path, "others may read it, so it is refused",
                fix: "chmod 600 \(path)")
        case .needsPassphrase:
            if hasAgent {
                return .ok("key-file", path, "has a passphrase; the agent has it, or asks")
            }
            return .wrong(
                "key-file", path, "has a passphrase, and there is no agent",
                fix: "start an agent, then: ssh-add \(path)")
        case .unreadable:
            return .wrong(
                "key-file", path, "is no private key that can be read",
                fix: "name the private key, not the .pub file, under `identity`")
        }
    }

    private func usualKeys(_ host: Host) -> DoctorFinding {
        let usual = KeyFile.usual()
        if Self.hasAgent || !usual.isEmpty {
            return .ok(
                "key-file", host.name.text,
                Self.hasAgent ? "the agent's keys" : usual.joined(separator: ", "))
        }
        return .wrong(
            "key-file", host.name.text, "no agent, no key in ~/.ssh, no password",
            fix: "name `identity` or `password` of this host in the inventory")
    }

    private static func secret(_ reference: SecretReference, _ host: Host) async -> DoctorFinding {
        if case .command = reference {
            // Somebody might have to unlock something for it.
            return DoctorFinding(
                check: "password", subject: host.name.text, level: .unknown,
                summary: "\(reference) is run only when it is needed")
        }
        do throws(SecretFailure) {
            _ = try await SecretResolver().resolve(reference)
            return .ok("password", host.name.text, "\(reference) has one")
        } catch {
            return .wrong(
                "password", host.name.text, error.description,
                fix: "put the password there, readable by you alone")
        }
    }

    /// The file of the known host keys: where somebody else may write, nothing in it is known.
    func knownHosts() -> DoctorFinding {
        let file = SSHTrust.knownHostsPath(named: chosen.fleet.knownHosts)
        var state = stat()
        guard stat(file, &state) == 0 else {
            guard errno == ENOENT else {
                return .wrong(
                    "known-hosts", file, "cannot be looked at: \(String(cString: strerror(errno)))",
                    fix: "make it and its folder readable for you")
            }
            let pinned = chosen.hosts.allSatisfy { !$0.hostKeyPins.isEmpty }
            return pinned
                ? .ok("known-hosts", file, "is not there; every host has its key in the inventory")
                : .wrong(
                    "known-hosts", file, "is not there: no host's key is known",
                    fix: "fleetctl host trust")
        }
        guard state.st_mode & 0o022 == 0 else {
            return .wrong(
                "known-hosts", file, "others may write it, so it proves nothing",
                fix: "chmod 600 \(file), after a look at what is in it")
        }
        return .ok("known-hosts", file, "only you can write it")
    }

    /// Whether the products of the chosen services could be built here.
    func build() async -> [DoctorFinding] {
        let requests = BuildRequest.all(of: chosen)
        guard !requests.isEmpty else { return [] }
        let folders = [folder, FileManager.default.currentDirectoryPath]
        guard let root = folders.lazy.compactMap(ArtifactBuilder.projectRoot(above:)).first else {
            return [
                .wrong(
                    "build", "project", "neither the inventory's folder nor this one is in it",
                    fix: "run fleetctl in the project's folder, or name an `artifact:`")
            ]
        }
        var findings: [DoctorFinding] = []
        for architecture in BuildArchitecture.allCases
        where requests.contains(where: { $0.architecture == architecture }) {
            let builder = ArtifactBuilder(root: root)
            if let error = await builder.shortcoming(for: architecture) {
                findings.append(
                    .wrong(
                        "build", architecture.rawValue, error.cause,
                        fix: "install what is missing; Documentation/cross-building.md"))
            } else {
                findings.append(
                    .ok("build", architecture.rawValue, "the toolchain is there and new enough"))
            }
        }
        return findings
    }
}
