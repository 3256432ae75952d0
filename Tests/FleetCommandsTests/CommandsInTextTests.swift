import ArgumentParser
import Foundation
import Runbook
import Testing

@testable import FleetCommands

/// Every command that a guide, the README or a runbook tells people to type exists, and its options
/// do too.
@Suite struct CommandsInTextTests {
    /// A command line in a text.
    struct Command: CustomTestStringConvertible, Sendable {
        var file: String
        var line: Int
        var text: String
        var testDescription: String { "\(file):\(line): \(text)" }
    }

    private static let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static let files: [String] = {
        let folders = ["Documentation", "Documentation/Decisions", "Runbooks"]
        let inFolders = folders.flatMap { folder in
            let names = try? FileManager.default.contentsOfDirectory(
                atPath: project.path + "/" + folder)
            // A folder that cannot be read has no commands, which `thereAreCommands` notices.
            return (names ?? []).filter { $0.hasSuffix(".md") }.map { folder + "/" + $0 }
        }
        return (inFolders + ["README.md"]).sorted()
    }()

    static let commands: [Command] = files.flatMap { file -> [Command] in
        guard let text = try? String(contentsOfFile: project.path + "/" + file, encoding: .utf8)
        else { return [] }
        // Tables of measurements begin their lines with who was measured.
        return found(in: text, promptOnly: file.hasSuffix("benchmarks.md")).map {
            Command(file: file, line: $0.line, text: $0.text)
        }
    }

    /// The commands of a Markdown text: lines of fenced blocks that begin with `fleetctl`, after a
    /// prompt or not, and inline code that does.
    static func found(
        in text: String, promptOnly: Bool = false
    ) -> [(line: Int, text: String)] {
        var commands: [(Int, String)] = []
        var isFenced = false
        // A command that goes on in the next line.
        var begun: (line: Int, text: String)?
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            if line.hasPrefix("```") {
                isFenced.toggle()
            } else if isFenced {
                let hasPrompt = line.hasPrefix("$ ")
                let bare = String(hasPrompt ? line.dropFirst(2) : line)
                if let (first, text) = begun {
                    begun = (first, text + bare.trimmingCharacters(in: .whitespaces))
                } else if bare.hasPrefix("fleetctl "), hasPrompt || !promptOnly {
                    begun = (index + 1, bare)
                }
                if let (first, text) = begun {
                    let goesOn = text.hasSuffix("\\")
                    begun = goesOn ? (first, String(text.dropLast())) : nil
                    if !goesOn { commands.append((first, text)) }
                }
            }
            // Advice in a step's lines has inline code as well.
            if !isFenced || line.hasPrefix("on failure") {
                for code in line.split(separator: "`", omittingEmptySubsequences: false)
                    .enumerated() where code.offset % 2 == 1
                {
                    if code.element.hasPrefix("fleetctl ") {
                        commands.append((index + 1, String(code.element)))
                    }
                }
            }
        }
        return commands
    }

    /// Each command line that a notation stands for: `a | b` is two, what is in brackets may be
    /// there or not; a comment and what a shell does with the output are taken away.
    static func expanded(_ text: String) -> [[String]] {
        var text = text.split(separator: "#", omittingEmptySubsequences: false)[0].description
        for mark in [" > ", "; ", " && ", "   "] {
            text = text.components(separatedBy: mark)[0]
        }
        if let open = text.range(of: " ["), let close = text.range(of: "]", options: .backwards) {
            let inner = String(text[open.upperBound..<close.lowerBound])
            let rest = String(text[close.upperBound...])
            let head = String(text[..<open.lowerBound])
            let shapes = inner.components(separatedBy: " | ").map { head + " " + $0 + rest }
            return ([head + rest] + shapes).flatMap(expanded)
        }
        let words = split(text)
        guard let bar = words.firstIndex(of: "|") else { return [words] }
        let head = Array(words[..<(bar - 1)])
        let alternatives = words[(bar - 1)...].filter { $0 != "|" }
        return alternatives.map { head + [$0] }
    }

    private static func split(_ text: String) -> [String] {
        var words: [String] = []
        var quote: Character?
        var word = ""
        for character in text {
            if character == quote {
                quote = nil
            } else if quote == nil, character == "\"" || character == "'" {
                quote = character
            } else if quote == nil, character == " " {
                if !word.isEmpty { words.append(word) }
                word = ""
            } else {
                word.append(character)
            }
        }
        return (word.isEmpty ? words : words + [word]).filter { !$0.isEmpty }
    }

    /// What is wrong with a command line; nil where it exists and parses.
    static func fault(_ words: [String]) -> String? {
        // A variable may stand for a time or for a number.
        fault(words, variables: "1h").flatMap { _ in fault(words, variables: "1") }
    }

    private static func fault(_ words: [String], variables value: String) -> String? {
        var arguments = Array(GateOptions.spelledOut(Array(words.dropFirst())))
        // What is left open to the reader stands at the end; the verb before it must exist.
        if let open = arguments.firstIndex(where: { $0.contains("…") }) {
            arguments = Array(arguments[..<open])
            if let last = arguments.last, last.hasPrefix("-") { arguments.removeLast() }
        }
        arguments = arguments.map { $0.replacing(/\{[a-z-]+\}/, with: value) }
        do {
            _ = try FleetCtl.parseAsRoot(arguments)
            return nil
        } catch {
            let message = FleetCtl.message(for: error)
            let isUnknown = ["Unexpected argument", "Unknown option", "is invalid"].contains {
                message.contains($0)
            }
            // A verb named by itself may lack what it needs; its name is what the text tells. And
            // a file of the text's is not here.
            let hasOptions = arguments.contains { $0.hasPrefix("-") }
            if !isUnknown, !hasOptions || message.contains("there is no 'FILE'") { return nil }
            return message
        }
    }

    @Test(arguments: commands) func aCommandThatATextNamesExists(command: Command) {
        for words in Self.expanded(command.text) {
            if let fault = Self.fault(words) { Issue.record("\(words): \(fault)") }
        }
    }

    @Test func thereAreCommands() {
        #expect(Self.commands.count > 150)
        for file in ["README.md", "Documentation/deploy.md", "Runbooks/port-conflict.md"] {
            #expect(Self.commands.contains { $0.file == file }, "\(file)")
        }
    }

    @Test func aWrongCommandIsNoticed() {
        let wrong = [
            "fleetctl deplyo", "fleetctl deploy --yess", "fleetctl generator statu",
            "fleetctl charge on | offf", "fleetctl logs [--follw]", "fleetctl host ping x",
            "fleetctl nothing …", "fleetctl logs --follw now",
        ]
        for text in wrong {
            #expect(Self.expanded(text).contains { Self.fault($0) != nil }, "\(text)")
        }
        let right = [
            "fleetctl generator start | stop", "fleetctl deploy [--yes]   # comment",
            "fleetctl generator …", "fleetctl inventory schema > Inventory/schema.json",
            "fleetctl host unlock",
        ]
        for text in right {
            #expect(Self.expanded(text).compactMap(Self.fault) == [], "\(text)")
        }
    }

    @Test func commandsAreFoundInBlocksAndInText() {
        let text = "Say `fleetctl a`.\n```sh\n$ fleetctl b\nother\nfleetctl c\n```\n`fleetctl d` x"
        #expect(
            Self.found(in: text).map(\.text) == [
                "fleetctl a", "fleetctl b", "fleetctl c", "fleetctl d",
            ])
        #expect(Self.found(in: text).map(\.line) == [1, 3, 5, 7])
    }
}
