import Foundation

/// The programs that a build runs.
extension BuildJob {
    /// What `swift build` is always told.
    static let commonFlags = ["--configuration", "release", "--disable-automatic-resolution"]

    /// Runs a program and throws unless it succeeds.
    private func run(
        _ executable: String, _ arguments: [String], _ output: ChildProcess.Output,
        limit: Duration, failure: (String) -> BuildError.Code
    ) async throws(BuildError) -> ChildProcess.Outcome {
        let name = URL(fileURLWithPath: executable).lastPathComponent
        let child = ChildProcess(
            executable: executable, arguments: arguments,
            environment: environment.merging(["FLEET_DAEMONS_ONLY": "1"]) { $1 },
            folder: layout.root, limit: limit)
        let outcome: ChildProcess.Outcome
        do {
            let progress = progress
            let prefix = layout.package + "/"
            outcome = try await child.run(output) { line in
                // People know the sources by where they really are.
                progress(line.replacingOccurrences(of: prefix, with: ""))
            }
        } catch {
            switch error {
            case .cancelled: throw self.error(.cancelled)
            case .timedOut: throw self.error(.timedOut(what: name, limit: limit))
            case .notRun(let reason): throw self.error(.notRun(name: name), [reason])
            }
        }
        guard outcome.isSuccess else {
            let prefix = layout.package + "/"
            let lines = outcome.tail.map { $0.replacingOccurrences(of: prefix, with: "") }
            throw error(failure(outcome.status), lines)
        }
        return outcome
    }

    /// Asks the compiler who it is, and refuses one that is too old or not whole.
    func askToolchain(swift: String) async throws(BuildError) -> Toolchain {
        let outcome = try await run(
            swift + "c", ["-print-target-info"], .collected, limit: ArtifactBuilder.queryLimit
        ) { .toolFailed(name: "swiftc", status: $0) }
        guard
            let toolchain = Toolchain(
                targetInfo: outcome.output, fingerprint: Toolchain.fingerprint(ofSwift: swift))
        else { throw error(.toolFailed(name: "swiftc", status: "0"), [outcome.output]) }
        if let shortcoming = toolchain.shortcoming() { throw error(shortcoming) }
        return toolchain
    }

    /// Makes the SDK unless it is there.
    func makeSDK() async throws(BuildError) -> BuildStamp.SDK {
        let outcome = try await run(
            layout.makeSDK, [layout.architecture.rawValue], .collected,
            limit: ArtifactBuilder.sdkLimit
        ) { .sdkFailed(status: $0) }
        let request = outcome.output.trimmingCharacters(in: .newlines)
        let key = URL(fileURLWithPath: request).resolvingSymlinksInPath().lastPathComponent
        guard request.hasPrefix("/"), key.hasPrefix(layout.architecture.rawValue + "-") else {
            throw error(.sdkFailed(status: "0"), [outcome.output])
        }
        return BuildStamp.SDK(request: request, key: key)
    }

    /// Lays out the package that SwiftPM is given.
    func linkPackage() throws(BuildError) {
        let manager = FileManager.default
        do {
            try manager.createDirectory(
                atPath: layout.package, withIntermediateDirectories: true)
            for name in ["Package.swift", "Sources"] {
                let link = layout.package + "/" + name
                let target = "../../../" + name
                // A link that is missing or is something else is made anew, and that may fail.
                if (try? manager.destinationOfSymbolicLink(atPath: link)) == target { continue }
                try? manager.removeItem(atPath: link)
                try manager.createSymbolicLink(atPath: link, withDestinationPath: target)
            }
        } catch {
            throw self.error(.fileFailed(path: layout.package), [error.localizedDescription])
        }
    }

