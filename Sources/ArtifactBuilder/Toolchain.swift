import Foundation

/// The Swift toolchain that builds: which it is, and whether it is still the same one.
struct Toolchain: Sendable, Equatable, Codable {
    /// As the compiler names itself: `Swift version 6.3.1 (swift-6.3.1-RELEASE)`.
    var compilerVersion: String
    /// The toolchain's `usr`.
    var folder: String
    /// Identity of the files behind `swift` in PATH; nil where they are a proxy's, which may
    /// lead to another toolchain tomorrow.
    var fingerprint: String?

    /// The libraries of Embedded Swift for this machine's own kind.
    var embeddedFolder: String { folder + "/lib/swift/embedded/x86_64-unknown-linux-gnu" }

    func tool(_ name: String) -> String { folder + "/bin/" + name }

    /// The `swift` that PATH leads to, an absolute path.
    static func swiftInPath(_ path: String) -> String? {
        path.split(separator: ":").map { $0 + "/swift" }
            .first { $0.hasPrefix("/") && FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Path, size and time of the program that `swift` stands for.
    static func fingerprint(ofSwift swift: String) -> String? {
        let file = URL(fileURLWithPath: swift).resolvingSymlinksInPath()
        // What swift.org's toolchains name it; swiftly puts its own program in its place. Without a
        // fingerprint the compiler is asked each time, which is slower and never wrong.
        guard ["swift-driver", "swift-frontend", "swift"].contains(file.lastPathComponent),
            let attributes = try? FileManager.default.attributesOfItem(atPath: file.path),
            let size = attributes[.size] as? Int, let date = attributes[.modificationDate] as? Date
        else { return nil }
        return "\(file.path) \(size) \(Int(date.timeIntervalSince1970))"
    }

    /// Reads `swiftc -print-target-info`; nil where it says neither version nor folder.
    init?(targetInfo: String, fingerprint: String?) {
        struct Info: Decodable {
            struct Paths: Decodable { var runtimeResourcePath: String }
            var compilerVersion: String
            var paths: Paths
        }
        guard let info = try? JSONDecoder().decode(Info.self, from: Data(targetInfo.utf8)) else {
            return nil
        }
        compilerVersion = info.compilerVersion
        folder =
            URL(fileURLWithPath: info.paths.runtimeResourcePath)
            .deletingLastPathComponent().deletingLastPathComponent().path
        self.fingerprint = fingerprint
    }

    /// Why it cannot build the daemons; nil where it can.
    func shortcoming() -> BuildError.Code? {
        guard let version = SwiftVersion(compilerVersion: compilerVersion),
            version >= .needed
        else {
            return .toolchainTooOld(
                found: compilerVersion,
                needed: "\(SwiftVersion.needed.major).\(SwiftVersion.needed.minor)")
        }
        let missing = ["swiftc", "clang", "ld.lld", "llvm-objcopy", "llvm-objdump"].filter {
            !FileManager.default.isExecutableFile(atPath: tool($0))
        }
        return missing.isEmpty
            ? nil : .toolchainIncomplete(folder: folder + "/bin", missing: missing)
    }
}
