import Foundation
import LabSupport
import TestSupport
import Testing

/// `fleetctl runbook` on the lab's hosts: real steps, real endings.
@Suite(.lab, .sharesLab, .timeLimit(.minutes(10))) struct RunbookVerbTests {
    private func site(_ runbooks: [String: String] = [:]) throws -> Site {
        let site = try Site.pi(try Lab.required())
        try site.folder.write(
            "fleet.yaml",
            """
            version: 1
            fleet: tests
            known_hosts: \(site.lab.knownHostsPath)
            defaults:
              identity: \(site.lab.identityPath)
            hosts:
              pi: { address: \(try site.lab.addressOf("pi")), user: pi, arch: amd64 }
              gone: { address: 198.51.100.99, user: pi, arch: amd64 }
            services: {}

            """)
        for (name, text) in runbooks { try site.folder.write("Runbooks/\(name).md", text) }
        return site
    }

    /// A runbook of these blocks.
    private func text(_ steps: String...) -> String {
        let blocks = steps.map { "### Step\n\n```fleetctl\n\($0)\n```\n" }
        return "# A case\n\nWhen it is so.\n\n\(blocks.joined(separator: "\n"))\n## Next\n\nWell.\n"
    }

    private static let ping = "fleetctl host ping --host pi\nexpect: says \"ok\""

    @Test func theOnesBesideTheInventoryAndTheBuiltInOnesAreListed() async throws {
        let site = try site([
            "own-case": text(Self.ping), "port-conflict": text(Self.ping), "README": "no runbook",
        ])
        let run = try await site.fleetctl("runbook", "list")
        #expect(run.status == 0, "\(run)")
        let line = { (name: String) in
            run.output.split(separator: "\n").first { $0.hasPrefix(name + " ") } ?? ""
        }
        #expect(line("own-case").contains("A case"))
        #expect(line("port-conflict").contains("/Runbooks/port-conflict.md"))
        #expect(line("sd-card-full").hasSuffix("fleetctl"))
        let shown = try await site.fleetctl("runbook", "show", "own-case")
        #expect(shown.status == 0 && shown.output.contains("fleetctl host ping --host pi"))
        let unknown = try await site.fleetctl("runbook", "show", "own-cas")
        #expect(unknown.status == 64 && unknown.talk.contains("did you mean 'own-case'?"))
    }

    @Test func stepsPassAndTheRunbookConcludes() async throws {
        let echo = "fleetctl host exec --host pi -- echo \"one  two\""
        let site = try site(["own-case": text(Self.ping, echo + "\nexpect: says \"one  two\"")])
        let run = try await site.fleetctl("runbook", "run", "own-case")
        #expect(run.status == 0, "\(run)")
        #expect(run.output.contains("1     passed  Step"))
        #expect(run.output.hasSuffix("\nWell.\n"))
        #expect(run.talk.contains("   | one  two"))
        let quiet = try await site.fleetctl("runbook", "run", "own-case", "-o", "json")
        let steps = try #require(try quiet.json()["steps"] as? [[String: Any]])
        #expect(steps.map { $0["result"] as? String } == ["passed", "passed"])
        #expect(steps.map { $0["exitCode"] as? Int } == [0, 0])
        #expect((steps[1]["output"] as? String)?.contains("one  two") == true)
        #expect(quiet.talk == "")
    }

    @Test func aFailedStepEndsTheRunWithItsMeaningAndWhatIsNext() async throws {
        let dead = """
            fleetctl host ping --host gone --timeout 2
            on failure: the host is dead.
            next: board-unreachable
            """
        let site = try site(["own-case": text(dead, Self.ping)])
        let run = try await site.fleetctl("runbook", "run", "own-case")
        #expect(run.status == 5, "\(run)")
        #expect(run.output.contains("failed   Step  exit 1, expected 0"))
        #expect(run.output.contains("skipped  Step  step 1 failed"))
        #expect(run.output.contains("Step 1 failed: the host is dead."))
        #expect(run.output.hasSuffix("Next: fleetctl runbook run board-unreachable\n"))
    }

    @Test func withoutATerminalADestructiveStepNeedsYes() async throws {
        let mark = "/tmp/runbook-\(UUID().uuidString)"
        let touch = "fleetctl host exec --host pi -- touch \(mark)\ndestructive: a file comes to be"
        let site = try site(["own-case": text(touch, Self.ping)])
        let run = try await site.fleetctl("runbook", "run", "own-case")
        #expect(run.status == 0, "\(run)")
        #expect(run.output.contains("a file comes to be; there is no terminal to ask on"))
        #expect(run.output.contains("Nothing failed, but not every step was carried out."))
        #expect(try await site.lab.sh("pi", "ls \(mark)").status != 0)
        let yes = try await site.fleetctl("runbook", "run", "own-case", "--yes")
        #expect(yes.status == 0, "\(yes)")
        #expect(try await site.lab.sh("pi", "rm \(mark)").status == 0)
    }

    @Test func onATerminalADestructiveStepIsAskedFor() async throws {
        let mark = "/tmp/runbook-\(UUID().uuidString)"
        let touch = "fleetctl host exec --host pi -- touch \(mark)\ndestructive: a file comes to be"
        let site = try site(["own-case": text(touch)])
        for (answer, status) in [("n", 2), ("y", 0)] {
            let terminal = try Terminal([
                Site.program, "runbook", "run", "own-case", "-i", site.folder.path + "/fleet.yaml",
            ])
            try await terminal.says("a file comes to be. Do it? [y/N] ")
            terminal.type(answer + "\n")
            #expect(try await terminal.status() == 0, "\(terminal.text)")
            #expect(try await site.lab.sh("pi", "ls \(mark)").status == status)
        }
        try await site.lab.sh("pi", "rm -f \(mark)")
    }

    @Test func aStepThatHangsIsEndedAndFails() async throws {
        let hang = "fleetctl host exec --host pi -- sleep 100\nwithin: 3s"
        let site = try site(["own-case": text(hang)])
        let run = try await site.fleetctl("runbook", "run", "own-case")
        #expect(run.status == 5 && run.output.contains("it took longer than 3s"), "\(run)")
    }

    @Test func whatAHostPrintsIsShownWithoutItsControlCharacters() async throws {
        let evil = "fleetctl host exec --host pi -- cat /tmp/evil"
        let site = try site(["own-case": text(evil)])
        try await site.lab.sh(
            "pi", "printf 'a\\033[2Jb\\007\\302\\233c\\n' >/tmp/evil; chmod 644 /tmp/evil")
        for more in [[], ["-o", "json"]] {
            let run = try await site.fleetctl(["runbook", "run", "own-case"] + more)
            #expect(run.status == 0, "\(run)")
            let all = run.output + run.talk
            #expect(!all.unicodeScalars.contains { $0.value == 0x1B || $0.value == 0x9B })
            #expect(!all.contains("\u{7}") && all.contains("[2Jb"))
        }
    }

    @Test func mistakesAreNamedBeforeAnythingIsDone() async throws {
        let site = try site(["own-case": text("fleetctl plan | tee x\nexpect: luck")])
        let run = try await site.fleetctl("runbook", "run", "own-case")
        #expect(run.status == 64, "\(run)")
        #expect(run.talk.contains("own-case.md:8: error: '|' means nothing here"))
        #expect(run.talk.contains("own-case.md:9: error: expected is"))
        #expect(try await site.fleetctl("runbook", "list").status == 64)
        let missing = try await site.fleetctl("runbook", "run", "generator-will-not-start")
        #expect(missing.status == 64)
        #expect(missing.talk.contains("say --var board=…"))
        let wrong = try await site.fleetctl("runbook", "run", "port-conflict", "--var", "x=y")
        #expect(wrong.status == 64 && wrong.talk.contains("has no variable 'x'"))
    }
}
