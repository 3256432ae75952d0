import ArtifactBuilder

extension BuildError {
    /// What failed, where things stand and what to do, for people.
    var sentence: String {
        let head = "cannot build \(product) for \(architecture.rawValue): "
        let tail = detail.isEmpty ? "" : "\n" + detail.map { "  " + $0 }.joined(separator: "\n")
        return head + cause + "; nothing changed" + tail
    }

    /// The exit status of a command that ends with it.
    var exit: FleetExit {
        switch code {
        case .notTheProject, .productUnknown, .foreignMachine: .usage
        case .toolchainMissing, .toolchainTooOld, .toolchainIncomplete, .sdkFailed,
            .compileFailed, .toolFailed, .notRun, .libraryUnexpected, .libraryNotFound,
            .fileFailed, .timedOut, .cancelled:
            .failed
        }
    }

    /// What failed and what to do, without what it was for.
    var cause: String {
        switch code {
        case .toolchainMissing:
            "there is no swift in PATH; Swift 6.3 or later is at swift.org/install"
        case .toolchainTooOld(let found, let needed):
            "Swift \(needed) or later is needed and this is \(found); "
                + "a newer one is at swift.org/install, its usr/bin belongs first in PATH"
        case .toolchainIncomplete(let folder, let missing):
            "the toolchain in \(folder) lacks \(missing.joined(separator: ", ")); "
                + "install the whole toolchain from swift.org/install"
        case .notTheProject(let missing):
            "\(missing) does not exist; run fleetctl in the project's folder"
        case .productUnknown(let known):
            "the package has no such product; it has \(known.sorted().joined(separator: ", "))"
        case .foreignMachine:
            "amd64 is built on an amd64 machine only; build there and name the result as artifact"
        case .sdkFailed(let status):
            "its SDK could not be made (\(status)); `Tools/sdk/make-sdk \(architecture.rawValue)` "
                + "does this step alone"
        case .compileFailed(let status):
            "swift build failed (\(status)), its last lines follow"
        case .toolFailed(let name, let status): "\(name) failed (\(status))"
        case .notRun(let name): "\(name) could not be run"
        case .libraryUnexpected(let name, let neededBy):
            "\(neededBy) needs \(name), which hosts need not have and a release does not carry; "
                + "link it statically or add it to BuildArchitecture.carriedLibraries"
        case .libraryNotFound(let name, let searched):
            "\(name) should travel with it and is in none of \(searched.joined(separator: ", ")); "
                + "on amd64 install its Debian package here"
        case .fileFailed(let path): "\(path) could not be read or written"
        case .timedOut(let what, let limit): "\(what) took longer than \(limit)"
        case .cancelled: "cancelled"
        }
    }
}
