/// Where everything of one product and architecture lies under the project's `.build`.
struct BuildLayout: Sendable {
    /// The project's root, absolute.
    var root: String
    var product: String
    var architecture: BuildArchitecture

    /// All that cross builds leave; SwiftPM's own builds keep away from it.
    var base: String { root + "/.build/fleet" }

    /// Held while something is built.
    var lock: String { base + "/lock" }

    /// The package that SwiftPM is given: links to the manifest and the sources, without the pins
    /// of packages that only fleetctl needs, which SwiftPM would otherwise fetch.
    var package: String { base + "/package" }

    /// SwiftPM's own folder for the architecture.
    var scratch: String { base + "/build/" + architecture.rawValue }

    /// The binary as it was linked.
    var linked: String { scratch + "/release/" + product }

    /// The release folder.
    var release: String { base + "/artifacts/" + architecture.rawValue + "/" + product }

    /// Where a release folder grows before it takes the place of the last one.
    var newRelease: String { release + ".new" }

    /// What the release folder was made from.
    var stamp: String { release + ".json" }

    /// The script that makes SDKs.
    var makeSDK: String { root + "/Tools/sdk/make-sdk" }

    /// The toolset for amd64, which has no SDK.
    var nativeToolset: String { root + "/Tools/sdk/targets/amd64/toolset.json" }
}
