import Foundation

/// One call of `ArtifactBuilder.build`, from the question whether anything is to do to the stamp.
struct BuildJob: Sendable {
    var layout: BuildLayout
    /// Where PATH is looked up.
    var environment: [String: String]
    var progress: @Sendable (String) -> Void

    func run() async throws(BuildError) -> (BuildStamp, BuiltArtifact.Origin) {
        try checkProject()
        guard let swift = Toolchain.swiftInPath(environment["PATH", default: ""]) else {
            throw error(.toolchainMissing)
        }
        if let stamp = freshStamp(swift: swift) { return (stamp, .fresh) }
        let lock = try await takeLock()
        defer { withExtendedLifetime(lock) {} }
        if let stamp = freshStamp(swift: swift) { return (stamp, .fresh) }

        let toolchain = try await askToolchain(swift: swift)
        let sdk = layout.architecture.needsSDK ? try await makeSDK() : nil
        if var stamp = BuildStamp(path: layout.stamp),
            isFresh(stamp, compilerVersion: toolchain.compilerVersion, sdk: sdk)
        {
            // Another toolchain program or request that comes to the same thing.
            stamp.toolchain = toolchain
            stamp.sdk = sdk
            try write(stamp)
            return (stamp, .fresh)
        }
        try linkPackage()
        let folders = try await sourceFolders(swift: swift)
        let key: String
        do { key = try self.key(folders, toolchain.compilerVersion, sdk: sdk) } catch {
            throw self.error(.fileFailed(path: layout.root), [error.localizedDescription])
        }
        try await compile(swift: swift, toolchain: toolchain, sdk: sdk)
        let files = try await collect(toolchain: toolchain, sdk: sdk)
        let stamp = BuildStamp(
            toolchain: toolchain, sdk: sdk, sourceFolders: folders, key: key, files: files)
        try write(stamp)
        return (stamp, .built)
    }

    /// The toolchain that would build, looked at.
    func knownToolchain() async throws(BuildError) -> Toolchain {
        try checkProject()
        guard let swift = Toolchain.swiftInPath(environment["PATH", default: ""]) else {
            throw error(.toolchainMissing)
        }
        return try await askToolchain(swift: swift)
    }

    func error(_ code: BuildError.Code, _ detail: [String] = []) -> BuildError {
        BuildError(
            code: code, product: layout.product, architecture: layout.architecture, detail: detail)
    }

    private func checkProject() throws(BuildError) {
        #if !arch(x86_64)
            guard layout.architecture.needsSDK else { throw error(.foreignMachine) }
        #endif
        for path in [layout.root + "/Package.swift", layout.makeSDK]
        where !FileManager.default.fileExists(atPath: path) {
            throw error(.notTheProject(missing: path))
        }
    }

    private func write(_ stamp: BuildStamp) throws(BuildError) {
        do { try stamp.write(to: layout.stamp) } catch {
            throw self.error(.fileFailed(path: layout.stamp), [error.localizedDescription])
        }
    }
}

// MARK: - Stale or fresh

extension BuildJob {
    /// The stamp of a release folder that needs nothing, found without running anything.
    private func freshStamp(swift: String) -> BuildStamp? {
        guard let stamp = BuildStamp(path: layout.stamp),
            let fingerprint = stamp.toolchain.fingerprint,
            fingerprint == Toolchain.fingerprint(ofSwift: swift)
        else { return nil }
        var sdk = stamp.sdk
        // The request may have a newer answer. A cache that was cleared (no link) asks for no build.
        if let request = sdk?.request,
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: request)
        {
            sdk?.key = URL(fileURLWithPath: target).lastPathComponent
        }
        let version = stamp.toolchain.compilerVersion
        return isFresh(stamp, compilerVersion: version, sdk: sdk) ? stamp : nil
    }

    /// Whether a stamp's folder is what this toolchain and SDK would make of the sources now.
    private func isFresh(
        _ stamp: BuildStamp, compilerVersion: String, sdk: BuildStamp.SDK?
    ) -> Bool {
        // What cannot be read counts as stale: the build that follows says why, or mends it.
        guard let key = try? key(stamp.sourceFolders, compilerVersion, sdk: sdk),
            key == stamp.key, let files = try? ReleaseFolder.files(in: layout.release)
        else { return false }
        return files == stamp.files
    }

    /// The hash of all that the release folder depends on.
    private func key(
        _ folders: [String], _ compilerVersion: String, sdk: BuildStamp.SDK?
    ) throws -> String {
        var key = BuildKey()
        key.add("product", layout.product)
        key.add("architecture", layout.architecture.rawValue)
        key.add("compiler", compilerVersion)
        key.add("sdk", sdk?.key ?? "none")
        key.add("flags", BuildJob.commonFlags.joined(separator: " "))
        try key.add(file: "Package.swift", in: layout.root)
        try key.add(folder: "Tools/sdk", in: layout.root)
        for folder in folders { try key.add(folder: folder, in: layout.root) }
        return key.finish()
    }

    private func takeLock() async throws(BuildError) -> FolderLock {
        let deadline = ContinuousClock.now + ArtifactBuilder.lockLimit
        var hasSaid = false
        do {
            try FileManager.default.createDirectory(
                atPath: layout.base, withIntermediateDirectories: true)
            while true {
                if let lock = try FolderLock.attempt(path: layout.lock) { return lock }
                if !hasSaid {
                    progress("another build is at work in \(layout.base), waiting for it")
                    hasSaid = true
                }
                guard ContinuousClock.now < deadline else { break }
                try await Task.sleep(for: FolderLock.interval)
            }
        } catch is CancellationError {
            throw error(.cancelled)
        } catch {
            throw self.error(.fileFailed(path: layout.lock), [error.localizedDescription])
        }
        throw error(.timedOut(what: "waiting for another build", limit: ArtifactBuilder.lockLimit))
    }
}
