import Foundation
import LabSupport
import TestSupport
import Testing

/// `fleetctl units`, which connects to nothing.
@Suite struct UnitsVerbTests {
    /// A folder with units, gone afterwards.
    private func withFolder(
        _ files: [String: String], _ body: (String) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("units-\(UInt64.random(in: 0...UInt64.max))")
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files {
            let file = folder.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            if text.hasPrefix("->") {
                try FileManager.default.createSymbolicLink(
                    atPath: file.path, withDestinationPath: String(text.dropFirst(2)))
            } else {
                try text.write(to: file, atomically: false, encoding: .utf8)
            }
        }
        try await body(folder.path)
    }

    private func fleetctl(_ arguments: String...) async throws -> (
        status: Int32, output: String, talk: String
    ) {
        let run = try await Shell.run([Site.program] + arguments, in: Site.project, timeout: 60)
        return (run.status, run.text, run.errorText)
    }

    static let proxy = """
        [Unit]
        Documentation=man:x(1)
        [Service]
        User=jorik
        ExecStart=/usr/bin/python3 /opt/proxy.py --port 6053
        Restart=on-failure
        RestartSec=1
        [Install]
        WantedBy=multi-user.target

        """

    @Test func twoServicesForOnePortAreFoundInAFolder() async throws {
        let files = [
            "old.service": Self.proxy, "new.service": Self.proxy,
            "new.service.d/10.conf": "[Service]\nKillMode=none\n",
            "off.service": Self.proxy, "gone.service": "->/dev/null",
            "alias.service": "->new.service",
            "multi-user.target.wants/old.service": "->../old.service",
            "multi-user.target.wants/new.service": "->../new.service",
        ]
        try await withFolder(files) { folder in
            let run = try await fleetctl("units", "lint", "-o", "json", folder)
            #expect(run.status == 5, "\(run)")
            let json = try JSONSerialization.jsonObject(with: Data(run.output.utf8))
            let findings = try #require(
                (json as? [String: Any])?["findings"] as? [[String: Any]])
            let seen = findings.map { finding in
                let file = (finding["path"] as? String ?? "").dropFirst(folder.count + 1)
                return "\(file):\(finding["line"] as? Int ?? 0) \(finding["rule"] as? String ?? "")"
            }
            #expect(
                seen == [
                    "new.service.d/10.conf:2 kill-mode-escapes", "old.service:5 shared-port",
                    "old.service:5 shared-program",
                ])
            let table = try await fleetctl("units", "lint", folder)
            #expect(table.status == 5)
            #expect(table.output.contains("old.service:5"))
            #expect(table.talk.contains("4 units, 3 findings"), "\(table.talk)")
            let sarif = try await fleetctl("units", "lint", "-o", "sarif", folder)
            #expect(sarif.output.contains("\"version\" : \"2.1.0\""))
            let grave = try await fleetctl("units", "lint", "--severity", "error", folder)
            #expect(!grave.output.contains("shared-program"))
        }
    }

    @Test func oneFileIsCheckedWithItsDropIns() async throws {
        let files = [
            "a.service": Self.proxy, "a.service.d/1.conf": "[Service]\nKillMode=none\n",
            "b.service": "[Service]\n",
        ]
        try await withFolder(files) { folder in
            let run = try await fleetctl("units", "lint", folder + "/a.service")
            #expect(run.status == 5)
            #expect(run.output.contains("a.service.d/1.conf:2"))
            #expect(!run.output.contains("b.service"))
        }
    }

    @Test func whatIsNotThereIsSaid() async throws {
        try await withFolder(["x.txt": "", "d/y": ""]) { folder in
            for path in [folder + "/none.service", folder + "/x.txt", folder + "/d"] {
                let run = try await fleetctl("units", "lint", path)
                #expect(run.status == 64, "\(run)")
                #expect(run.talk.hasPrefix("fleetctl: "))
            }
        }
    }

    /// The fleet's own units have nothing that the linter knows of, notes included.
    @Test(arguments: ["Inventory/fleet.yaml", "Inventory/lab.yaml"])
    func ourOwnUnitsAreClean(inventory: String) async throws {
        let run = try await fleetctl("units", "lint", "--severity", "note", "-i", inventory)
        #expect(run.status == 0, "\(run)")
        #expect(run.talk.contains("1 unit, nothing found"))
    }

    @Test func theGeneratorsControllerIsCleanUnderSystemdToo() async throws {
        let fleet = """
            version: 1
            fleet: test
            hosts:
              pi: { address: 192.0.2.1, user: pi, arch: arm64 }
            services:
              gen-server:
                host: pi
                product: gen-server
                args: [--port, 9999]
                ports: [9999]
                replaces: [generator.service]
            """
        let files = [
            "fleet.yaml": fleet, "Units": "->\(Site.project)/Units",
        ]
        try await withFolder(files) { folder in
            let inventory = folder + "/fleet.yaml"
            let one = try await fleetctl(
                "units", "lint", "--service", "gen-server", "-i", inventory, "--severity", "note")
            #expect(one.status == 0, "\(one)")
            #expect(one.talk.contains("1 unit, nothing found"))
        }
    }

    @Test func unitsAreRenderedAsADeployWould() async throws {
        let run = try await fleetctl(
            "units", "render", "pigenny-monitor", "-i", "Inventory/fleet.yaml")
        #expect(run.status == 0)
        #expect(run.output.hasPrefix("[Unit]\nDescription=pigenny-monitor, deployed by fleetctl\n"))
        #expect(run.output.contains("\nConflicts=pigenny.service\nAfter=pigenny.service\n"))
        #expect(run.output.hasSuffix("WantedBy=multi-user.target\n"))
        let all = try await fleetctl("units", "render", "-i", "Inventory/fleet.yaml")
        #expect(all.output.contains("# olimex: supervise\n#!/bin/sh"))
        #expect(all.output.contains("\n\n# momspi: pigenny-monitor.service\n[Unit]\n"))
    }

    /// Every rule is in the guide.
    @Test func theGuideListsEveryRule() async throws {
        let sarif = try await withSarif()
        let guide = try String(
            contentsOfFile: Site.project + "/Documentation/units.md", encoding: .utf8)
        let missing = sarif.filter { !guide.contains("`\($0)`") }
        #expect(sarif.count > 20 && missing == [])
    }

    private func withSarif() async throws -> [String] {
        var ids: [String] = []
        try await withFolder(["a.service": Self.proxy]) { folder in
            let run = try await fleetctl("units", "lint", "-o", "sarif", folder)
            let json = try JSONSerialization.jsonObject(with: Data(run.output.utf8))
            let runs = (json as? [String: Any])?["runs"] as? [[String: Any]]
            let tool = runs?.first?["tool"] as? [String: Any]
            let driver = tool?["driver"] as? [String: Any]
            ids = (driver?["rules"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String }
        }
        return ids
    }
}
