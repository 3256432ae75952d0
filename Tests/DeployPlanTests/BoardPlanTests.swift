import DeployPlan
import Inventory
import RemoteOps
import Testing

/// Facts to plans on a host with rc.local.
@Suite struct BoardPlanTests {
    private static let line = "/opt/fleet/app/current/supervise start || true # fleet:app"

    private func plan(
        _ desired: [DesiredService] = [Sample.supervised()], rcLocal: [UInt8]?,
        _ spoil: (inout ServiceFacts) -> Void = { _ in }
    ) -> HostPlan {
        var facts = Sample.facts(desired)
        facts.rcLocal = rcLocal.map { ExactFile(sha256: "abc", bytes: $0) }
        if var found = facts.services["app"] {
            spoil(&found)
            facts.services["app"] = found
        }
        return HostPlan.make(host: Sample.host(.rcLocal), desired: desired, facts: facts)
    }

    /// The new text without the line that takes a broken deploy back, which must be there, once and
    /// above ours.
    private func text(_ plan: HostPlan) -> String? {
        plan.rcLocal.map { String(decoding: Self.withoutHook($0.after), as: UTF8.self) }
    }

    private static let hook = "\(HostLayout.recoverLine) # fleetctl:recover"

    private static func withoutHook(
        _ script: [UInt8], sourceLocation: SourceLocation = #_sourceLocation
    ) -> [UInt8] {
        let lines = script.split(separator: 10, omittingEmptySubsequences: false)
        let hooks = lines.indices.filter { Array(lines[$0]) == Array(hook.utf8) }
        #expect(hooks.count == 1, sourceLocation: sourceLocation)
        if let hook = hooks.first, let service = lines.firstIndex(of: Array(line.utf8)[...]) {
            #expect(hook < service, sourceLocation: sourceLocation)
        }
        return Array(
            lines.indices.filter { !hooks.contains($0) }.map { lines[$0] }.joined(separator: [10]))
    }

    @Test func whatTakesABrokenDeployBackStandsAboveTheServices() {
        for (before, after) in [
            ("\(Self.line)\n", "\(Self.hook)\n\(Self.line)\n"),
            (
                "#!/bin/sh\n\(Self.line)\nexit 0\n",
                "#!/bin/sh\n\(Self.hook)\n\(Self.line)\nexit 0\n"
            ),
            ("#!/bin/sh\n\(Self.hook)\n\(Self.line)\n", nil),
            (
                "#!/bin/sh\n\(Self.line)\n\(Self.hook)\n",
                "#!/bin/sh\n\(Self.hook)\n\(Self.line)\n"
            ),
        ] {
            let plan = plan(rcLocal: Array(before.utf8)) { $0.supervisor = "stopped" }
            #expect(plan.rcLocal == nil)
            let hooked = plan.rcLocalHook.map { String(decoding: $0.after, as: UTF8.self) }
            #expect(hooked == after)
        }
        // Without a step there is nothing that could break.
        #expect(plan(rcLocal: Array("\(Self.line)\n".utf8)).rcLocalHook == nil)
    }

    @Test func whatIsAsItMustBeIsLeftAlone() {
        #expect(plan(rcLocal: Array("#!/bin/sh\n\(Self.line)\nexit 0\n".utf8)).isEmpty)
    }

