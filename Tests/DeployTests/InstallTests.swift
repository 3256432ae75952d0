import Foundation
import TestSupport
import Testing

/// The manual, and what `make install` puts where.
@Suite(.timeLimit(.minutes(15))) struct InstallTests {
    /// Pages of the built fleetctl. The generator is built where Tests/run has not done so.
    private func manual() async throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let made = try await Shell.run(
            ["Tools/man", folder.path], in: Site.project, environment: ["FLEETCTL": Site.program],
            timeout: 600)
        try #require(made.status == 0, "\(made.errorText)")
        return folder
    }

    private func pages(_ folder: String) throws -> Set<String> {
        let files = try FileManager.default.contentsOfDirectory(atPath: folder)
        return Set(files.filter { $0.hasSuffix(".1") })
    }

    @Test func everyVerbHasAPageWithoutWarnings() async throws {
        let folder = try await manual()
        let pages = try pages(folder.path)
        for page in ["fleetctl.1", "fleetctl.health.1", "fleetctl.runbook.run.1"] {
            #expect(pages.contains(page), "\(pages.sorted())")
        }
        for page in pages.sorted() {
            let read = try await Shell.run(
                ["man", "--warnings", "-E", "UTF-8", "-l", folder.path + "/" + page],
                environment: ["MANWIDTH": "80", "LC_ALL": "C.UTF-8"])
            #expect(read.status == 0 && read.errorText == "", "\(page): \(read.errorText)")
            #expect(read.text.contains("NAME"), "\(page)")
        }
        let bad = folder.path + "/bad.1"
        try folder.write("bad.1", ".TH X 1\n.SH NAME\n.nosuchmacro x\n\\[nosuch]\n")
        let read = try await Shell.run(["man", "--warnings", "-E", "UTF-8", "-l", bad])
        #expect(read.errorText.contains("warning"))
    }

    @Test func everythingGoesWhereItIsLookedFor() async throws {
        let folder = try await manual()
        let place = try TemporaryFolder()
        let run = try await Shell.run(
            ["Tools/install", "/usr"], in: Site.project,
            environment: [
                "DESTDIR": place.path, "FLEETCTL": Site.program, "MANUAL": folder.path,
            ])
        #expect(run.status == 0, "\(run.errorText)")
        #expect(try pages(place.path + "/usr/share/man/man1") == pages(folder.path))
        let found = try await Shell.run(
            ["man", "-w", "fleetctl.deploy"],
            environment: ["MANPATH": place.path + "/usr/share/man"])
        #expect(found.status == 0, "\(found.errorText)")
        let version = try await Shell.run([place.path + "/usr/bin/fleetctl", "--version"])
        #expect(version.status == 0)
        for (file, mark) in [
            ("bash-completion/completions/fleetctl", "complete -o filenames -F _fleetctl fleetctl"),
            ("zsh/site-functions/_fleetctl", "#compdef fleetctl"),
            ("fish/vendor_completions.d/fleetctl.fish", "complete -c 'fleetctl'"),
        ] {
            #expect(try place.read("usr/share/" + file).contains(mark), "\(file)")
        }
        let none = try await Shell.run(
            ["Tools/install", "/usr"], in: Site.project,
            environment: ["DESTDIR": place.path, "FLEETCTL": "/nonexistent"])
        #expect(none.status == 1 && none.errorText.contains("run: make build man"))
    }
}
