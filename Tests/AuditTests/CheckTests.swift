import Audit
import PortHolders
import TestSupport
import Testing

/// What is found, and what is not.
@Suite struct CheckTests {
    private func ids(_ facts: AuditFacts, _ inventory: String = Sample.inventory) throws -> [String]
    {
        try Sample.findings(facts, inventory).map { "\($0.id) \($0.subject)" }
    }

    @Test func nothingIsFoundWhereAllIsWell() throws {
        #expect(try ids(Sample.facts()) == [])
    }

    @Test func anOrphanOnTheServicesPortIsNamedWithItsEvidence() throws {
        var facts = Sample.facts()
        facts.sockets = []
        facts.processes = [:]
        facts.add(Sample.process(680, in: Sample.session), port: 6053)
        let findings = try Sample.findings(facts)
        #expect(
            findings.map { "\($0.id) \($0.subject)" } == [
                "port-held-outside-unit tcp/6053", "orphan renogy_bt_proxy.py",
            ])
        let port = try #require(findings.first)
        #expect(port.evidence.pid == 680)
        #expect(port.evidence.user == "jorik")
        #expect(port.evidence.cgroup == Sample.session)
        #expect(port.evidence.inode == 68_000)
        // Booted at 990,000; 5,000 ticks after that.
        #expect(port.evidence.startTime == 990_050)
        let identity = ProcessIdentity(
            pid: 680, startTicks: 5_000, executable: "/usr/bin/python3.11")
        #expect(findings.allSatisfy { $0.remedy == .stopProcess(identity) })
    }

    /// Each of these has the script's name, the interpreter or nearly the port, and is no orphan.
    @Test(arguments: [
        Sample.process(
            900, in: Sample.session, executable: "/usr/bin/vim.basic",
            ["vim", "/home/jorik/renogy_bt_proxy.py"]),
        Sample.process(
            901, in: "/system.slice/other.service", ["python3", "/home/jorik/other.py"]),
        Sample.process(
            902, in: Sample.session, ["python3", "/home/jorik/x.py", "renogy_bt_proxy.py"]),
        Sample.process(903, in: Sample.session, executable: "/usr/bin/bash", ["bash"]),
        Sample.process(904, in: Sample.session, ["python3", "/home/jorik/old_renogy_bt_proxy.py"]),
        Sample.process(905, in: Sample.session, ["python3", "-c", "renogy_bt_proxy.py"]),
    ])
    func lookAlikesAreLeftAlone(process: PortProcess) throws {
        var facts = Sample.facts()
        facts.add(process, port: 60530)
        #expect(try ids(facts) == [])
    }

    @Test(arguments: [
        "/user.slice/user-1000.slice/user@1000.service/app.slice/x.service",
        "/system.slice/cron.service", "/system.slice/ssh.service", Sample.session, "/",
    ])
    func orphansAreFoundWhereverTheyWereStarted(cgroup: String) throws {
        var facts = Sample.facts()
        facts.add(Sample.process(680, in: cgroup))
        #expect(try ids(facts) == ["orphan renogy_bt_proxy.py"])
    }

    @Test func aProcessWithoutAPlaceBelowSystemdIsNamedAndNotEnded() throws {
        var facts = Sample.facts()
        facts.add(Sample.process(680, in: "/"))
        #expect(FixPlan(try Sample.findings(facts)).steps == [])
        facts.isSystemd = false
        #expect(FixPlan(try Sample.findings(facts)).steps.count == 1)
    }

    @Test func anotherUnitOnThePortIsNotKilled() throws {
        var facts = Sample.facts()
        facts.sockets = []
        facts.add(Sample.process(680, in: "/system.slice/stranger.service"), port: 6053)
        let found = try #require(
            try Sample.findings(facts).first { $0.id == "port-held-by-other-unit" })
        #expect(found.evidence.unit == "stranger.service")
        #expect(found.remedy == nil)
        #expect(found.fix == "systemctl disable --now -- stranger.service")
    }

    @Test func nobodyOnThePort() throws {
        var facts = Sample.facts()
        facts.sockets = []
        #expect(try ids(facts) == ["port-unheld tcp/6053"])
        // Without the table it is not known.
        facts.tables = []
        #expect(try ids(facts) == [])
    }

    @Test func udpIsLookedAtToo() throws {
        let inventory = Sample.inventory.replacing("[6053]", with: "[6053/udp]")
        var facts = Sample.facts()
        #expect(try ids(facts, inventory) == ["port-unheld udp/6053"])
        facts.add(Sample.process(680, in: Sample.session), port: 6053, .udp6)
        #expect(
            try ids(facts, inventory) == [
                "port-held-outside-unit udp/6053", "orphan renogy_bt_proxy.py",
            ])
    }

    @Test func twoUnitsForOnePort() throws {
        let path = "/etc/systemd/system/renogy-bt.service"
        var facts = Sample.facts()
        facts.addUnit(
            "renogy-bt.service",
            Sample.unit.replacing("/home/jorik/renogy_bt_proxy.py", with: "/srv/a.py --port 6053"))
        let findings = try Sample.findings(facts)
        let twice = try #require(findings.first { $0.id == "port-claimed-twice" })
        #expect(twice.what.contains("renogy-bt-proxy.service, renogy-bt.service"))
        #expect(twice.remedy == .disableUnit("renogy-bt.service", withoutStopCommands: false))
        #expect(findings.contains { $0.id == "replaced-still-runs" })
        #expect(findings.contains { $0.id == "leftover" })
        // Disabled and inactive, it is in nobody's way.
        facts.addUnit(
            "renogy-bt.service", Sample.unit, ["ActiveState": "inactive"], enabled: "disabled")
        let later = try Sample.findings(facts)
        #expect(later.map(\.id) == ["leftover"])
        #expect(later.map(\.severity) == [.note])
        #expect(later.first?.fix.hasSuffix("rm -- \(path) && systemctl daemon-reload") == true)
        // Whoever starts this one kills the service.
        facts.files[path]? += Array("[Service]\nExecStopPost=pkill -f renogy\n".utf8)
        let leftover = try Sample.findings(facts).first { $0.id == "leftover" }
        #expect(leftover?.severity == .warning)
    }

    @Test func aPortInAConfigurationFileCounts() throws {
        var facts = Sample.facts()
        facts.addUnit(
            "third.service",
            "[Service]\nExecStart=/srv/third --config=/srv/third.ini\nRestart=always\n")
        facts.portLines["/srv/third.ini"] = ["broker_port = 1883", "  api_port = 6053"]
        #expect(try ids(facts) == ["port-claimed-twice tcp/6053"])
        facts.portLines["/srv/third.ini"] = ["api_port = 60530"]
        #expect(try ids(facts) == [])
    }

    @Test func aUnitThatKillsByPatternIsDisabledWithoutItsStopCommands() throws {
        var facts = Sample.facts()
        facts.addUnit(
            "renogy-bt.service",
            Sample.unit.replacing(
                "Restart=",
                with: "ExecStopPost=+/bin/sh -c 'pkill -9 -f renogy_bt_proxy.py'\nRestart="))
        let findings = try Sample.findings(facts)
        #expect(findings.contains { $0.id == "pattern-kill" && $0.evidence.line == 3 })
        // Also where other aspects only are looked at.
        for findings in [findings, findings.filter { $0.id != "pattern-kill" }] {
            #expect(
                FixPlan(findings).steps == [
                    .disable(unit: "renogy-bt.service", withoutStopCommands: true)
                ])
        }
    }

    @Test(arguments: [
        (["ActiveState": "failed", "Result": "exit-code"], "unit-failed"),
        (["SubState": "auto-restart", "NRestarts": "1"], "restart-loop"),
        (["ActiveState": "failed", "Result": "start-limit-hit"], "restart-loop"),
        (["NRestarts": "3"], "restart-loop"), (["NeedDaemonReload": "yes"], "unit-not-reloaded"),
        (["UnitFileState": "disabled"], "service-not-enabled"),
        (["DropInPaths": "/etc/systemd/system/x.d/1.conf"], "unit-has-drop-in"),
    ])
    func statesOfUnits(properties: [String: String], id: String) throws {
        var facts = Sample.facts()
        facts.addUnit("renogy-bt-proxy.service", Sample.unit, properties)
        #expect(try Sample.findings(facts).map(\.id) == [id])
    }

    @Test func aUnitThatCanStopTheControllerIsNamed() throws {
        var facts = Sample.facts()
        facts.addUnit(
            "gen-server.service", "[Service]\nExecStart=/srv/gen-server\nRestart=always\n")
        facts.addUnit(
            "cleaner.service",
            "[Unit]\nConflicts=gen-server.service\nAfter=gen-server.service\n"
                + "[Service]\nExecStart=/srv/clean\nRestart=always\n")
        #expect(try ids(facts) == ["stops-generator-controller cleaner.service"])
    }
}