    /// The folders that the product's sources lie in.
    func sourceFolders(swift: String) async throws(BuildError) -> [String] {
        let outcome = try await run(
            swift,
            [
                "package", "--package-path", layout.package, "--scratch-path", layout.scratch,
                "describe", "--type", "json",
            ], .collected, limit: ArtifactBuilder.queryLimit
        ) { .toolFailed(name: "swift package describe", status: $0) }
        guard let package = PackageDescription(json: outcome.output) else {
            throw error(.toolFailed(name: "swift package describe", status: "0"), [outcome.output])
        }
        guard let folders = package.sourceFolders(of: layout.product) else {
            throw error(.productUnknown(known: package.products.map(\.name)))
        }
        return folders
    }

    func compile(
        swift: String, toolchain: Toolchain, sdk: BuildStamp.SDK?
    ) async throws(BuildError) {
        var arguments = ["build"] + Self.commonFlags
        arguments += ["--package-path", layout.package, "--scratch-path", layout.scratch]
        arguments += ["--product", layout.product]
        // Paths in debug information and messages do not say where the project lies.
        for (folder, name) in [(layout.root, "/build"), (layout.package, "/src")] {
            arguments += ["-Xswiftc", "-file-prefix-map", "-Xswiftc", "\(folder)=\(name)"]
            arguments += ["-Xcc", "-ffile-prefix-map=\(folder)=\(name)"]
        }
        if let sdk {
            let folder = URL(fileURLWithPath: sdk.request).resolvingSymlinksInPath().path
            arguments += ["--swift-sdks-path", folder]
            arguments += ["--swift-sdk", layout.architecture.rawValue]
        } else {
            arguments += ["--toolset", layout.nativeToolset]
            arguments += ["-Xlinker", "-L" + toolchain.embeddedFolder]
        }
        _ = try await run(swift, arguments, .heard, limit: ArtifactBuilder.compileLimit) {
            .compileFailed(status: $0)
        }
    }

    /// Makes the release folder of what was linked.
    func collect(
        toolchain: Toolchain, sdk: BuildStamp.SDK?
    ) async throws(BuildError) -> [BuiltFile] {
        let folder = ReleaseFolder(layout: layout)
        do { try folder.begin() } catch {
            throw self.error(.fileFailed(path: layout.newRelease), [error.localizedDescription])
        }
        let binary = folder.path(layout.product)
        _ = try await run(
            toolchain.tool("llvm-objcopy"), ["--strip-all", layout.linked, binary], .heard,
            limit: ArtifactBuilder.queryLimit
        ) { .toolFailed(name: "llvm-objcopy", status: $0) }

        var open = [layout.product]
        var carried: Set<String> = []
        while let name = open.popLast() {
            for library in try await librariesToCarry(with: name, toolchain: toolchain)
            where carried.insert(library).inserted {
                let path = try find(library, sdk: sdk)
                do { try folder.carry(library, from: path) } catch {
                    throw self.error(.fileFailed(path: path), [error.localizedDescription])
                }
                open.append(library)
            }
        }
        do { return try folder.finish() } catch {
            throw self.error(.fileFailed(path: layout.release), [error.localizedDescription])
        }
    }

    private func librariesToCarry(
        with name: String, toolchain: Toolchain
    ) async throws(BuildError) -> [String] {
        let outcome = try await run(
            toolchain.tool("llvm-objdump"),
            ["--private-headers", ReleaseFolder(layout: layout).path(name)], .collected,
            limit: ArtifactBuilder.queryLimit
        ) { .toolFailed(name: "llvm-objdump", status: $0) }
        do {
            return try DynamicSection(objdump: outcome.output).carried(for: layout.architecture)
        } catch {
            throw self.error(.libraryUnexpected(name: error.name, neededBy: name))
        }
    }

    /// Where the SDK, or this machine, has a library.
    private func find(_ library: String, sdk: BuildStamp.SDK?) throws(BuildError) -> String {
        let root =
            sdk.map {
                $0.request + "/fleet.artifactbundle/" + layout.architecture.rawValue + "/sysroot/"
            } ?? "/"
        let paths = layout.architecture.libraryFolders.map { root + $0 + "/" + library }
        guard let path = paths.first(where: FileManager.default.fileExists(atPath:)) else {
            throw error(.libraryNotFound(name: library, searched: paths))
        }
        return path
    }
}
