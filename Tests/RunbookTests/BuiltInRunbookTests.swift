import Foundation
import Runbook
import Testing

/// The runbooks of this project.
@Suite struct BuiltInRunbookTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Runbooks")

    /// One for each situation that the operators know.
    static let situations = [
        "board-unreachable", "charging-does-not-happen", "csv-not-written",
        "generator-will-not-start", "migrate-from-python", "monitor-keeps-stopping",
        "orphan-holds-a-port", "port-conflict", "restore-a-board", "sd-card-full",
        "thread-or-memory-leak", "update-gen-server",
    ]

    @Test func everyFileIsCompiledIn() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
            .filter { $0.hasSuffix(".md") }.sorted()
        #expect(BuiltInRunbooks.texts.map { $0.name + ".md" } == files)
        #expect(BuiltInRunbooks.texts.map(\.name) == Self.situations)
        for (name, text) in BuiltInRunbooks.texts {
            let file = try Data(contentsOf: Self.folder.appendingPathComponent(name + ".md"))
            #expect(Array(file) == text, "\(name)")
        }
    }

    @Test(arguments: BuiltInRunbooks.texts.map(\.name))
    func aRunbookIsWell(name: String) throws {
        let text = try #require(BuiltInRunbooks.texts.first { $0.name == name }?.text)
        let runbook: Runbook
        do {
            runbook = try Runbook(
                parsing: String(decoding: text, as: UTF8.self), name: name,
                file: "Runbooks/\(name).md")
        } catch {
            Issue.record("\(error.problems.map(\.text).joined(separator: "\n"))")
            return
        }
        for step in runbook.steps {
            // Whoever meets a failure is told what it means.
            #expect(step.onFailure != nil, "line \(step.line)")
            if let next = step.next { try expect(next, "line \(step.line)") }
            #expect(
                step.destructive != nil || !Self.changes(step.arguments), "line \(step.line)")
        }
    }

    /// What comes next is one of these, and has the variables that it is given.
    private func expect(_ next: NextRunbook, _ place: Comment) throws {
        let text = try #require(
            BuiltInRunbooks.texts.first { $0.name == next.name }?.text, "\(next.name), \(place)")
        let runbook = try Runbook(
            parsing: String(decoding: text, as: UTF8.self), name: next.name, file: next.name)
        for given in next.given {
            #expect(runbook.variables.contains { $0.name == given.name }, place)
        }
    }

    /// Whether a command changes something, as far as its words tell.
    private static func changes(_ arguments: [String]) -> Bool {
        let verbs = arguments.prefix(2).joined(separator: " ")
        let always = [
            "generator start", "generator stop", "generator reset", "generator update",
            "generator hold", "generator release", "charge on", "charge off", "charge force-stop",
            "units install", "host unlock", "host trust",
        ]
        if always.contains(verbs) || ["deploy", "rollback", "confirm"].contains(arguments.first) {
            return true
        }
        return arguments.contains { ["--fix", "--prune", "--yes", "-y"].contains($0) }
            || arguments.contains("systemctl") && !arguments.contains("show")
    }
}