    @Test func aFirstDeployLeavesNothingBehindWhenUndone() {
        let plan = plan(rcLocal: Array("#!/bin/sh -e\nexit 0\n".utf8)) { $0 = ServiceFacts() }
        #expect(
            plan.steps == [
                .installRcLocal(sha256Before: "abc"),
                .switchRelease(service: "app", to: Sample.new),
                .supervisorRestart(service: "app"), .steadySupervised(service: "app", seconds: 1),
            ])
        #expect(
            plan.undo == [
                .supervisorStop(service: "app"), .unlink(service: "app"), .restoreRcLocal,
            ])
        #expect(text(plan) == "#!/bin/sh -e\n\(Self.line)\nexit 0\n")
        #expect(plan.text.map(\.line).contains("      +\(Self.line)"))
    }

    @Test func withoutRcLocalThereIsANewOne() {
        let plan = plan(rcLocal: nil)
        #expect(
            plan.steps == [.installRcLocal(sha256Before: nil)])
        #expect(plan.steps.map(\.line) == ["install_rc_local absent"])
        #expect(plan.undo == [.restoreRcLocal])
        #expect(text(plan) == "#!/bin/sh\n\(Self.line)\nexit 0\n")
        #expect(plan.services[0].restart == nil)
    }

    /// A script, and the one that it becomes; nil where it may not be touched.
    static let scripts: [(String, String?)] = [
        ("", "#!/bin/sh\n\(line)\nexit 0\n"),
        ("#!/bin/sh\necho a", "#!/bin/sh\necho a\n\(line)\n"),
        ("#!/bin/sh\necho a\nexit 0\n", "#!/bin/sh\necho a\n\(line)\nexit 0\n"),
        (
            "#!/bin/sh\nif x; then exit 1; fi\nexit 0\necho never\n",
            "#!/bin/sh\nif x; then exit 1; fi\n\(line)\nexit 0\necho never\n"
        ),
        ("#!/bin/sh\nexit 0\n\(line)\n", "#!/bin/sh\n\(line)\nexit 0\n"),
        ("#!/bin/sh\necho 'open\n", "#!/bin/sh\n\(line)\necho 'open\n"),
        ("#!/usr/bin/python3\nprint()\n", nil),
        ("#!/bin/sh\r\nexit 0\r\n", nil),
        ("\u{7F}ELF", nil),
        ("#!/bin/sh\n\0\n", nil),
    ]

    @Test(arguments: scripts.indices) func scriptsOfEveryKind(row: Int) {
        let (before, after) = Self.scripts[row]
        let plan = plan(rcLocal: Array(before.utf8))
        #expect(text(plan) == after)
        #expect(plan.refusals.isEmpty == (after != nil))
        if after == nil {
            let said = plan.refusals.map(\.text)
            #expect(said[0].hasPrefix("/etc/rc.local cannot be changed safely: "), "\(said)")
            #expect(!plan.steps.contains { if case .installRcLocal = $0 { true } else { false } })
        }
    }

    @Test func aScriptThatMayHaveBeenCutIsLeftAlone() {
        let bytes = Array("#!/bin/sh\n".utf8) + [UInt8](repeating: 35, count: ExactFile.sizeMax)
        let plan = plan(rcLocal: Array(bytes.prefix(ExactFile.sizeMax)))
        #expect(plan.rcLocal == nil)
        #expect(plan.refusals.count == 1)
    }

    @Test func bytesThatAreNoUTF8AreKept() {
        let before = Array("#!/bin/sh\n# ".utf8) + [0xE9, 0xFF, 10]
        #expect(
            plan(rcLocal: before).rcLocal.map { Self.withoutHook($0.after) }
                == before + Array("\(Self.line)\n".utf8))
    }

    @Test func severalServicesShareTheFile() {
        let services = ["app", "other"].map { Sample.supervised(Sample.service($0)) }
        let plan = plan(services, rcLocal: Array("#!/bin/sh\nexit 0\n".utf8))
        #expect(plan.steps.count == 1)
        #expect(text(plan)?.split(separator: "\n").count == 4)
    }

    @Test(arguments: [
        nil, "stopped", "unknown supervisor=3 process=none restarts=2",
        "unknown process=3 runs without a supervisor", "", "run", "hostile \u{1B}[2J",
    ])
    func whatDoesNotRunIsStarted(status: String?) {
        let plan = plan(rcLocal: Array("\(Self.line)\n".utf8)) {
            $0.supervisor = status
            $0.process = nil
        }
        #expect(plan.services[0].restart == .notRunning)
        #expect(plan.undo == [.supervisorStop(service: "app")])
    }

    @Test func aNewReleaseGoesBackToTheOld() {
        let before = Sample.supervised(release: Sample.old, program: "older")
        let plan = plan(rcLocal: Array("\(Self.line)\n".utf8)) {
            $0 = Sample.facts([before]).services["app"] ?? ServiceFacts()
        }
        #expect(
            plan.undo == [
                .switchRelease(service: "app", to: Sample.old), .supervisorRestart(service: "app"),
            ])
        #expect(plan.services[0].transfer?.sent == ["app"])
    }
}
