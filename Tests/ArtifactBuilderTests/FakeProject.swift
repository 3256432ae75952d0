import Foundation
import TestSupport
import Testing

@testable import ArtifactBuilder

/// A project and a toolchain of shell scripts in a folder of their own. The scripts write down
/// what they were called with, and fail or answer as the test wants; so the builder's decisions
/// are seen in milliseconds. That a real toolchain gives real binaries is CrossBuildTests' part.
final class FakeProject {
    let folder: String
    var root: String { folder + "/project" }
    var log: String { folder + "/log" }
    let product = "relayd"

    /// What the fake compiler and tools answer.
    struct Answers {
        var compilerVersion = "Swift version 6.3.1 (swift-6.3.1-RELEASE)"
        var buildStatus = 0
        var objdump = "\nDynamic Section:\n  NEEDED       libc.so.6\n"
    }

    init(_ answers: Answers = Answers()) throws {
        let manager = FileManager.default
        folder =
            manager.temporaryDirectory.resolvingSymlinksInPath().path
            + "/artifact-builder-" + UUID().uuidString
        for path in [
            "project/Sources/relayd", "project/Sources/Core", "project/Tools/sdk/targets",
            "usr/bin", "usr/lib/swift", "cache/requests",
            "cache/arm64-1/fleet.artifactbundle/arm64/sysroot/usr/lib/aarch64-linux-gnu",
        ] {
            try manager.createDirectory(
                atPath: folder + "/" + path, withIntermediateDirectories: true)
        }
        try write("// manifest", to: "project/Package.swift")
        try write("let x = 1", to: "project/Sources/relayd/main.swift")
        try write("let y = 1", to: "project/Sources/Core/core.swift")
        try write(
            "modbus",
            to: "cache/arm64-1/fleet.artifactbundle/arm64/sysroot/usr/lib/aarch64-linux-gnu/"
                + "libmodbus.so.5")
        try point(sdk: "arm64-1")
        try answer(answers)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// A builder that finds the fake toolchain first in PATH.
    func builder() -> ArtifactBuilder {
        ArtifactBuilder(root: root, environment: ["PATH": folder + "/usr/bin:/usr/bin:/bin"])
    }

    func build() async throws(BuildError) -> BuiltArtifact {
        try await builder().build(product: product, for: .arm64)
    }

    /// What was run since the last call, a line each.
    func calls() throws -> [String] {
        guard let data = FileManager.default.contents(atPath: log) else { return [] }
        try FileManager.default.removeItem(atPath: log)
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + path))
    }

    /// The SDK that make-sdk's link leads to.
    func point(sdk key: String) throws {
        let link = folder + "/cache/requests/arm64-r"
        try? FileManager.default.removeItem(atPath: link)
        try FileManager.default.createSymbolicLink(
            atPath: link, withDestinationPath: "../" + key)
    }

    private func script(_ path: String, _ body: String) throws {
        let text = "#!/bin/sh\necho \"$(basename \"$0\") $*\" >>\(log)\n" + body + "\n"
        // Written by another process: a program that this one has open for writing, or had while
        // another thread forked, cannot be run (ETXTBSY).
        try write(text, to: "script")
        let target = folder + "/" + path
        let copy = try startChild(
            ["install", "-m", "755", folder + "/script", target], ChildSettings())
        var status: Int32 = 0
        while waitpid(copy, &status, 0) < 0, errno == EINTR {}
        try #require(status == 0)
    }

    func answer(_ answers: Answers) throws {
        let describe = """
            {"products":[{"name":"relayd","targets":["relayd"]}],"targets":[
            {"name":"relayd","path":"Sources/relayd","target_dependencies":["Core"]},
            {"name":"Core","path":"Sources/Core"}]}
            """
        try write(describe, to: "describe.json")
        try write(answers.objdump, to: "objdump.txt")
        try script(
            "usr/bin/swift",
            """
            case $1 in
            package) cat \(folder)/describe.json ;;
            build)
                echo "$FLEET_DAEMONS_ONLY" >\(folder)/daemons-only
                echo "error: \(root)/.build/fleet/package/Sources/relayd/main.swift:1: no good"
                mkdir -p \(root)/.build/fleet/build/arm64/release
                cat Sources/*/*.swift >\(root)/.build/fleet/build/arm64/release/relayd
                exit \(answers.buildStatus) ;;
            esac
            """)
        try script(
            "usr/bin/swiftc",
            """
            echo '{"compilerVersion":"\(answers.compilerVersion)",
            "paths":{"runtimeResourcePath":"\(folder)/usr/lib/swift"}}'
            """)
        for tool in ["clang", "ld.lld"] { try script("usr/bin/" + tool, "") }
        try script("usr/bin/llvm-objcopy", "cp \"$2\" \"$3\"")
        // The library that is carried needs the C library only.
        try script(
            "usr/bin/llvm-objdump",
            """
            case $2 in
            *.so.*) printf 'Dynamic Section:\\n  NEEDED       libc.so.6\\n' ;;
            *) cat \(folder)/objdump.txt ;;
            esac
            """)
        try script("project/Tools/sdk/make-sdk", "echo \(folder)/cache/requests/arm64-r")
    }
}
