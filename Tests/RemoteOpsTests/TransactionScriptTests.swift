import Foundation
import RemoteOps
import TestSupport
import Testing

/// What becomes of a transaction whose process is gone, in the shells of the hosts.
@Suite struct TransactionScriptTests {
    /// A host with release `old`, on which a deploy of `new` came as far as its journal says.
    private func host(journal: String, stepsDone: Bool = true) throws -> FakeRoot {
        let host = try FakeRoot()
        try host.point(to: stepsDone ? ScriptTests.new : ScriptTests.old)
        let staging = try host.applying(
            steps: ["switch app \(ScriptTests.new)"], undo: ["switch app \(ScriptTests.old)"])
        try host.leave(staging, journal: journal)
        return host
    }

    private static func rows() throws -> [(journal: String, release: String, audit: String)] {
        let here = "begin left boot=\(try FakeRoot.bootID()) time=1 ;\n"
        let before = "begin left boot=another time=1 ;\n"
        let (old, new) = (ScriptTests.old, ScriptTests.new)
        return [
            (before + "step 1 ;\n", old, "reverted: power cut"),
            (before + "step 1 ;\nok 1 ;\nswitched 9999999999 ;\n", old, "reverted: power cut"),
            (here + "step 1 ;\n", old, "reverted: the script was killed"),
            (here + "step 1 ;\nswitched 0 ;\n", old, "reverted: not confirmed within 120 s"),
            (before + "step 1 ;\nswitched 5 ;\nconfirmed ;\n", new, "done"),
            // Torn: the last append never came to its end, so nobody was told of it.
            (before + "step 1 ;\nswitched 5 ;\nconfirmed", old, "reverted: power cut"),
            (before + "step 1 ;\nswitched 5 ;\nconfirmed ", old, "reverted: power cut"),
            (before + "ste", new, "reverted: power cut"),
            (before + "step 1 ;\nundo step 1 failed ;\n", old, "reverted: step 1 failed"),
            ("", new, "reverted: power cut"),
        ]
    }

    @Test(arguments: Shell.shells)
    func theJournalDecides(shell: [String]) async throws {
        for row in try Self.rows() {
            let host = try host(journal: row.journal)
            let result = try await host.watch(shell)
            #expect(result.status == 0, "\(row): \(result.text) \(result.errorText)")
            #expect(try host.current() == "releases/\(row.release)", "\(row)")
            #expect(try host.audit.contains("\"outcome\":\"\(row.audit)\""), "\(row)")
            for left in [".transaction", ".staging/done-left"] {
                #expect(!host.root.has("opt/fleet/\(left)"), "\(row)")
            }
            #expect(!host.root.has("run/fleet/lock"), "\(row)")
        }
    }

    @Test(arguments: Shell.shells)
    func aDeployThatWaitsIsLeftAlone(shell: [String]) async throws {
        let journal = "begin left boot=\(try FakeRoot.bootID()) time=1 ;\nstep 1 ;\n"
        let host = try host(journal: journal + "switched 9999999999 ;\n")
        #expect(try await host.watch(shell).status == 0)
        #expect(host.root.has("opt/fleet/.transaction"))
        let other = try host.applying(steps: ["switch app \(ScriptTests.old)"], undo: [])
        let refused = try await host.run(shell, RemoteScripts.apply, other)
        #expect(refused.status == 75)
        #expect(refused.text.contains("locked"), "\(refused)")
        #expect(try host.current() == "releases/\(ScriptTests.new)")
    }

    @Test(arguments: Shell.shells)
    func goingBackCanBeCutOffAnywhere(shell: [String]) async throws {
        // Whoever goes back may be ended after any of its lines: the next one begins from the top.
        let journal = "begin left boot=another time=1 ;\nstep 1 ;\nundo power cut ;\nundone 1 ;\n"
        let host = try host(journal: journal, stepsDone: false)
        #expect(try await host.watch(shell).status == 0)
        #expect(try host.current() == "releases/\(ScriptTests.old)")
    }

    @Test(arguments: Shell.shells)
    func aLinkThatWasNotYetPutInPlaceIsNoHindrance(shell: [String]) async throws {
        let here = "begin left boot=\(try FakeRoot.bootID()) time=1 ;\n"
        let host = try host(journal: here + "step 1 ;\n", stepsDone: false)
        try host.root.write("opt/fleet/app/releases/\(ScriptTests.new)/file", "")
        try FileManager.default.createSymbolicLink(
            atPath: host.root.path + "/opt/fleet/app/.current-new",
            withDestinationPath: "releases/\(ScriptTests.new)")
        #expect(try await host.watch(shell).status == 0)
        #expect(try host.current() == "releases/\(ScriptTests.old)")
        let files = try FileManager.default.contentsOfDirectory(
            atPath: host.root.path + "/opt/fleet/app/releases/\(ScriptTests.new)")
        #expect(files == ["file"])
    }

    @Test(arguments: Shell.shells)
    func whatCannotBeTakenBackIsTriedThreeTimes(shell: [String]) async throws {
        let host = try FakeRoot()
        let staging = try host.applying(
            steps: ["command 1 true"],
            undo: ["command 1 sh -c 'echo >>\(host.root.path)/tries; false'"])
        try host.leave(staging, journal: "begin left boot=another time=1 ;\nstep 1 ;\n")
        for attempt in 1...3 {
            #expect(host.root.has("opt/fleet/.transaction"), "attempt \(attempt)")
            #expect(try await host.watch(shell).status == 1)
        }
        #expect(!host.root.has("opt/fleet/.transaction"))
        #expect(try host.audit.contains("\"outcome\":\"broken: power cut\""))
    }

    @Test(arguments: Shell.shells)
    func aStaleLockIsTakenByOneOnly(shell: [String]) async throws {
        let host = try FakeRoot()
        for (name, text) in RemoteScripts.applyParts {
            try host.root.write("scripts/\(name)", String(decoding: text, as: UTF8.self))
        }
        // Each takes the lock of somebody dead 20 times, and says where it was not alone.
        try host.root.write(
            "contend.sh",
            """
            cd '\(host.root.path)'
            run=$PWD/run id=x this_boot=here
            nap() { sleep 0.01; }
            uptime_seconds() { echo 1; }
            . scripts/lock.sh
            for round in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
                until take_lock test >/dev/null; do nap; done
                mkdir inside || echo not alone >>clash
                rmdir inside
                echo >>taken
                # Not given back: the next one finds the lock of somebody who is gone.
                echo "boot=here pid=1 start=$$-$round" | tr ' ' '\\n' >lock.new
                mv lock.new run/lock
            done
            """)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let result = try await Shell.run(shell + ["\(host.root.path)/contend.sh"])
                    #expect(result.status == 0, "\(result.errorText)")
                }
            }
            try await group.waitForAll()
        }
        #expect(!host.root.has("clash"))
        #expect(try host.root.read("taken").count == 80)
        let left = try FileManager.default.contentsOfDirectory(atPath: host.root.path + "/run")
        #expect(left == ["lock"])
    }
}
