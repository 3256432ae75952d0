import Foundation
import TestSupport
import Testing

@testable import ArtifactBuilder

/// Real builds with the real toolchain, SDK and qemu. They take minutes on a fresh machine and
/// need a Debian mirror the first time, so `make test` asks for them by FLEET_CROSS_TESTS.
@Suite(
    .serialized,
    .enabled(
        if: ProcessInfo.processInfo.environment["FLEET_CROSS_TESTS"] != nil,
        "cross builds are long; FLEET_CROSS_TESTS=1 runs them"))
struct CrossBuildTests {
    static let root = ArtifactBuilder.projectRoot(
        above: URL(fileURLWithPath: #filePath).deletingLastPathComponent().path)

    private func build(
        _ product: String, _ architecture: BuildArchitecture, in root: String
    ) async throws -> BuiltArtifact {
        do {
            return try await ArtifactBuilder(root: root).build(
                product: product, for: architecture)
        } catch {
            throw Failure(text: "\(error.code)\n" + error.detail.joined(separator: "\n"))
        }
    }

    private struct Failure: Error, CustomStringConvertible {
        var text: String
        var description: String { text }
    }

    /// A program's output, of both kinds, and how it ended.
    private func run(_ program: String, _ arguments: String...) async throws -> (String, String) {
        try await run(program, arguments)
    }

    private func run(_ program: String, _ arguments: [String]) async throws -> (String, String) {
        let path = try #require(
            ["/usr/bin/", "/bin/"].map { $0 + program }
                .first(where: FileManager.default.isExecutableFile(atPath:)),
            "\(program) is not installed; see Documentation/cross-building.md")
        let outcome = try await ChildProcess(
            executable: path, arguments: arguments, folder: "/", limit: .seconds(60)
        ).run(.collected)
        return (outcome.output + outcome.tail.joined(separator: "\n"), outcome.status)
    }

    @Test func theRelayDaemonIsStaticARMv5CodeThatRunsOnAnARM926() async throws {
        let root = try #require(Self.root)
        let artifact = try await build("gen-server", .armv5, in: root)
        #expect(artifact.files.map(\.path) == ["gen-server"])
        let binary = artifact.folder + "/gen-server"
        let (attributes, _) = try await run("readelf", "-A", binary)
        #expect(attributes.contains("Tag_CPU_arch: v5TE\n"))
        let (segments, _) = try await run("readelf", "-lW", binary)
        #expect(segments.contains("LOAD"))
        #expect(!segments.contains("INTERP") && !segments.contains("DYNAMIC"))
        let (output, status) = try await run(
            "qemu-arm-static", "-cpu", "arm926", binary, "--version")
        #expect(status == "0", "\(output)")
    }

    @Test(arguments: [
        (BuildArchitecture.arm64, "qemu-aarch64-static", "AArch64"),
        (.armhf, "qemu-arm-static", "ARM"),
    ])
    func theMonitorRunsWithTheLibrariesOfItsSDKAndItsOwn(
        architecture: BuildArchitecture, emulator: String, machine: String
    ) async throws {
        let root = try #require(Self.root)
        let artifact = try await build("pigenny-monitor", architecture, in: root)
        let binary = artifact.folder + "/pigenny-monitor"
        let (header, _) = try await run("readelf", "-h", binary)
        #expect(header.contains("Machine:") && header.contains(machine))
        let stamp = try #require(BuildStamp(path: artifact.folder + ".json"))
        let sdk = try #require(stamp.sdk)
        let sysroot =
            sdk.request + "/fleet.artifactbundle/" + architecture.rawValue + "/sysroot"
        let (output, status) = try await run(emulator, "-L", sysroot, binary, "--version")
        #expect(status == "0", "\(output)")
        let (dynamic, _) = try await run("readelf", "-d", binary)
        #expect(
            artifact.files.map(\.path).contains("libmodbus.so.5")
                == dynamic.contains("libmodbus.so.5"))
        #expect(dynamic.contains("RUNPATH") && dynamic.contains("[$ORIGIN]"))
    }

    /// It runs before each start, on every kind of host, and must see who has a port there too.
    @Test(arguments: [
        (BuildArchitecture.armv5, ["qemu-arm-static", "-cpu", "arm926"]),
        (.armhf, ["qemu-arm-static"]), (.arm64, ["qemu-aarch64-static"]),
    ])
    func theGuardOfPortsLooksOnEveryArchitecture(
        architecture: BuildArchitecture, emulator: [String]
    ) async throws {
        let root = try #require(Self.root)
        let artifact = try await build("port-guard", architecture, in: root)
        let binary = artifact.folder + "/port-guard"
        let (dynamic, _) = try await run("readelf", "-d", binary)
        #expect(!dynamic.contains("libswift"))
        var words = emulator
        if architecture != .armv5 {
            let sdk = try #require(BuildStamp(path: artifact.folder + ".json")?.sdk)
            words += [
                "-L",
                sdk.request + "/fleet.artifactbundle/" + architecture.rawValue + "/sysroot",
            ]
        }
        let listener = try ListeningSocket()
        words += [binary, "--port", "\(listener.port)", "--unit", "cross.service"]
        let (held, heldStatus) = try await run(words[0], Array(words.dropFirst()))
        #expect(["exit 10", "exit 11"].contains(heldStatus), "\(held)")
        #expect(held.contains("port \(listener.port) is held "), "\(held)")
        #expect(held.contains("process \(getpid()) "), "\(held)")
        listener.close()
        let (free, freeStatus) = try await run(words[0], Array(words.dropFirst()))
        #expect(freeStatus == "0", "\(free)")
        #expect(free.contains("port \(listener.port) is free"), "\(free)")
    }

    #if arch(x86_64)
        @Test func onThisMachineTheDaemonIsEmbeddedSwiftToo() async throws {
            let root = try #require(Self.root)
            let artifact = try await build("gen-server", .amd64, in: root)
            let (dynamic, _) = try await run("readelf", "-d", artifact.folder + "/gen-server")
            #expect(dynamic.contains("libc.so.6"))
            #expect(!dynamic.contains("libswift"))
        }
    #endif

    @Test func theSameSourcesInAnotherFolderGiveTheSameBytes() async throws {
        let root = try #require(Self.root)
        let first = try await build("gen-server", .armv5, in: root)
        let copy =
            FileManager.default.temporaryDirectory.path + "/cross-copy-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: copy) }
        try FileManager.default.createDirectory(
            atPath: copy, withIntermediateDirectories: true)
        for name in ["Package.swift", "Sources", "Tools"] {
            try FileManager.default.copyItem(atPath: root + "/" + name, toPath: copy + "/" + name)
        }
        let second = try await build("gen-server", .armv5, in: copy)
        #expect(second.origin == .built)
        #expect(second.files == first.files)
    }
}
