import Foundation
import ReleasePacker
import RemoteOps
import TestSupport
import Testing

/// A folder that stands for a host's root, through the scripts' FLEET_PREFIX.
struct FakeRoot {
    let root: TemporaryFolder

    init() throws { root = try TemporaryFolder() }

    /// A transfer of one release: its folder, and the release's name. What is reused is named by
    /// its path, with that in the old release.
    func staging(
        sent: [String: String], reused: [String: String] = [:]
    ) async throws -> (folder: String, release: String) {
        let folder = "opt/fleet/.staging/\(UUID().uuidString)"
        for (path, text) in sent { try root.write("\(folder)/new/\(path)", text) }
        var files: [ReleaseFile] = []
        for path in sent.keys { files.append(try await file(path, at: "\(folder)/new/\(path)")) }
        for (path, from) in reused {
            files.append(
                try await file(path, at: "opt/fleet/app/releases/\(ScriptTests.old)/\(from)"))
        }
        let release = ReleaseManifest(files).id.text
        if !sent.isEmpty {
            try root.write("\(folder)/releases/app/none", "")
            try FileManager.default.moveItem(
                atPath: "\(root.path)/\(folder)/new",
                toPath: "\(root.path)/\(folder)/releases/app/\(release)")
        }
        let lines = reused.map { "app \(release) \(ScriptTests.old) \($1) \($0)\n" }
        try root.write("\(folder)/reuse", lines.joined())
        try root.write("\(folder)/verify", "")
        try root.write("\(folder)/complete", "")
        return (folder, release)
    }

    private func file(_ path: String, at place: String) async throws -> ReleaseFile {
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(root.path)/\(place)")
        let mode = try #require(attributes[.posixPermissions] as? NSNumber)
        return ReleaseFile(
            path: path, mode: mode.intValue, size: 0, sha256: try await hash(place))
    }

    func applying(steps: [String], undo: [String]) throws -> String {
        let folder = "opt/fleet/.staging/\(UUID().uuidString)"
        try root.write("opt/fleet/app/releases/keep", "")
        try root.write("\(folder)/steps", steps.map { $0 + "\n" }.joined())
        try root.write("\(folder)/undo", undo.map { $0 + "\n" }.joined())
        try root.write("\(folder)/owner", "tester@here\n")
        try root.write("\(folder)/record", "\"host\":\"x\"\n")
        try root.write("\(folder)/rc.local", "after\n")
        return folder
    }

    func point(to release: String) throws {
        try root.write("opt/fleet/app/releases/\(release)/file", "")
        try FileManager.default.createSymbolicLink(
            atPath: root.path + "/opt/fleet/app/current",
            withDestinationPath: "releases/\(release)")
    }

    func current() throws -> String {
        try FileManager.default.destinationOfSymbolicLink(
            atPath: root.path + "/opt/fleet/app/current")
    }

    func hash(_ file: String) async throws -> String {
        let sum = try await Shell.run(["sha256sum", root.path + "/" + file]).text
        return String(sum.prefix { $0 != " " })
    }

    func run(_ shell: [String], _ script: [UInt8], _ staging: String) async throws -> Shell.Result {
        try root.write("\(staging)/apply.sh", String(decoding: script, as: UTF8.self))
        for (name, text) in RemoteScripts.applyParts {
            try root.write("\(staging)/\(name)", String(decoding: text, as: UTF8.self))
        }
        try FileManager.default.createDirectory(
            atPath: root.path + "/etc", withIntermediateDirectories: true)
        return try await Shell.run(
            shell + ["./apply.sh"], in: root.path + "/" + staging,
            environment: ["FLEET_PREFIX": root.path])
    }

    /// What the host answers when the transfer's transaction is confirmed.
    func confirm(_ shell: [String], _ staging: String) async throws -> String {
        let id = String(staging.split(separator: "/").last ?? "")
        return try await Shell.run(
            shell + ["-s", "--", id], input: RemoteScripts.confirm,
            environment: ["FLEET_PREFIX": root.path]
        ).text
    }

    /// Has the transaction looked at, as the timer and the boot do.
    func watch(_ shell: [String], boot: Bool = false) async throws -> Shell.Result {
        try await Shell.run(
            shell + [root.path + "/opt/fleet/.transaction/apply.sh", "watch"]
                + (boot ? ["boot"] : []),
            environment: ["FLEET_PREFIX": root.path])
    }

    /// Makes a transaction whose process was ended at this point of its journal.
    func leave(_ staging: String, journal: String) throws {
        let marker = root.path + "/opt/fleet/.transaction"
        try FileManager.default.moveItem(atPath: root.path + "/" + staging, toPath: marker)
        for (name, text) in [("apply.sh", RemoteScripts.apply)] + RemoteScripts.applyParts {
            try root.write(
                "opt/fleet/.transaction/\(name)", String(decoding: text, as: UTF8.self))
        }
        try root.write("opt/fleet/.transaction/id", "left\n")
        try root.write("opt/fleet/.transaction/journal", journal)
    }

    var audit: String { get throws { try root.read("var/log/fleet/audit.jsonl") } }

    /// The kernel's name for this boot.
    static func bootID() throws -> String {
        try String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8).filter {
            $0 != "\n"
        }
    }
}
