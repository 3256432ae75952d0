import Foundation
import Testing

@testable import ArtifactBuilder

struct BuildErrorTests {
    private func failure(_ project: FakeProject) async throws -> BuildError {
        try await #require(throws: BuildError.self) { try await project.build() }
    }

    @Test func anOlderSwiftIsRefusedByWhatItIsAndWhatIsNeeded() async throws {
        var answers = FakeProject.Answers()
        answers.compilerVersion = "Swift version 6.2.1 (swift-6.2.1-RELEASE)"
        let project = try FakeProject(answers)
        let error = try await failure(project)
        #expect(error.code == .toolchainTooOld(found: answers.compilerVersion, needed: "6.3"))
        #expect(try project.calls().allSatisfy { $0.hasPrefix("swiftc ") })
    }

    @Test func withoutSwiftInPathThatIsSaid() async throws {
        let project = try FakeProject()
        let builder = ArtifactBuilder(root: project.root, environment: ["PATH": "relative::"])
        let error = try await #require(throws: BuildError.self) {
            try await builder.build(product: "relayd", for: .arm64)
        }
        #expect(error.code == .toolchainMissing)
    }

    @Test func missingToolsAreNamedTogether() async throws {
        let project = try FakeProject()
        for tool in ["clang", "ld.lld"] {
            try FileManager.default.removeItem(atPath: project.folder + "/usr/bin/" + tool)
        }
        let error = try await failure(project)
        #expect(
            error.code
                == .toolchainIncomplete(
                    folder: project.folder + "/usr/bin", missing: ["clang", "ld.lld"]))
    }

    @Test func anUnknownProductIsAnsweredWithTheKnownOnes() async throws {
        let project = try FakeProject()
        let error = try await #require(throws: BuildError.self) {
            try await project.builder().build(product: "gatewayd", for: .arm64)
        }
        #expect(error.code == .productUnknown(known: ["relayd"]))
    }

    @Test func aFailedBuildGivesTheCompilersLinesWithTheirRealPaths() async throws {
        var answers = FakeProject.Answers()
        answers.buildStatus = 1
        let error = try await failure(try FakeProject(answers))
        #expect(error.code == .compileFailed(status: "exit 1"))
        #expect(error.detail == ["error: Sources/relayd/main.swift:1: no good"])
    }

    @Test func aFailedBuildLeavesTheLastReleaseAlone() async throws {
        let project = try FakeProject()
        let artifact = try await project.build()
        var answers = FakeProject.Answers()
        answers.buildStatus = 1
        try project.answer(answers)
        try project.write("let x = 2", to: "project/Sources/relayd/main.swift")
        _ = try await failure(project)
        #expect(try ReleaseFolder.files(in: artifact.folder) == artifact.files)
    }

    @Test func aLibraryThatHostsLackTravelsWithTheBinary() async throws {
        var answers = FakeProject.Answers()
        answers.objdump = "\nDynamic Section:\n  NEEDED  libmodbus.so.5\n  NEEDED  libc.so.6\n"
        let artifact = try await FakeProject(answers).build()
        #expect(artifact.files.map(\.path) == ["libmodbus.so.5", "relayd"])
        #expect(artifact.files.map(\.mode) == [0o644, 0o755])
    }

    @Test func aLibraryThatNobodyBringsIsAnErrorThatNamesIt() async throws {
        var answers = FakeProject.Answers()
        answers.objdump = "\nDynamic Section:\n  NEEDED  libfoo.so.1\n"
        let error = try await failure(try FakeProject(answers))
        #expect(error.code == .libraryUnexpected(name: "libfoo.so.1", neededBy: "relayd"))
    }

    @Test func aLibraryToCarryThatTheSDKLacksIsAnErrorThatSaysWhereItWasSought() async throws {
        var answers = FakeProject.Answers()
        answers.objdump = "\nDynamic Section:\n  NEEDED  libmodbus.so.5\n"
        let project = try FakeProject(answers)
        try project.point(sdk: "arm64-2")
        let error = try await failure(project)
        guard case .libraryNotFound("libmodbus.so.5", let searched) = error.code else {
            Issue.record("\(error)")
            return
        }
        #expect(searched.count == 2)
    }

    @Test func aFolderThatIsNoProjectIsRefused() async throws {
        let project = try FakeProject()
        try FileManager.default.removeItem(atPath: project.root + "/Tools/sdk/make-sdk")
        let error = try await failure(project)
        #expect(error.code == .notTheProject(missing: project.root + "/Tools/sdk/make-sdk"))
    }

    @Test func theProjectIsFoundFromAFolderInside() throws {
        let project = try FakeProject()
        #expect(
            ArtifactBuilder.projectRoot(above: project.root + "/Sources/Core") == project.root)
        #expect(ArtifactBuilder.projectRoot(above: project.folder) == nil)
    }
}
