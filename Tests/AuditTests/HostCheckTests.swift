import Audit
import Foundation
import PortHolders
import TestSupport
import Testing
import UnitLint

/// Processes against the disk, jobs, links and drift.
@Suite struct HostCheckTests {
    private func ids(_ facts: AuditFacts) throws -> [String] {
        try Sample.findings(facts).map { "\($0.id) \($0.subject)" }
    }

    @Test func aReplacedExecutableIsSeen() throws {
        var facts = Sample.facts()
        facts.processes[700]?.core.isExecutableDeleted = true
        #expect(try ids(facts) == ["executable-replaced renogy-bt-proxy.service"])
    }

    @Test func aScriptIsComparedWithTheStartOfItsProcess() throws {
        var facts = Sample.facts()
        facts.times["/home/jorik/renogy_bt_proxy.py"] = 990_049
        #expect(try ids(facts) == [])
        facts.times["/home/jorik/renogy_bt_proxy.py"] = 995_000
        #expect(try ids(facts) == ["script-newer-than-process renogy-bt-proxy.service"])
    }

    @Test func aReleaseThatIsNoLongerCurrentIsSeen() throws {
        var facts = Sample.facts()
        let base = "/opt/fleet/renogy-bt-proxy"
        facts.links["\(base)/current"] = "releases/2222222222222222"
        facts.processes[700]?.folder = "\(base)/releases/2222222222222222"
        #expect(try ids(facts) == [])
        facts.processes[700]?.folder = "\(base)/releases/1111111111111111 (deleted)"
        #expect(try ids(facts) == ["release-not-current renogy-bt-proxy.service"])
    }

    @Test func enabledUnitsThatAreAbsentOrMasked() throws {
        var facts = Sample.facts()
        let wants = "/etc/systemd/system/multi-user.target.wants/"
        facts.links[wants + "gone.service"] = "/lib/systemd/system/gone.service"
        facts.links[wants + "off.service"] = "/etc/systemd/system/off.service"
        facts.links[wants + "renogy-bt-proxy.service"] = "../renogy-bt-proxy.service"
        facts.links[wants + "getty@tty1.service"] = "/lib/systemd/system/getty@.service"
        facts.fileStates["off.service"] = "masked"
        facts.fileStates["getty@.service"] = "enabled"
        #expect(
            try ids(facts) == ["enabled-but-absent gone.service", "enabled-but-masked off.service"])
        // What somebody masked who did not want it is worth no more than a note.
        #expect(try Sample.findings(facts).map(\.severity) == [.warning, .note])
        facts.fileStates = [:]
        #expect(try ids(facts) == [])
    }

    @Test(arguments: [
        ("/etc/cron.d/x", "*/5 * * * * root systemctl restart renogy-bt-proxy.service", true),
        ("/etc/cron.d/x", "*/5 * * * * root systemctl restart renogy-bt-proxy", true),
        ("/etc/cron.d/x", "#*/5 * * * * root systemctl restart renogy-bt-proxy", false),
        ("/etc/cron.d/x", "*/5 * * * * root systemctl status renogy-bt-proxy", false),
        ("/var/spool/cron/crontabs/jorik", "@reboot python3 /srv/renogy_bt_proxy.py &", true),
        ("/etc/rc.local", "pkill -f renogy_bt_proxy.py", true),
        ("/etc/rc.local", "/opt/fleet/renogy-bt-proxy/current/supervise start", false),
        ("/etc/crontab", "17 * * * * root run-parts /etc/cron.hourly", false),
    ])
    func jobsThatTouchServices(path: String, line: String, isFound: Bool) throws {
        var facts = Sample.facts()
        facts.files[path] = Array("# a table\n\(line)\n".utf8)
        let findings = try Sample.findings(facts)
        #expect(findings.map(\.id) == (isFound ? ["job-touches-service"] : []))
        if isFound { #expect(findings.first?.evidence.line == 2) }
    }

    @Test func aProgramOfTheDistributionIsNobodysOwn() throws {
        var facts = Sample.facts()
        facts.addUnit("other.service", "[Service]\nExecStart=/bin/sleep 1000\nRestart=always\n")
        facts.files["/etc/cron.daily/x"] = Array("sleep 5\n".utf8)
        #expect(try ids(facts) == [])
        facts.files["/etc/cron.daily/x"] = Array("systemctl restart other\n".utf8)
        #expect(try ids(facts) == ["job-touches-service /etc/cron.daily/x"])
    }

    @Test func aTimerThatRestartsAService() throws {
        var facts = Sample.facts()
        facts.addUnit("nightly.timer", "[Timer]\nOnCalendar=daily\n")
        facts.addUnit(
            "nightly.service",
            "[Service]\nType=oneshot\nExecStart=/bin/systemctl restart renogy-bt-proxy\n")
        #expect(try ids(facts) == ["timer-touches-service nightly.timer"])
    }

    @Test func driftBetweenRepositoryAndHost() throws {
        var subject = try Sample.subject()
        var facts = Sample.facts()
        subject.renderedUnits["renogy-bt-proxy"] = Sample.unit
        #expect(Auditor.findings(in: facts, of: subject) == [])
        subject.renderedUnits["renogy-bt-proxy"] = Sample.unit.replacing(
            "on-failure", with: "always")
        let found = try #require(Auditor.findings(in: facts, of: subject).first)
        #expect(found.id == "unit-differs")
        #expect(found.evidence.line == 3)
        #expect(found.evidence.detail == "Restart=on-failure ≠ Restart=always")
        facts.files["/etc/systemd/system/renogy-bt-proxy.service"] = nil
        #expect(Auditor.findings(in: facts, of: subject).map(\.id) == ["unit-not-installed"])
    }

    @Test func aMaskedServiceIsAnError() throws {
        var facts = Sample.facts()
        facts.fileStates["renogy-bt-proxy.service"] = "masked"
        #expect(try ids(facts) == ["service-masked renogy-bt-proxy.service"])
        #expect(try Sample.findings(facts).first?.severity == .error)
    }

    @Test func leftoversAndWhatCouldNotBeRead() throws {
        var facts = Sample.facts()
        facts.files["/etc/systemd/system/renogy-bt-proxy.service.bak"] = []
        facts.links["/opt/fleet/gone/current"] = "releases/1111111111111111"
        facts.unread = ["/var/spool/cron/crontabs"]
        #expect(
            try ids(facts) == [
                "leftover /etc/systemd/system/renogy-bt-proxy.service.bak",
                "leftover /opt/fleet/gone", "not-read /var/spool/cron/crontabs",
            ])
    }

    @Test func localServicesThatListenEverywhere() throws {
        let inventory = Sample.inventory + "\n    args: [--host, 127.0.0.1]\n"
        var facts = Sample.facts()
        #expect(
            try Sample.findings(facts, inventory).map(\.id) == ["listens-on-all-addresses"])
        facts.sockets[0].address = "0100007F"
        #expect(try Sample.findings(facts, inventory) == [])
    }
}
