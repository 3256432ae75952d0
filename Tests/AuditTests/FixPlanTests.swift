import Audit
import Inventory
import PortHolders
import Testing

/// What `--fix` would do, and in which order.
@Suite struct FixPlanTests {
    private static let path = "/etc/systemd/system/renogy-bt-proxy.service"

    private func plan(_ facts: AuditFacts, rendered: String? = nil) throws -> FixPlan {
        var subject = try Sample.subject()
        if let rendered { subject.renderedUnits["renogy-bt-proxy"] = rendered }
        return FixPlan(Auditor.findings(in: facts, of: subject))
    }

    private func released() -> AuditFacts {
        var facts = Sample.facts()
        facts.links["/opt/fleet/renogy-bt-proxy/current"] = "releases/1111111111111111"
        return facts
    }

    private func install() throws -> FixPlan.Step {
        .install(
            unit: "renogy-bt-proxy.service", service: try #require(ServiceName("renogy-bt-proxy")))
    }

    private let start = FixPlan.Step.start(unit: "renogy-bt-proxy.service")

    @Test func aUnitIsInstalledWhereItsReleaseIs() throws {
        let wanted = Sample.unit.replacing("on-failure", with: "always")
        #expect(try plan(Sample.facts(), rendered: wanted).isEmpty)
        // It runs: nothing starts it again.
        #expect(try plan(released(), rendered: wanted).steps == [install()])
        // A line end at the end of the file is no difference.
        #expect(try plan(released(), rendered: String(Sample.unit.dropLast())).isEmpty)
        var stale = released()
        stale.addUnit("renogy-bt-proxy.service", Sample.unit, ["NeedDaemonReload": "yes"])
        #expect(try plan(stale).steps == [install()])
    }

    @Test(arguments: [
        (["ActiveState": "failed"], true), (["SubState": "auto-restart"], true),
        (["LoadState": "not-found"], true), ([:], false),
        // It goes round in circles, and is up just now.
        (["NRestarts": "3"], true), (["NRestarts": "2"], false),
        // Somebody stopped it.
        (["ActiveState": "inactive", "SubState": "dead"], false),
    ])
    func aUnitIsStartedWhereItShouldRun(properties: [String: String], isStarted: Bool) throws {
        var facts = released()
        facts.addUnit("renogy-bt-proxy.service", Sample.unit, properties)
        let steps = try plan(facts, rendered: "[Service]\n").steps
        #expect(steps == (isStarted ? [try install(), start] : [try install()]))
    }

    @Test func aUnitThatIsAbsentIsInstalledAndStarted() throws {
        var facts = released()
        facts.loaded = [:]
        facts.files[Self.path] = nil
        #expect(try plan(facts).steps == [install(), start])
        let finding = try Sample.findings(facts).first { $0.id == "unit-not-installed" }
        #expect(finding?.fix == "fleetctl units install renogy-bt-proxy")
        facts.links = [:]
        #expect(try plan(facts).isEmpty)
        let other = try Sample.findings(facts).first { $0.id == "unit-not-installed" }
        #expect(other?.fix == "fleetctl deploy --service renogy-bt-proxy")
    }

    @Test func stepsStandInTheirOrder() throws {
        var facts = released()
        facts.addUnit("renogy-bt-proxy.service", Sample.unit, ["ActiveState": "failed"])
        facts.addUnit("renogy-bt.service", Sample.unit)
        facts.sockets = []
        facts.processes = [:]
        facts.add(Sample.process(680, in: Sample.session), port: 6053)
        let identity = ProcessIdentity(
            pid: 680, startTicks: 5_000, executable: "/usr/bin/python3.11")
        let steps = try plan(facts, rendered: "[Service]\n").steps
        let disable = FixPlan.Step.disable(unit: "renogy-bt.service", withoutStopCommands: false)
        #expect(steps == [disable, .stop(identity, .limited), try install(), start])
        #expect(
            FixPlan.rounds(steps) == [
                .script([disable, .stop(identity, .limited)]), .install([try install()]),
                .script([start]),
            ])
    }

    /// The one that is replaced does the work until then.
    @Test func aReplacedUnitStaysUntilItsSuccessorIsThere() throws {
        var facts = Sample.facts()
        facts.sockets = []
        facts.files = [:]
        facts.processes = [:]
        facts.addUnit("renogy-bt.service", Sample.unit)
        facts.add(Sample.process(700, in: "/system.slice/renogy-bt.service"), port: 6053)
        let held = try #require(
            try Sample.findings(facts).first { $0.id == "port-held-by-other-unit" })
        #expect(held.remedy == nil && held.fix == "fleetctl deploy --service renogy-bt-proxy")
        facts.links["/opt/fleet/renogy-bt-proxy/current"] = "releases/1111111111111111"
        let disable = FixPlan.Step.disable(unit: "renogy-bt.service", withoutStopCommands: false)
        #expect(try plan(facts).steps.first == disable)
    }

    /// Its number could be said, its path could not: a person looks.
    @Test func whatCannotBeSaidSafelyIsLeftToAPerson() throws {
        var facts = Sample.facts()
        let odd = "/srv/a\n\u{1B}[2J/renogy_bt_proxy.py"
        facts.add(Sample.process(680, in: Sample.session, executable: odd, ["x"]))
        let found = try #require(try Sample.findings(facts).first { $0.id == "orphan" })
        #expect(found.remedy == nil)
        #expect(found.fix.hasPrefix("look at it: ps -p 680"))
    }

    /// Whoever copies the command must not run the name.
    @Test(arguments: ["a b.bak", "$(reboot).old", "`x`;y~", "-rf.service", "q'.bak", "n\0.bak"])
    func namesInCommandsAreQuoted(name: String) throws {
        var facts = Sample.facts()
        let path = "/etc/systemd/system/" + name
        if name == "-rf.service" {
            facts.addUnit(name, Sample.unit, ["ActiveState": "failed"])
        } else {
            facts.files[path] = []
        }
        let fixes = try Sample.findings(facts).map(\.fix)
        #expect(!fixes.isEmpty)
        let quoted = "'" + path.replacing("'", with: "'\\''").replacing("\0", with: "?") + "'"
        #expect(
            fixes.contains { $0.hasSuffix(quoted) || $0.hasSuffix("-- -rf.service") }, "\(fixes)")
    }
}
