import Foundation

/// Builds the daemons for the fleet's processors, and only when something changed.
///
/// A build needs a Swift toolchain of 6.3 or later and, once, a reachable Debian mirror for the
/// SDK. Its result is a release folder with the stripped binary and the libraries that a host may
/// lack. The same sources, toolchain and SDK give the same bytes in whatever folder they lie.
public struct ArtifactBuilder: Sendable {
    /// Time for `swift build`; a cold build takes seconds.
    static let compileLimit = Duration.seconds(1800)
    /// Time for `make-sdk`, which may wait for another one.
    static let sdkLimit = Duration.seconds(2400)
    /// Time for anything else that the toolchain is asked.
    static let queryLimit = Duration.seconds(120)
    /// Time to wait for another fleetctl that builds in the same project.
    static let lockLimit = Duration.seconds(3600)

    /// The project's root, absolute.
    public let root: String
    let environment: [String: String]

    /// A builder for the project in a folder, which holds its Package.swift and Tools/sdk.
    public init(root: String) {
        self.init(root: root, environment: ProcessInfo.processInfo.environment)
    }

    init(root: String, environment: [String: String]) {
        self.root = URL(fileURLWithPath: root).resolvingSymlinksInPath().path
        self.environment = environment
    }

    /// The project that a folder lies in: the folder itself or the nearest one above it that has
    /// a Package.swift and Tools/sdk/make-sdk; nil where there is none.
    public static func projectRoot(above folder: String) -> String? {
        var url = URL(fileURLWithPath: folder).resolvingSymlinksInPath()
        while true {
            let marks = [url.path + "/Package.swift", url.path + "/Tools/sdk/make-sdk"]
            if marks.allSatisfy(FileManager.default.fileExists(atPath:)) { return url.path }
            guard url.path != "/" else { return nil }
            url.deleteLastPathComponent()
        }
    }

    /// Builds a product, or finds that its release folder is still right, which takes no process
    /// and some milliseconds. `progress` hears a line at a time, from no particular thread.
    /// Builds of one project wait for each other. Cancelling the task ends what runs.
    public func build(
        product: String, for architecture: BuildArchitecture,
        progress: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws(BuildError) -> BuiltArtifact {
        let started = ContinuousClock.now
        let job = BuildJob(
            layout: BuildLayout(root: root, product: product, architecture: architecture),
            environment: environment, progress: progress)
        let (stamp, origin) = try await job.run()
        return BuiltArtifact(
            product: product, architecture: architecture, folder: job.layout.release,
            files: stamp.files, origin: origin, duration: ContinuousClock.now - started,
            unstrippedBinary: job.layout.linked)
    }

    /// What keeps this machine from building for a processor, as far as can be told without
    /// building: the project, the toolchain and its version. nil where nothing does. Runs the
    /// compiler once.
    public func shortcoming(for architecture: BuildArchitecture) async -> BuildError? {
        let job = BuildJob(
            layout: BuildLayout(root: root, product: "daemons", architecture: architecture),
            environment: environment, progress: { _ in })
        do throws(BuildError) {
            _ = try await job.knownToolchain()
            return nil
        } catch {
            return error
        }
    }
}
