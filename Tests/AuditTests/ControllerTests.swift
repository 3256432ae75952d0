import Audit
import Inventory
import PortHolders
import Testing

/// What `--fix` plans on a host with the generator's controller.
@Suite struct ControllerTests {
    private static let inventory = """
        version: 1
        fleet: test
        hosts:
          pi: { address: 192.0.2.1, user: pi, arch: arm64 }
        services:
          gen-server:
            host: pi
            product: gen-server
            ports: [9999]
            gate: generator-idle
            replaces: [generator.service]
          other:
            host: pi
            artifact: other.py
            executable: other.py
            replaces: [old.service]
        """
    private static let legacy =
        "[Service]\nExecStart=/usr/bin/python3 /srv/generator_server.py\nRestart=always\n"
    private static let server = "[Service]\nExecStart=/srv/gen-server\nRestart=always\n"
    private static let orphan = Sample.process(
        50, in: Sample.session, executable: "/srv/gen-server", ["gen-server"])

    private func plan(_ facts: AuditFacts, _ inventory: String = inventory) throws -> FixPlan {
        FixPlan(try Sample.findings(facts, inventory))
    }

    /// The replaced unit and an orphan that answers on the port; the service gave up.
    private func fight() -> AuditFacts {
        var facts = Sample.bareFacts()
        facts.addUnit("gen-server.service", Self.server, ["ActiveState": "failed"])
        facts.addUnit("generator.service", Self.legacy, ["ActiveState": "inactive"])
        facts.add(Self.orphan, port: 9999)
        return facts
    }

    private var identity: ProcessIdentity {
        ProcessIdentity(pid: 50, startTicks: 5_000, executable: "/srv/gen-server")
    }

    @Test func stepsOnTheControllerWaitForItsAnswer() throws {
        let plan = try plan(fight())
        #expect(plan.steps == [])
        #expect(
            plan.controllerSteps == [
                .disable(unit: "generator.service", withoutStopCommands: false),
                // It opens the relays itself, or stays.
                .stop(identity, .endless), .start(unit: "gen-server.service"),
            ])
        let service = try #require(ServiceName("gen-server"))
        #expect(plan.controllers == [Controller(service: service, port: 9999)])
        #expect(plan.needsGate)
    }

    /// What answers on the port cannot speak for a controller that runs beside it.
    @Test func twoControllersAreNeverTouched() throws {
        var facts = fight()
        facts.add(
            Sample.process(51, in: Sample.session, ["python3", "/home/pi/generator_server.py"]))
        #expect(try plan(facts).isEmpty)
    }

    @Test func aStrangerOnThePortIsNotBelieved() throws {
        var facts = fight()
        facts.processes = [:]
        facts.sockets = []
        facts.add(Sample.process(60, in: Sample.session, executable: "/bin/nc", ["nc"]), port: 9999)
        #expect(try plan(facts).isEmpty)
    }

    @Test func withoutAPortNobodyCanBeAsked() throws {
        let inventory = Self.inventory.replacing(
            "    ports: [9999]\n    gate: generator-idle\n", with: "")
        #expect(try plan(fight(), inventory).isEmpty)
    }

    /// Steps on units that could stop a controller wait too, others do not.
    @Test(arguments: [
        ("[Unit]\nConflicts=gen-server.service\n", "", true),
        ("[Unit]\nPropagatesStopTo=gen-server.service\n", "", true),
        ("", "[Unit]\nBindsTo=old.service\n", true), ("", "[Unit]\nPartOf=old.service\n", true),
        ("[Service]\nExecStopPost=/bin/systemctl stop gen-server\n", "", true),
        ("[Service]\nExecStop=/bin/sh -c 'pkill -f py'\n", "", true), ("", "", false),
    ])
    func unitsThatCanStopTheControllerWait(old: String, server: String, waits: Bool) throws {
        var facts = Sample.bareFacts()
        facts.addUnit("gen-server.service", server + Self.server)
        facts.addUnit("other.service", "[Service]\nExecStart=/srv/other.py\nRestart=always\n")
        facts.addUnit("old.service", old + "[Service]\nExecStart=/srv/old\nRestart=always\n")
        facts.add(
            Sample.process(
                50, in: "/system.slice/gen-server.service", executable: "/srv/gen-server", ["x"]),
            port: 9999)
        let plan = try plan(facts)
        #expect(plan.controllerSteps.count == (waits ? 1 : 0), "\(plan)")
        #expect(plan.steps.count == (waits ? 0 : 1), "\(plan)")
    }

    /// To install a unit starts and stops nothing.
    @Test func installingAlonePassesNoGate() throws {
        var facts = Sample.bareFacts()
        facts.links["/opt/fleet/gen-server/current"] = "releases/1111111111111111"
        facts.addUnit("gen-server.service", Self.server, ["NeedDaemonReload": "yes"])
        facts.add(
            Sample.process(
                50, in: "/system.slice/gen-server.service", executable: "/srv/gen-server", ["x"]),
            port: 9999)
        let plan = try plan(facts)
        #expect(plan.controllerSteps.count == 1 && !plan.needsGate)
    }
}
