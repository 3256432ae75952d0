import Foundation
import LabSupport
import TestSupport
import Testing

/// `fleetctl report` of hosts of the lab.
@Suite(.lab, .sharesLab) struct ReportVerbTests {
    /// A host that answers and one that does not are both in the file; the file is its owner's.
    @Test(.timeLimit(.minutes(10))) func whatIsKnownAndWhatIsNotIsInTheFile() async throws {
        try await FreshHost.with(count: 2) { hosts in
            let (host, dead) = (hosts[0], hosts[1])
            try host.site.program(Programs.sleeper)
            try host.site.services(Programs.app(on: host.name))
            try await host.site.deploy()
            try await host.lab.kill(dead.name)
            try host.site.folder.write(
                "log.csv",
                "timestamp_unix,soc_pct,generator_running\n"
                    + "\(Int(Date().timeIntervalSince1970) - 60),55,0\n")
            let path = host.site.folder.path + "/report.html"
            let run = try await host.site.fleetctl(
                "report", "--html", path, "--csv", host.site.folder.path + "/log.csv",
                "--timeout", "5")
            #expect(run.status == 3, "\(run)")
            let page = try host.site.folder.read("report.html")
            #expect(page.contains(">1 of 2</b>hosts answered"))
            #expect(page.contains("It could not be asked"))
            #expect(page.contains("1 row from"))
            #expect(page.contains(">current</td>"))
            #expect(page.contains("\(dead.name)</span> could not be looked at"))
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
            #expect(mode as? Int == 0o600)
            let printed = try await host.site.fleetctl(
                "report", "--html", "-", "--host", host.name)
            #expect(printed.status == 0, "\(printed)")
            #expect(printed.output.hasPrefix("<!DOCTYPE html>"))
            #expect(printed.output.hasSuffix("</html>\n"))
        }
    }
}
