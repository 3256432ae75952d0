import Foundation
import LabSupport
import TestSupport
import Testing

/// `fleetctl init`, by a script and by a person at a terminal.
@Suite(.lab, .sharesLab, .timeLimit(.minutes(10))) struct InitVerbTests {
    /// A home of somebody who never used fleetctl.
    private func home() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(
            atPath: folder.path + "/.ssh", withIntermediateDirectories: true)
        return folder
    }

    private func fingerprint(_ lab: Lab) async throws -> String {
        let said = try await lab.sh(
            "pi", "for f in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf $f; done")
        #expect(said.status == 0)
        return said.output
    }

    @Test func aPersonIsAskedAndTheHostTellsTheRest() async throws {
        let lab = try Lab.required()
        let home = try home()
        let file = home.path + "/fleet/fleet.yaml"
        let terminal = try Terminal(
            [Site.program, "init", "-i", file], environment: ["HOME": home.path])
        try await terminal.says("Name of the fleet [home]: ")
        terminal.type("\n")
        try await terminal.says("Name of the host: ")
        terminal.type("A b\n")
        try await terminal.says("a name has letters a-z")
        try await terminal.says("Name of the host: ")
        terminal.type("pi\n")
        try await terminal.says("Its address: ")
        terminal.type(try lab.addressOf("pi") + "\n")
        try await terminal.says("Who logs in [")
        terminal.type("pi\n")
        try await terminal.says("Its private key (empty: the agent's or the usual): ")
        terminal.type("/no/such/key\n")
        try await terminal.says("there is no such file")
        try await terminal.says("Its private key (empty: the agent's or the usual): ")
        terminal.type(lab.identityPath + "\n")
        try await terminal.says("Is this the key of pi? [y/N] ")
        let shown = terminal.text.split(separator: " ").first { $0.hasPrefix("SHA256:") } ?? ""
        let print = String(shown.split(whereSeparator: \.isNewline).first ?? "-")
        #expect(try await fingerprint(lab).contains(print))
        terminal.type("y\n")
        try await terminal.says("pi: logged in; amd64, systemd")
        try await terminal.says("Another host? [y/N] ")
        terminal.type("n\n")
        #expect(try await terminal.status() == 0, "\(terminal.text)")
        let text = try String(contentsOfFile: file, encoding: .utf8)
        #expect(text.contains("  pi:\n    address: \"\(try lab.addressOf("pi"))\"\n    user: pi\n"))
        #expect(text.contains("arch: amd64\n") && text.contains("services: {}"))
        let check = try await spawn([Site.program, "inventory", "check", "-i", file])
        #expect(check.status == 0, "\(check)")
        let ping = try await spawn(
            [Site.program, "host", "ping", "-i", file], environment: ["HOME": home.path])
        #expect(ping.status == 0, "\(ping)")
        // A second time nothing is written over.
        let again = try await spawn([Site.program, "init", "-i", file])
        #expect(again.status == 1 && again.errorText.contains("is there already"))
        #expect(try String(contentsOfFile: file, encoding: .utf8) == text)
    }

    @Test func aKeyThatIsNotAcceptedLeavesNothing() async throws {
        let lab = try Lab.required()
        let home = try home()
        let file = home.path + "/fleet.yaml"
        let terminal = try Terminal(
            [
                Site.program, "init", "-i", file, "--fleet", "f", "--name", "pi", "--address",
                try lab.addressOf("pi"), "--user", "pi", "--identity", lab.identityPath,
            ], environment: ["HOME": home.path])
        try await terminal.says("Is this the key of pi? [y/N] ")
        terminal.type("n\n")
        #expect(try await terminal.status() == 77, "\(terminal.text)")
        #expect(!home.has("fleet.yaml") && !home.has(".ssh/known_hosts"))
    }

    @Test func aScriptSaysEverything() async throws {
        let lab = try Lab.required()
        let home = try home()
        let file = home.path + "/fleet.yaml"
        func run(_ more: String...) async throws -> Ended {
            try await spawn(
                [Site.program, "init", "-i", file, "--timeout", "5"] + more,
                environment: ["HOME": home.path])
        }
        let address = try lab.addressOf("pi")
        let host = ["--name", "pi", "--address", address, "--user", "pi"]
        let key = ["--identity", lab.identityPath]
        let missing = try await run()
        #expect(missing.status == 64 && missing.errorText.contains("say --name"), "\(missing)")
        func all(_ more: [String]) async throws -> Ended {
            try await spawn(
                [Site.program, "init", "-i", file, "--timeout", "5"] + host + more,
                environment: ["HOME": home.path])
        }
        let unknown = try await all(key)
        #expect(unknown.status == 77 && !home.has("fleet.yaml"), "\(unknown)")
        let wrong = try await all(key + ["--password", "hunter2", "--offline", "--arch", "arm64"])
        #expect(wrong.status == 64 && !wrong.errorText.contains("hunter2"), "\(wrong)")
        let offline = try await all(key + ["--offline", "--arch", "arm64"])
        #expect(offline.status == 0 && home.has("fleet.yaml"), "\(offline)")
        try FileManager.default.removeItem(atPath: file)
        let prints = try await fingerprint(lab).split(separator: "\n").compactMap {
            $0.split(separator: " ").dropFirst().first.map(String.init)
        }
        let named = try await all(key + prints.flatMap { ["--fingerprint", $0] })
        #expect(named.status == 0, "\(named)")
        #expect(try home.read("fleet.yaml").contains("arch: amd64"))
        #expect(home.has(".ssh/known_hosts"))
    }
}
