import DeployPlan
import Inventory
import RemoteOps
import Testing

/// Facts to plans of units alone.
@Suite struct UnitPlanTests {
    private static let text = Sample.unitText()

    private func plan(
        text: String = text, restart: UnitRestart = .never, service: Service = Sample.service(),
        _ spoil: (inout ServiceFacts) -> Void = { _ in }
    ) -> HostPlan {
        var facts = Sample.facts([Sample.desired(service)])
        if var found = facts.services["app"] {
            spoil(&found)
            facts.services["app"] = found
        }
        let unit = DesiredUnit(service: service, name: "app.service", text: text)
        return HostPlan.units(host: Sample.host(), desired: [unit], facts: facts, restart: restart)
    }

    @Test func whatIsAsItMustBeIsLeftAlone() {
        let plan = plan()
        #expect(plan.isEmpty && plan.refusals.isEmpty && plan.services[0].notes.isEmpty)
        #expect(plan.text.map(\.line) == ["pi: nothing to do"])
    }

    @Test func aChangedUnitIsInstalledAndNothingRestarted() {
        let plan = plan(text: Self.text + "# new\n")
        #expect(plan.steps == [.placeUnit("app.service"), .daemonReload])
        #expect(plan.undo == [.restoreUnit("app.service"), .daemonReload])
        #expect(plan.units == ["app.service": Self.text + "# new\n"])
        #expect(plan.services[0].restart == nil)
        let lines = plan.text.map(\.line)
        #expect(lines.contains("      +# new"), "\(lines)")
        #expect(lines.contains("    it runs on as it was started; --restart restarts it"))
    }

    @Test func aRestartThatIsAskedForIsLookedAfter() {
        let plan = plan(text: Self.text + "# new\n", restart: .whereChanged)
        #expect(
            plan.steps == [
                .placeUnit("app.service"), .daemonReload, .restart("app.service"),
                .steadyUnit("app.service", seconds: 1),
            ])
        #expect(
            plan.undo == [.restoreUnit("app.service"), .daemonReload, .restart("app.service")])
    }

    @Test(arguments: [UnitRestart.never, .whereChanged])
    func whatDoesNotRunIsNotStarted(restart: UnitRestart) {
        let plan = plan(text: Self.text + "# new\n", restart: restart) {
            $0.unitProperties["ActiveState"] = "failed"
        }
        #expect(plan.steps == [.placeUnit("app.service"), .daemonReload])
        #expect(plan.services[0].notes == ["it is failed"])
    }

    @Test func anUnchangedUnitIsNotRestarted() { #expect(plan(restart: .whereChanged).isEmpty) }

    @Test func anOlderUnitThatIsLoadedIsReadAgain() {
        let plan = plan { $0.unitProperties["NeedDaemonReload"] = "yes" }
        #expect(plan.steps == [.daemonReload])
        #expect(plan.units.isEmpty)
    }

    @Test func aUnitThatDoesNotStartAtBootIsEnabled() {
        let plan = plan { $0.unitProperties["UnitFileState"] = "disabled" }
        #expect(plan.steps == [.enable("app.service"), .daemonReload])
        #expect(plan.undo == [.disable("app.service"), .daemonReload])
    }

    @Test func withoutAReleaseThereIsNothingForItToStart() {
        let plan = plan { $0 = ServiceFacts() }
        #expect(plan.refusals == [.notDeployed(service: "app")])
        #expect(plan.steps.isEmpty && plan.services.isEmpty)
    }

    @Test func whatOnlyAPersonCanDecideIsNoted() {
        let service = Sample.service(replaces: ["old.service"])
        let plan = plan(service: service) {
            $0.unitProperties["DropInPaths"] = "/etc/systemd/system/app.service.d/x.conf"
            $0.unitProperties["FragmentPath"] = "/usr/lib/systemd/system/app.service"
            $0.process = Sample.process("app", Sample.old)
            $0.replaced = [
                ReplacedUnit(
                    name: "old.service", loadState: "loaded", unitFileState: "enabled",
                    activeState: "inactive")
            ]
        }
        #expect(plan.isEmpty)
        #expect(
            plan.services[0].notes == [
                "drop-ins change it on the host: /etc/systemd/system/app.service.d/x.conf",
                "systemd has /usr/lib/systemd/system/app.service loaded, not "
                    + "/etc/systemd/system/app.service",
                "it runs another release than the current one",
                "old.service, whose place it takes, is still there",
            ])
        #expect(plan.text.count > 4)
    }
}
