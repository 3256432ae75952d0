import Inventory
import Runbook
import Testing

/// What becomes of the steps, and what follows from it.
@Suite struct RunbookRunTests {
    private func runbook(_ afterFailure: String = "on failure") throws -> Runbook {
        try RunbookParserTests.parse(
            """
            # T

            When.

            ### One

            ```fleetctl
            fleetctl plan
            expect: exit 0 or 2
            expect: says "steps"
            expect: never says "refused"
            \(afterFailure): it is refused
            next: other
            ```

            ### Two

            ```fleetctl
            fleetctl deploy --yes
            destructive: it is deployed
            ```

            ### Three

            ```fleetctl
            fleetctl audit
            on failure: there are findings
            ```

            ## Next

            Well.
            """)
    }

    private func run(_ runbook: Runbook, _ endings: [RunbookRun.Ending?]) -> RunbookRun {
        var run = RunbookRun(runbook, values: [:])
        var endings = endings[...]
        while let step = run.next() {
            if let ending = endings.popFirst() ?? nil {
                run.record(step, ending)
            } else {
                run.skip(step, because: "not wanted")
            }
        }
        return run
    }

    private static let good = RunbookRun.Ending.exited(0, output: "steps")

    @Test func whereAllPassTheRunbookConcludes() throws {
        let run = run(try runbook(), [.exited(2, output: "2 steps"), Self.good, Self.good])
        #expect(run.done.map(\.mark) == [.passed, .passed, .passed])
        #expect(run.conclusion.text == "Well." && !run.conclusion.hasFailed)
    }

    @Test func aFailureEndsTheRunAndNamesWhatIsNext() throws {
        let run = run(try runbook(), [.exited(1, output: "steps")])
        #expect(
            run.done.map(\.mark) == [
                .failed("exit 1, expected 0 or 2"), .skipped("step 1 failed"),
                .skipped("step 1 failed"),
            ])
        let conclusion = run.conclusion
        #expect(conclusion.hasFailed && conclusion.next?.name == "other")
        #expect(conclusion.text == "Step 1 failed: it is refused")
    }

    @Test func whereItGoesOnEveryFailureIsInTheConclusion() throws {
        let run = run(
            try runbook("on failure, go on"),
            [.exited(0, output: "nothing"), Self.good, .none("it took longer than 5m")])
        #expect(
            run.done.map(\.mark) == [
                .failed("it did not say \"steps\""), .passed, .failed("it took longer than 5m"),
            ])
        #expect(
            run.conclusion.text
                == "Step 1 failed: it is refused Step 3 failed: there are findings")
    }

    @Test func theFirstFailureThatNamesARunbookIsFollowed() throws {
        var runbook = try runbook("on failure, go on")
        runbook.steps[0].next = nil
        runbook.steps[2].next = NextRunbook("later")
        let run = run(runbook, [.exited(1, output: ""), Self.good, .exited(1, output: "")])
        #expect(run.conclusion.next == NextRunbook("later"))
    }

    @Test func whatMustNotBeSaidFails() throws {
        let run = run(try runbook(), [.exited(0, output: "steps: refused")])
        #expect(run.done.first?.mark == .failed("it said \"refused\""))
    }

    @Test func aSkippedStepIsSaidInTheConclusion() throws {
        let run = run(try runbook(), [Self.good, nil, Self.good])
        #expect(run.done.map(\.mark) == [.passed, .skipped("not wanted"), .passed])
        #expect(run.conclusion.hasSkipped && !run.conclusion.hasFailed)
        #expect(run.conclusion.text.hasPrefix("Nothing failed, but not every step"))
    }

    private func fleet(_ services: [Service]) throws -> Fleet {
        let pi = Host(
            name: try #require(HostName("pi")), address: "a", user: "u", architecture: .arm64)
        let board = Host(
            name: try #require(HostName("board")), address: "192.0.2.9", user: "u", via: pi.name,
            architecture: .armv5)
        return Fleet(name: "f", hosts: [pi, board], services: services)
    }

    private func service(
        _ name: String, on host: String, _ source: Service.Source, replaces: [String] = [],
        gate: Service.Gate? = nil
    ) throws -> Service {
        Service(
            name: try #require(ServiceName(name)), hosts: [try #require(HostName(host))],
            source: source, executable: "x", replaces: replaces, gate: gate)
    }

    @Test func theInventoryKnowsNames() throws {
        let fleet = try fleet([
            service("relays", on: "board", .artifact("x"), gate: .generatorIdle),
            service("watch", on: "pi", .product("pigenny-monitor"), replaces: ["old.service"]),
        ])
        let values = InventoryValue.allCases.map { "\($0.rawValue)=\($0.value(in: fleet) ?? "-")" }
        #expect(
            values == [
                "controller=relays", "controller.host=board", "controller.via=pi",
                "controller.address=192.0.2.9", "monitor=watch", "monitor.host=pi",
                "monitor.user=root", "replacing=watch", "replacing.host=pi",
            ])
        let none = try self.fleet([])
        #expect(InventoryValue.allCases.allSatisfy { $0.value(in: none) == nil })
    }

    @Test func valuesAreGivenOrKnownOrAskedFor() throws {
        let runbook = try RunbookParserTests.parse(
            RunbookParserTests.text(
                "fleetctl logs {a} {b} {c}",
                variables: "a: first\nb: second; else x y\nc: third; else inventory:monitor"))
        let fleet = try fleet([])
        func failures(_ given: [(String, String)]) -> [String] {
            do {
                _ = try runbook.values(given: given.map { (name: $0.0, value: $0.1) }, fleet: fleet)
                return []
            } catch {
                return error.sentences
            }
        }
        let values = try runbook.values(given: [("a", "1"), ("c", "3")], fleet: fleet)
        #expect(values == ["a": "1", "b": "x y", "c": "3"])
        #expect(
            failures([]) == [
                "say --var a=…: first", "say --var c=…: third (the inventory does not tell)",
            ])
        for value in ["", "--force", "a\nb", String(repeating: "x", count: 201)] {
            #expect(failures([("a", value), ("c", "3")]).first?.hasPrefix("--var a= ") == true)
        }
        #expect(
            failures([("a", "1"), ("c", "3"), ("d", "4")]).first?.contains("no variable 'd'")
                == true)
    }
}
