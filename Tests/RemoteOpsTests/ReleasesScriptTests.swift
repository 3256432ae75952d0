import Foundation
import RemoteOps
import TestSupport
import Testing

/// The script that lists and removes releases, in the shells of the hosts, over a made-up root.
@Suite struct ReleasesScriptTests {
    static let old = "1111111111111111"
    static let current = "2222222222222222"
    static let used = "3333333333333333"

    private static func name(_ release: String) throws -> ReleaseName {
        ReleaseName(service: "app", release: try #require(ReleaseID(release)))
    }

    @Test(arguments: Shell.shells)
    func whatIsOnTheDiskIsListed(shell: [String]) async throws {
        let listing = try await Host().run(shell, "list", "app", "none")
        let app = try #require(listing.services["app"])
        #expect(app.current == ReleaseID(Self.current))
        #expect(app.releases.map(\.id.text) == [Self.old, Self.current, Self.used])
        #expect(app.releases.map(\.isInUse) == [false, false, true])
        #expect(app.releases[0].about == "{\"time\":5,\"owner\":\"o@m\"}")
        #expect(app.releases[0].units == ["app.service": ["[Service]", "a\tb"]])
        #expect(app.releases.allSatisfy { $0.kibibytes > 0 && ($0.modified ?? 0) > 1_000_000_000 })
        #expect(app.log == ["{\"service\":\"app\",\"n\":1}", "{\"service\":\"app\",\"n\":2}"])
        #expect(listing.services["none"] == ServiceReleases())
    }

    @Test(arguments: Shell.shells)
    func onlyWhatIsNotInUseIsRemoved(shell: [String]) async throws {
        let host = try Host()
        let words = [Self.old, Self.current, Self.used, "4444444444444444"].map { "app:\($0)" }
        let listing = try await host.run(shell, ["remove"] + words)
        #expect(listing.removed == [try Self.name(Self.old)])
        #expect(
            listing.notRemoved == [try Self.name(Self.current), try Self.name(Self.used)])
        let left = try FileManager.default.contentsOfDirectory(
            atPath: host.root.path + "/opt/fleet/app/releases")
        #expect(left.sorted() == [Self.current, Self.used])
    }

    @Test(arguments: Shell.shells, ["run/fleet/lock", "opt/fleet/.transaction/journal"])
    func nothingIsRemovedUnderADeploy(shell: [String], mark: String) async throws {
        let host = try Host()
        try host.root.write(mark, "")
        let listing = try await host.run(shell, "remove", "app:\(Self.old)")
        #expect(listing.isBusy && listing.removed.isEmpty)
        #expect(host.root.has("opt/fleet/app/releases/\(Self.old)/app"))
    }

    @Test func whatMakesNoSenseIsLeftOut() throws {
        let text = """
            fleet-releases\t1
            release\t\(Self.old)\t1\t1\tno
            service\tapp\tnot-a-release
            release\tshort\t1\t1\tno
            about\tof nothing
            |nothing
            release\t\(Self.old)\t\t-4\tno
            release\t\(Self.old)\tx\t4\tno
            removed\tapp\tshort
            end

            """
        let listing = try ReleaseListingParser.parse(Array(text.utf8))
        var expected = ServiceReleases()
        expected.releases = [
            StoredRelease(
                id: try #require(ReleaseID(Self.old)), modified: nil, kibibytes: 4, isInUse: false)
        ]
        #expect(listing.services == ["app": expected])
        #expect(listing.removed.isEmpty)
        #expect(throws: ReleaseListingParser.Failure.cutOff) {
            try ReleaseListingParser.parse(Array("fleet-releases\t1\nservice\ta\tb\n".utf8))
        }
        #expect(throws: ReleaseListingParser.Failure.notAListing("hello")) {
            try ReleaseListingParser.parse(Array("hello\nend\n".utf8))
        }
    }

    /// Three releases: an old one, the current one, and one that a process runs from.
    private struct Host {
        let root: TemporaryFolder

        init() throws {
            root = try TemporaryFolder()
            let releases = "opt/fleet/app/releases"
            for id in [old, current, used] { try root.write("\(releases)/\(id)/app", "program") }
            try root.write("\(releases)/\(old)/unit/app.service", "[Service]\na\tb\n")
            try root.write("\(releases)/\(old).about", "{\"time\":5,\"owner\":\"o@m\"}\n")
            try root.write("var/log/fleet/audit.jsonl.1", "{\"service\":\"app\",\"n\":1}\n")
            try root.write(
                "var/log/fleet/audit.jsonl",
                "{\"service\":\"other\"}\n{\"service\":\"app\",\"n\":2}\n")
            try root.write("proc/7/stat", "")
            let files = FileManager.default
            try files.createSymbolicLink(
                atPath: root.path + "/opt/fleet/app/current",
                withDestinationPath: "releases/\(current)")
            try files.createSymbolicLink(
                atPath: root.path + "/proc/7/cwd",
                withDestinationPath: "\(root.path)/\(releases)/\(used)")
        }

        func run(_ shell: [String], _ words: String...) async throws -> ReleaseListing {
            try await run(shell, words)
        }

        func run(_ shell: [String], _ words: [String]) async throws -> ReleaseListing {
            let result = try await Shell.run(
                shell + ["-s", "--"] + words, input: RemoteScripts.releases,
                environment: [
                    "FLEET_PREFIX": root.path, "FLEET_PROC": root.path + "/proc",
                ])
            #expect(result.errorText == "")
            return try ReleaseListingParser.parse(result.output)
        }
    }
}
