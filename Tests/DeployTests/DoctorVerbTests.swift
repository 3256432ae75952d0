import Foundation
import LabSupport
import TestSupport
import Testing

/// `fleetctl doctor` on real hosts: each fault is planted, found and named with its fix.
@Suite(.lab, .sharesLab, .timeLimit(.minutes(10))) struct DoctorVerbTests {
    /// What differs from an inventory in which all is well.
    struct Inventory {
        var address: String?
        var identity: String?
        var knownHosts: String?
        var user = "pi"
        var more = ""
        var service = "{}"
    }

    private func doctor(
        _ inventory: Inventory = Inventory(), _ arguments: String..., path: String? = nil
    ) async throws -> (run: Site.Run, findings: [[String: String]]) {
        let lab = try Lab.required()
        let site = try Site.pi(lab)
        try site.folder.write(
            "fleet.yaml",
            """
            version: 1
            fleet: tests
            known_hosts: \(inventory.knownHosts ?? lab.knownHostsPath)
            hosts:
              pi:
                address: \(try inventory.address ?? lab.addressOf("pi"))
                user: \(inventory.user)
                identity: \(inventory.identity ?? lab.identityPath)
                arch: amd64
            \(inventory.more.indented.indented)
            services: \(inventory.service)

            """)
        let command =
            [Site.program, "doctor", "-o", "json", "-i", site.folder.path + "/fleet.yaml"]
            + ["--timeout", "3"] + arguments
        let environment = path.map {
            ["PATH": $0 + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "")]
        }
        let result = try await Shell.run(
            command, in: Site.project, environment: environment ?? [:])
        let run = Site.Run(
            status: Int(result.status), output: result.text, talk: result.errorText)
        let value = try JSONSerialization.jsonObject(with: Data(run.output.utf8))
        return (run, try #require(value as? [[String: String]]))
    }

    /// The one thing that is wrong.
    private func wrong(_ answer: (run: Site.Run, findings: [[String: String]])) -> [String: String]
    {
        #expect(answer.run.status == 5, "\(answer.run)")
        // Nothing keeps the clock of the shared host, which is no fault that was planted here.
        let found = answer.findings.filter {
            ["warning", "error"].contains($0["level"]) && $0["check"] != "host-clock"
        }
        #expect(found.count == 1, "\(found)")
        #expect(found.first?["fix"]?.isEmpty == false)
        return found.first ?? [:]
    }

    /// timedatectl as a machine with a clock that is kept, or is not, has it.
    private func clock(_ answer: String) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write("timedatectl", "#!/bin/sh\necho \(answer)\n", mode: 0o755)
        return folder
    }

    @Test func nothingIsFoundWhereAllIsWell() async throws {
        let folder = try clock("yes")
        try await FreshHost.with { host in
            try host.site.services("{}")
            try await host.sh(
                """
                printf '#!/bin/sh\\necho yes\\n' >/usr/local/bin/timedatectl
                chmod 755 /usr/local/bin/timedatectl
                """)
            let path = folder.path + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "")
            let run = try await spawn(
                [Site.program, "doctor", "-i", host.site.folder.path + "/fleet.yaml"],
                environment: ["PATH": path])
            #expect(run.status == 0, "\(run)")
            let lines = run.text.split(separator: "\n")
            for check in [
                "ssh-library", "inventory", "key-file", "known-hosts", "clock", "host",
                "host-clock", "root",
            ] {
                #expect(
                    lines.contains { $0.hasPrefix("ok ") && $0.contains(" \(check) ") },
                    "\(run.text)")
            }
            #expect(!run.text.contains("What to do"))
            try await host.sh("printf '#!/bin/sh\\necho no\\n' >/usr/local/bin/timedatectl")
            let unkept = try await host.site.fleetctl("doctor")
            #expect(unkept.status == 5, "\(unkept)")
            #expect(unkept.output.contains("agrees with this machine's, and nothing keeps it"))
        }
    }

    @Test func aClockThatNothingKeepsIsFound() async throws {
        let folder = try clock("no")
        let found = wrong(try await doctor(Inventory(), "--local", path: folder.path))
        #expect(found["check"] == "clock" && found["fix"] == "timedatectl set-ntp true")
    }

    @Test func aKeyThatOthersMayReadIsFound() async throws {
        let folder = try TemporaryFolder()
        let key = try String(contentsOfFile: try Lab.required().identityPath, encoding: .utf8)
        try folder.write("key", key, mode: 0o644)
        let clock = try clock("yes")
        let path = folder.path + "/key"
        let found = wrong(
            try await doctor(Inventory(identity: path), "--local", path: clock.path))
        #expect(found["check"] == "key-file" && found["fix"] == "chmod 600 \(path)")
        let missing = wrong(
            try await doctor(Inventory(identity: path + "2"), "--local", path: clock.path))
        #expect(missing["summary"] == "there is no such file")
        try folder.write("key3", "no key", mode: 0o600)
        let useless = wrong(
            try await doctor(Inventory(identity: path + "3"), "--local", path: clock.path))
        #expect(useless["summary"] == "is no private key that can be read")
    }

    @Test func aPasswordThatIsNotThereIsFound() async throws {
        let clock = try clock("yes")
        let more = "password: env:NO_SUCH_VARIABLE_HERE"
        let found = wrong(try await doctor(Inventory(more: more), "--local", path: clock.path))
        #expect(found["check"] == "password")
        #expect(found["summary"]?.contains("NO_SUCH_VARIABLE_HERE") == true)
    }

    @Test func aHostKeyThatIsNotKnownIsFound() async throws {
        let folder = try TemporaryFolder()
        let clock = try clock("yes")
        try folder.write("known_hosts", "", mode: 0o600)
        let known = folder.path + "/known_hosts"
        let found = wrong(try await doctor(Inventory(knownHosts: known), path: clock.path))
        #expect(found["check"] == "host-key")
        #expect(found["fix"]?.contains("fleetctl host trust --host pi") == true)
        try folder.write("known_hosts", "", mode: 0o666)
        let open = wrong(
            try await doctor(Inventory(knownHosts: known), "--local", path: clock.path))
        #expect(open["check"] == "known-hosts" && open["fix"]?.contains("chmod 600") == true)
    }

    /// The file that SSH uses and the one that the doctor looks at are one.
    @Test func theUsualKnownHostsIsTheOneBelowHOME() async throws {
        let home = try TemporaryFolder()
        try home.write(".ssh/known_hosts", "", mode: 0o600)
        let site = try Site.pi(try Lab.required())
        try site.services("{}")
        let inventory = try site.folder.read("fleet.yaml")
            .replacing(/known_hosts: .*/, with: "")
        try site.folder.write("fleet.yaml", inventory)
        let run = try await spawn(
            [Site.program, "doctor", "--local", "-i", site.folder.path + "/fleet.yaml"],
            environment: ["HOME": home.path])
        #expect(
            run.text.split(separator: "\n").contains {
                $0.hasPrefix("ok ") && $0.contains("known-hosts  \(home.path)/.ssh/known_hosts ")
            }, "\(run)")
        #expect(run.text.contains("no problems, 1 host, 0 services"), "\(run)")
    }

    @Test func aHostThatIsNotThereIsFound() async throws {
        let clock = try clock("yes")
        let found = wrong(
            try await doctor(Inventory(address: "198.51.100.99"), path: clock.path))
        #expect(found["check"] == "host" && found["subject"] == "pi")
    }

    @Test func aLoginAndARootThatAreRefusedAreFound() async throws {
        let clock = try clock("yes")
        let login = wrong(try await doctor(Inventory(user: "nobody"), path: clock.path))
        #expect(login["check"] == "login")
        let root = wrong(try await doctor(Inventory(user: "plain"), path: clock.path))
        #expect(root["check"] == "root")
    }

    @Test func aHostsWrongClockIsFound() async throws {
        try await FreshHost.with { host in
            try host.site.services("{}")
            try await host.sh(
                """
                printf '#!/bin/sh\\nexec /bin/date -d "+1 hour" "$@"\\n' >/usr/local/bin/date
                chmod 755 /usr/local/bin/date
                """)
            let run = try await host.site.fleetctl("doctor")
            #expect(run.status == 5, "\(run)")
            // At least so much: the answer took a moment, and has whole seconds.
            let hour = /its clock is 3(59\d|600) s ahead of this machine's/
            #expect(run.output.contains(hour), "\(run)")
            #expect(run.output.contains("What to do:"))
        }
    }

    @Test func aToolchainThatIsMissingIsFound() async throws {
        let lab = try Lab.required()
        let folder = try clock("yes")
        for tool in ["env", "sh"] {
            try FileManager.default.createSymbolicLink(
                atPath: folder.path + "/" + tool, withDestinationPath: "/usr/bin/" + tool)
        }
        let site = try Site.pi(lab)
        try site.services("port-guard:\n  host: pi\n  product: port-guard\n")
        let result = try await Shell.run(
            [
                "/usr/bin/env", "PATH=" + folder.path, Site.program, "doctor", "--local", "-i",
                site.folder.path + "/fleet.yaml",
            ], in: Site.project)
        #expect(result.status == 5, "\(result.text) \(result.errorText)")
        #expect(result.text.contains(/error +build +amd64/), "\(result.text)")
        #expect(result.text.contains("there is no swift in PATH"))
    }
}
