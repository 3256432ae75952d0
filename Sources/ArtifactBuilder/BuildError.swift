/// Why a product could not be built. The code decides the advice; the sentence for people is
/// made from it at the command line.
public struct BuildError: Error, Sendable, Equatable {
    /// What went wrong.
    public enum Code: Sendable, Equatable {
        /// There is no `swift` in PATH.
        case toolchainMissing
        /// The Swift that was found is older than `needed`.
        case toolchainTooOld(found: String, needed: String)
        /// The toolchain in `folder` has no such programs.
        case toolchainIncomplete(folder: String, missing: [String])
        /// The folder is not this project's: the file is not there.
        case notTheProject(missing: String)
        /// The package has no such product; these it has.
        case productUnknown(known: [String])
        /// amd64 is built on an amd64 machine only.
        case foreignMachine
        /// `make-sdk` ended with this status.
        case sdkFailed(status: String)
        /// `swift build` ended with this status.
        case compileFailed(status: String)
        /// Another program of the toolchain ended with this status.
        case toolFailed(name: String, status: String)
        /// A program could not be started or listened to.
        case notRun(name: String)
        /// A library is needed that is neither on the hosts nor carried.
        case libraryUnexpected(name: String, neededBy: String)
        /// A library that should be carried is in none of these folders.
        case libraryNotFound(name: String, searched: [String])
        /// A file could not be read or written.
        case fileFailed(path: String)
        /// Something took longer than its limit.
        case timedOut(what: String, limit: Duration)
        /// The task was cancelled.
        case cancelled
    }

    /// What went wrong.
    public var code: Code
    /// What was to be built.
    public var product: String
    /// For which processor.
    public var architecture: BuildArchitecture
    /// The last lines of the program that failed, or the system's words; may be empty.
    public var detail: [String]
}
