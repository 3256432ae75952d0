import Foundation
import ReleasePacker
import RemoteOps
import TestSupport
import Testing

@Suite struct TarArchiveTests {
    /// Both tars that hosts have.
    static let tars = [["tar"], ["busybox", "tar"]]

    @Test(arguments: tars)
    func archivesUnpackWithBytesAndModes(tar: [String]) async throws {
        let long = String(repeating: "folder/", count: 30) + "file"
        let source = try TemporaryFolder()
        try source.write("big", String(repeating: "0123456789abcdef", count: 40_000))
        let noise = (0..<300_000).map { _ in UInt8.random(in: 0...255) }
        try Data(noise).write(to: URL(fileURLWithPath: source.path + "/noise"))
        let content = try ReleaseContent([
            .init(path: "bin/run", mode: 0o755, origin: .bytes(Array("#!/bin/sh\n".utf8))),
            .init(path: "empty", mode: 0o600, origin: .bytes([])),
            .init(path: long, mode: 0o644, origin: .bytes([1, 2, 3])),
            .init(path: "big", mode: 0o640, origin: .file(source.path + "/big")),
            .init(path: "noise", mode: 0o644, origin: .file(source.path + "/noise")),
        ])
        let archive = try await Self.archive(content)
        let target = try TemporaryFolder()
        let command = "umask 022; gzip -dc | \(tar.joined(separator: " ")) -xpf -"
        let result = try await Shell.run(["sh", "-c", command], input: archive, in: target.path)
        #expect(result.status == 0, "\(result.errorText)")
        let unpacked = try ReleaseContent.entries(at: target.path)
        #expect(Set(unpacked.map(\.path)) == Set(content.manifest.files.map(\.path)))
        for file in content.manifest.files {
            let path = target.path + "/" + file.path
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == file.mode)
            let again = try ReleaseContent([
                .init(path: file.path, mode: file.mode, origin: .file(path))
            ])
            #expect(again.manifest.files == [file])
        }
    }

    @Test func whatDoesNotCompressIsSentAsItIs() async throws {
        let folder = try TemporaryFolder()
        var generator = SeededGenerator(seed: 7)
        let noise = (0..<500_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
        try Data(noise).write(to: URL(fileURLWithPath: folder.path + "/noise"))
        let text = String(repeating: "the same line\n", count: 30_000)
        try folder.write("text", text)
        let content = try ReleaseContent(try ReleaseContent.entries(at: folder.path))
        let archive = try await Self.archive(content)
        #expect(archive.count > noise.count)
        #expect(archive.count < noise.count + 20_000)
    }

    @Test func aFileThatChangesUnderWayIsAnError() async throws {
        let folder = try TemporaryFolder()
        try folder.write("file", "twelve bytes")
        let content = try ReleaseContent(try ReleaseContent.entries(at: folder.path))
        try folder.write("file", "now more than twelve bytes")
        await #expect(throws: PackingError.self) { try await Self.archive(content) }
    }

    @Test(arguments: ["", "/etc/passwd", "../x", "a/../b", "a//b", "./a", "a b", "a\nb", "a\\b"])
    func pathsThatCouldLeaveTheReleaseAreRefused(path: String) {
        #expect(throws: PackingError.badPath(path)) {
            try ReleaseContent([.init(path: path, mode: 0o644, origin: .bytes([]))])
        }
    }

    @Test func equalContentIsOneRelease() throws {
        func id(_ mode: Int, _ bytes: [UInt8]) throws -> ReleaseID {
            try ReleaseContent([
                .init(path: "b", mode: 0o644, origin: .bytes([0])),
                .init(path: "a", mode: mode, origin: .bytes(bytes)),
            ]).id
        }
        #expect(try id(0o644, [1]) == id(0o644, [1]))
        #expect(try id(0o644, [1]) != id(0o755, [1]))
        #expect(try id(0o644, [1]) != id(0o644, [2]))
    }

    static func archive(_ content: ReleaseContent) async throws -> [UInt8] {
        let items = content.manifest.files.compactMap { file in
            content.origins[file.path].map {
                TransferStream.Item(path: file.path, file: file, origin: $0)
            }
        }
        let source = TransferStream(items).source
        var archive: [UInt8] = []
        while let chunk = try await source.next() { archive += chunk }
        return archive
    }
}
