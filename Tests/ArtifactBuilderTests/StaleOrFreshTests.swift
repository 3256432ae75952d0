import Foundation
import Testing

@testable import ArtifactBuilder

struct StaleOrFreshTests {
    @Test func theFirstBuildMakesAFolderWithTheBinaryAndItsHash() async throws {
        let project = try FakeProject()
        let artifact = try await project.build()
        #expect(artifact.origin == .built)
        #expect(artifact.files.map(\.path) == ["relayd"])
        let data = try Data(contentsOf: URL(fileURLWithPath: artifact.folder + "/relayd"))
        #expect(artifact.binary?.sha256 == BuildKey.sha256(data))
        #expect(artifact.binary?.size == data.count)
        #expect(artifact.binary?.mode == 0o755)
    }

    @Test func aCrossBuildLeavesOutThePackagesOfFleetctl() async throws {
        let project = try FakeProject()
        _ = try await project.build()
        let value = try String(contentsOfFile: project.folder + "/daemons-only", encoding: .utf8)
        #expect(value == "1\n")
    }

    @Test func nothingIsRunWhereNothingChanged() async throws {
        let project = try FakeProject()
        let first = try await project.build()
        _ = try project.calls()
        let second = try await project.build()
        #expect(second.origin == .fresh)
        #expect(second.files == first.files)
        #expect(try project.calls() == [])
    }

    /// Each change that must lead to a build, by what is done to the project.
    static let changes: [(String, @Sendable (FakeProject) throws -> Void)] = [
        ("the manifest", { try $0.write("// other", to: "project/Package.swift") }),
        ("a source", { try $0.write("let x = 2", to: "project/Sources/relayd/main.swift") }),
        ("a dependency", { try $0.write("let y = 2", to: "project/Sources/Core/core.swift") }),
        ("a new source", { try $0.write("", to: "project/Sources/Core/new.swift") }),
        ("the SDK's recipe", { try $0.write("{}", to: "project/Tools/sdk/targets/x.json") }),
        ("the SDK", { try $0.point(sdk: "arm64-2") }),
        (
            "the compiler",
            { project in
                var answers = FakeProject.Answers()
                answers.compilerVersion = "Swift version 6.4 (swift-6.4-RELEASE)"
                try project.answer(answers)
                // The same size as before would pass for the same file within a second.
                let swift = project.folder + "/usr/bin/swift"
                try project.write(
                    String(contentsOfFile: swift, encoding: .utf8) + "# 6.4\n",
                    to: "usr/bin/swift")
                try FileManager.default.setAttributes(
                    [.posixPermissions: 0o755], ofItemAtPath: swift)
            }
        ),
        (
            "the artifact itself",
            { try $0.write("bent", to: "project/.build/fleet/artifacts/arm64/relayd/relayd") }
        ),
        (
            "a file too many in the folder",
            { try $0.write("x", to: "project/.build/fleet/artifacts/arm64/relayd/more") }
        ),
        (
            "the binary's permissions",
            {
                try FileManager.default.setAttributes(
                    [.posixPermissions: 0o600],
                    ofItemAtPath: $0.root + "/.build/fleet/artifacts/arm64/relayd/relayd")
            }
        ),
        (
            "a stamp that cannot be read",
            { try $0.write("{", to: "project/.build/fleet/artifacts/arm64/relayd.json") }
        ),
    ]

    @Test(arguments: changes.indices)
    func aChangeIsBuilt(_ index: Int) async throws {
        let (name, change) = Self.changes[index]
        let project = try FakeProject()
        _ = try await project.build()
        try change(project)
        let again = try await project.build()
        #expect(again.origin == .built, "\(name)")
        #expect(try await project.build().origin == .fresh, "after \(name)")
    }

    @Test func whatNoBuildDependsOnIsNoChange() async throws {
        let project = try FakeProject()
        _ = try await project.build()
        try project.write("x", to: "project/README.md")
        try project.write("x", to: "project/Sources/Core/.core.swift.swp")
        #expect(try await project.build().origin == .fresh)
    }

    @Test func anotherProgramWithTheSameVersionIsNoReasonToBuild() async throws {
        let project = try FakeProject()
        _ = try await project.build()
        let swift = project.folder + "/usr/bin/swift"
        try project.write(
            String(contentsOfFile: swift, encoding: .utf8) + "# moved\n", to: "usr/bin/swift")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: swift)
        _ = try project.calls()
        #expect(try await project.build().origin == .fresh)
        #expect(try project.calls().contains { $0.hasPrefix("swiftc ") })
        #expect(try await project.build().origin == .fresh)
        #expect(try project.calls() == [])
    }

    @Test func aClearedCacheAsksForNoBuild() async throws {
        let project = try FakeProject()
        _ = try await project.build()
        try FileManager.default.removeItem(atPath: project.folder + "/cache")
        #expect(try await project.build().origin == .fresh)
    }

    @Test func buildsOfOneProjectWaitForEachOther() async throws {
        let project = try FakeProject()
        let builder = project.builder()
        let origins = try await withThrowingTaskGroup(of: BuiltArtifact.Origin.self) { group in
            for _ in 0..<4 {
                group.addTask { try await builder.build(product: "relayd", for: .arm64).origin }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(origins.count { $0 == .built } == 1)
        #expect(try project.calls().count { $0.hasPrefix("swift build") } == 1)
    }
}
