import TestSupport
import Testing

@testable import Runbook

/// What a runbook's text means, and what is refused.
@Suite struct RunbookParserTests {
    /// A whole runbook around the lines of one step.
    static func text(_ step: String, variables: String = "", heading: String = "### Look") -> String
    {
        """
        # Title

        When it is so.

        ```fleetctl-variables
        \(variables)
        ```

        \(heading)

        ```fleetctl
        \(step)
        ```

        ## Next

        All is well.
        """
    }

    static func parse(_ text: String) throws(RunbookProblems) -> Runbook {
        try Runbook(parsing: text, name: "a-case", file: "a-case.md")
    }

    private func problems(_ text: String) -> [String] {
        do {
            _ = try Self.parse(text)
            return []
        } catch {
            return error.problems.map(\.text)
        }
    }

    @Test func aStepHasEverythingThatItsLinesSay() throws {
        let runbook = try Self.parse(
            Self.text(
                """
                fleetctl host exec --host {pi} -- echo "a b" ''
                expect: exit 0 or 5
                expect: says "x y"
                expect: never says "z"
                on failure, go on: look at {pi}
                next: other-case host={pi} lines=5
                destructive: {pi} hears it
                within: 10m
                """, variables: "pi: the host; else inventory:monitor.host"))
        #expect(runbook.title == "Title" && runbook.situation == "When it is so.")
        #expect(runbook.conclusion == "All is well.")
        #expect(
            runbook.variables == [
                RunbookVariable(
                    name: "pi", meaning: "the host", fallback: .inventory(.monitorHost))
            ])
        let step = try #require(runbook.steps.first)
        #expect(step.arguments == ["host", "exec", "--host", "{pi}", "--", "echo", "a b", ""])
        #expect(step.exits == [0, 5] && step.says == ["x y"] && step.neverSays == ["z"])
        #expect(step.onFailure == "look at {pi}" && step.afterFailure == .goOn)
        #expect(step.next == NextRunbook("other-case host={pi} lines=5"))
        #expect(step.destructive == "{pi} hears it")
        #expect(step.limit == .seconds(600) && step.title == "Look" && step.line == 12)
        let filled = step.filled(["pi": "{board}"])
        #expect(filled.commandLine == "fleetctl host exec --host {board} -- echo \"a b\" \"\"")
        #expect(
            filled.next?.commandLine
                == "fleetctl runbook run other-case --var host={board} --var lines=5")
    }

    @Test func whatIsNotSaidIsTheUsual() throws {
        let step = try #require(try Self.parse(Self.text("fleetctl plan")).steps.first)
        #expect(step.exits == [0] && step.afterFailure == .stop && step.destructive == nil)
        #expect(step.limit == RunbookStep.limitDefault)
    }

    static let wrong: [(step: String, problem: String)] = [
        ("", "a-case.md:11: error: the step has no command"),
        ("rm -rf /", "a-case.md:12: error: a step has one command"),
        ("fleetctl plan\nfleetctl deploy", "a-case.md:13: error: a step has one command; begin"),
        ("fleetctl runbook run a-case", "a runbook runs no other"),
        ("fleetctl plan | tee x", "a-case.md:12: error: '|' means nothing here"),
        ("fleetctl plan; reboot", "'; means nothing"),
        ("fleetctl plan $HOME", "'$' means nothing"),
        ("fleetctl logs \"x", "a quote is not closed"),
        ("fleetctl plan\nexpect: success", "expected is"),
        ("fleetctl plan\nexpect: exit 256", "exit codes"),
        ("fleetctl plan\nexpect: exit", "expected is"),
        ("fleetctl plan\nexpect: exit 0\nexpect: exit 1", "exit codes are said once"),
        ("fleetctl plan\nexpect: says x", "expected is"),
        ("fleetctl plan\nexpect: says \"\"", "expected is"),
        ("fleetctl plan\nwithin: 5h", "a time from 1s to 4h"),
        ("fleetctl plan\nwithin: 0s", "a time from 1s to 4h"),
        ("fleetctl plan\nnext: ../x", "'next:' names a runbook"),
        ("fleetctl plan\nnext: x host", "'next:' names a runbook"),
        ("fleetctl plan\nnext: x --yes=1", "'next:' names a runbook"),
        ("fleetctl plan\nnext: x host={nobody}", "there is no variable 'nobody'"),
        ("fleetctl plan\non failure: a\non failure, go on: b", "'on failure' is said twice"),
        ("fleetctl plan\ndestructive:", "a step has one command"),
        ("fleetctl plan --host {pi}", "there is no variable 'pi'"),
        ("fleetctl plan --host {pi", "a '{' has no '}'"),
        ("fleetctl plan --host {}", "a '{' has no '}'"),
        ("fleetctl " + String(repeating: "x", count: 500), "longer than 500 bytes"),
    ]

    @Test(arguments: wrong)
    func aMistakeIsNamedWithItsLine(step: String, problem: String) throws {
        let found = problems(Self.text(step))
        let problem = problem.replacing("'; means", with: "';' means")
        #expect(found.contains { $0.contains(problem) }, "\(found)")
    }

    @Test func everyMistakeIsNamedAtOnce() {
        let found = problems("Text.\n\n```fleetctl\nexpect: yes\n```\n\n```Fleetctl\n```\n```x\n")
        #expect(found.count == 8, "\(found)")
        #expect(found.last == "a-case.md:9: error: the block that begins here is not closed")
    }

    @Test func variablesAreChecked() {
        func of(_ lines: String) -> [String] {
            problems(Self.text("fleetctl plan --host {a} --service {b}", variables: lines))
        }
        #expect(of("a: x\nb: y; else z") == [])
        #expect(of("a: x\nb: y\na: z").first?.contains("'a' is named twice") == true)
        #expect(of("a: x\nb: y\nc: z").first?.contains("'c' is used by no step") == true)
        #expect(of("a: x\nb y").first?.contains("a variable is written") == true)
        #expect(of("a: x\nB: y").first?.contains("is named by letters") == true)
        #expect(of("a: x\nb: y; else inventory:pi").first?.contains("has no 'pi'") == true)
    }

    @Test func limitsHold() {
        let step = "### S\n\n```fleetctl\nfleetctl plan\n```\n"
        let many = String(repeating: step, count: Runbook.stepLimit + 1)
        #expect(
            problems("# T\n\nS.\n\n\(many)\n## Next\n\nEnd.").first?.contains("more than 50 steps")
                == true)
        let long = String(repeating: "x", count: Runbook.sizeLimit)
        #expect(problems("# T\n\n\(long)").first?.contains("larger than 64 KiB") == true)
        #expect(!Runbook.isName("") && !Runbook.isName("a/b") && !Runbook.isName("A"))
        #expect(!Runbook.isName(String(repeating: "a", count: 65)) && !Runbook.isName("-a"))
    }

    /// Whatever a file holds, reading it ends, and ends with a runbook or with problems.
    @Test func anyTextIsRead() {
        var random = SeededGenerator.fresh("anyTextIsRead")
        let pieces = [
            "# T", "\n", "\n\n", "```", "````", "```fleetctl", "```fleetctl-variables", "fleetctl ",
            "plan", "expect: ", "exit ", "0", " or ", "says \"", "\"", "{", "}", "a", ": ",
            "; else ",
            "inventory:", "monitor", "within: ", "1h", "on failure", ", go on", "## Next", "\u{0}",
            "\r\n", "é", "next: ", "destructive: ", "'", "-", "## ",
        ]
        var read = 0
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...60, using: &random)
            let text = (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            do {
                _ = try Self.parse(text)
                read += 1
            } catch {
                #expect(!error.problems.isEmpty)
            }
        }
    }
}
