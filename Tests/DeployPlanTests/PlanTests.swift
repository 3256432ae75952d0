import Inventory
import RemoteOps
import Testing

@testable import DeployPlan

/// Facts to plans on a host with systemd: what is done, and nothing besides.
@Suite struct PlanTests {
    private func plan(
        _ desired: DesiredService = Sample.desired(), _ spoil: (inout ServiceFacts) -> Void
    ) -> HostPlan {
        var facts = Sample.facts([desired])
        var found = facts.services[desired.name] ?? ServiceFacts()
        spoil(&found)
        facts.services[desired.name] = found
        return HostPlan.make(host: Sample.host(), desired: [desired], facts: facts)
    }

    @Test func whatIsAsItMustBeIsLeftAlone() {
        let plan = plan { _ in }
        #expect(plan.isEmpty)
        #expect(plan.refusals.isEmpty)
        #expect(plan.undo.isEmpty)
        #expect(plan.text.map(\.line) == ["pi: nothing to do"])
    }

    @Test func aFirstDeployLeavesNothingBehindWhenUndone() {
        let plan = plan { $0 = ServiceFacts() }
        #expect(
            plan.steps == [
                .switchRelease(service: "app", to: Sample.new),
                .installUnit(service: "app", release: Sample.new, unit: "app.service"),
                .enable("app.service"), .daemonReload, .restart("app.service"),
                .steadyUnit("app.service", seconds: 1),
            ])
        #expect(
            plan.undo == [
                .stop("app.service"), .disable("app.service"), .unlink(service: "app"),
                .restoreUnit("app.service"), .daemonReload,
            ])
        #expect(
            plan.services[0].transfer
                == Transfer(sent: ["app", "config/app.conf", "unit/app.service"], reused: []))
        #expect(plan.services[0].restart == .notRunning)
        #expect(plan.services[0].from == nil)
    }

    @Test func aNewReleaseSendsWhatChangedAndGoesBackToTheOld() {
        let before = Sample.desired(release: Sample.old, program: "older program")
        let plan = plan {
            $0 = Sample.facts([before]).services["app"] ?? ServiceFacts()
        }
        #expect(
            plan.steps == [
                .switchRelease(service: "app", to: Sample.new), .restart("app.service"),
                .steadyUnit("app.service", seconds: 1),
            ])
        #expect(
            plan.undo == [
                .switchRelease(service: "app", to: Sample.old), .restart("app.service"),
            ])
        #expect(plan.services[0].restart == .otherRelease)
        #expect(plan.services[0].transfer?.sent == ["app"])
        #expect(
            plan.services[0].transfer?.reused.map(\.path) == [
                "config/app.conf", "unit/app.service",
            ])
        #expect(plan.services[0].transfer?.reused.allSatisfy { $0.release == Sample.old } == true)
        #expect(plan.services[0].files.map(\.path) == ["app"])
        #expect(plan.services[0].files.map(\.kind) == [.changed])
    }

    @Test func onlyTheChangedConfigurationFileIsSentAndShown() {
        let before = Sample.desired(release: Sample.old, config: "was\n")
        let plan = plan { $0 = Sample.facts([before]).services["app"] ?? ServiceFacts() }
        #expect(plan.services[0].transfer?.sent == ["config/app.conf"])
        #expect(plan.services[0].transfer?.reused.count == 2)
        let text = plan.text.map(\.line)
        #expect(text.contains("      -was"))
        #expect(text.contains("      +a"))
    }

    @Test func aFileOfTheSameBytesUnderAnotherNameIsNotSent() {
        let before = Sample.desired(release: Sample.old, program: "x", config: "program")
        // The mode differs, so the bytes of the configuration file are no program.
        #expect(transfer(from: before).sent.contains("app"))
        var renamed = before
        renamed.manifest = ReleaseManifest([Sample.file("other/name", "program", mode: 0o755)])
        #expect(!transfer(from: renamed).sent.contains("app"))
    }

    private func transfer(from before: DesiredService) -> Transfer {
        let plan = plan { $0 = Sample.facts([before]).services["app"] ?? ServiceFacts() }
        return plan.services[0].transfer ?? Transfer(sent: [], reused: [])
    }

    @Test func filesWithBlanksInTheirNamesAreNeverTakenOver() {
        // The list of files that are taken over is split at blanks on the host.
        let desired = Sample.desired()
        let plan = plan(desired) {
            $0.current = Sample.old
            $0.releases = [
                Sample.old: [
                    InstalledFile(
                        path: "a b", sha256: Sample.sha("program"), mode: 0o755)
                ]
            ]
        }
        #expect(plan.services[0].transfer?.sent.contains("app") == true)
    }

    @Test func aUnitChangedByHandIsPutRight() {
        let plan = plan { $0.unitFile?.lines.append("Nice=5") }
        #expect(
            plan.steps == [
                .installUnit(service: "app", release: Sample.new, unit: "app.service"),
                .daemonReload, .restart("app.service"), .steadyUnit("app.service", seconds: 1),
            ])
        #expect(
            plan.undo == [.restoreUnit("app.service"), .daemonReload, .restart("app.service")])
        #expect(plan.services[0].transfer == nil)
        #expect(plan.text.map(\.line).contains("      -Nice=5"))
    }

    @Test func aUnitThatSystemdHasNotReadIsReadAndRestarted() {
        let plan = plan { $0.unitProperties["NeedDaemonReload"] = "yes" }
        #expect(
            plan.steps == [
                .daemonReload, .restart("app.service"), .steadyUnit("app.service", seconds: 1),
            ])
        #expect(plan.services[0].restart == .unitChanged)
    }

    @Test func aServiceThatIsNotEnabledIsEnabledAndNotRestarted() {
        let plan = plan { $0.unitProperties["UnitFileState"] = "disabled" }
        #expect(plan.steps == [.enable("app.service"), .daemonReload])
        #expect(plan.undo == [.disable("app.service"), .daemonReload])
        #expect(!plan.isEmpty)
    }

    @Test func aUnitWithoutInstallIsNotEnabled() {
        let text = "[Service]\nExecStart=/opt/fleet/app/current/app\n"
        let plan = plan(Sample.desired(unit: text)) {
            $0.unitProperties["UnitFileState"] = "static"
        }
        #expect(plan.isEmpty)
    }

    @Test(arguments: ["inactive", "failed", "activating", "deactivating"])
    func aServiceThatDoesNotRunIsStarted(state: String) {
        let plan = plan { $0.unitProperties["ActiveState"] = state }
        #expect(plan.steps == [.restart("app.service"), .steadyUnit("app.service", seconds: 1)])
        #expect(plan.undo == [.stop("app.service")])
        #expect(plan.services[0].restart == .notRunning)
    }

    @Test func aProcessOfAnotherReleaseIsRestarted() {
        let plan = plan { $0.process = Sample.process("app", Sample.older) }
        #expect(plan.services[0].restart == .otherRelease)
        #expect(plan.steps.first == .restart("app.service"))
    }

    @Test(arguments: [
        ProcessFacts(
            pid: 1, startTime: 1, executable: "/usr/bin/app", workingDirectory: "/home/pi"),
        ProcessFacts(
            pid: 1, startTime: 1, executable: "/opt/fleet/apple/releases/2222222222222222/app",
            workingDirectory: "/"),
        ProcessFacts(
            pid: 1, startTime: nil, executable: "/opt/fleet/app/releases/not-a-release/app",
            workingDirectory: ""),
    ])
    func aProcessFromOutsideIsRestarted(process: ProcessFacts) {
        let plan = plan { $0.process = process }
        #expect(plan.services[0].restart == .otherRelease)
    }

    @Test func aProcessThatCannotBeSeenIsRestarted() {
        #expect(plan { $0.process = nil }.services[0].restart == .otherRelease)
    }

    @Test(arguments: Damage.allCases) func aDamagedReleaseIsRepairedAndRestarted(damage: Damage) {
        let plan = plan { found in
            var files = found.releases[Sample.new] ?? []
            damage.apply(to: &files)
            found.releases[Sample.new] = files
        }
        #expect(plan.services[0].restart == .damaged)
        #expect(plan.services[0].transfer?.sent == damage.sent)
        #expect(plan.steps == [.restart("app.service"), .steadyUnit("app.service", seconds: 1)])
    }

    enum Damage: CaseIterable {
        case hash, mode, unknownMode, extra, missing

        func apply(to files: inout [InstalledFile]) {
            switch self {
            case .hash: files[0].sha256 = Sample.sha("rot")
            case .mode: files[0].mode = 0o777
            case .unknownMode: files[0].mode = nil
            case .extra: files.append(InstalledFile(path: "x", sha256: "0", mode: 0o644))
            case .missing: files.removeFirst()
            }
        }
        var sent: [String] { self == .extra ? [] : ["app"] }
    }

    @Test func aReleaseThatIsOnTheHostAlreadyIsNotSentAgain() {
        let plan = plan {
            $0.current = Sample.old
            $0.releases[Sample.old] = []
            $0.process = Sample.process("app", Sample.old)
        }
        #expect(plan.services[0].transfer == nil)
        #expect(plan.steps.first == .switchRelease(service: "app", to: Sample.new))
    }

    @Test func healthChecksAreRunInTheirOrder() {
        let service = Sample.service(
            ports: [PortClaim(80)],
            health: [
                .steady(.seconds(2)),
                .tcp(port: 80, send: "PING", expect: "PONG", within: .seconds(3)),
                .tcp(port: 80, send: nil, expect: nil, within: .seconds(4)),
                .command(["true", "it's"], within: .seconds(5)),
                .listens(PortClaim(53, .udp), within: .seconds(6)),
                .http(port: 80, path: "/a?b=c", status: 204, within: .seconds(7)),
                .file(path: "/run/beat", younger: .seconds(90), within: .seconds(8)),
            ])
        let plan = plan(Sample.desired(service)) { $0.unitProperties["ActiveState"] = "failed" }
        #expect(
            plan.steps.map(\.line) == [
                "restart app.service", "steady_unit app.service 2", "tcp 80 PING PONG 3",
                "tcp 80 '' '' 4", #"command 5 true 'it'\''s'"#,
                "listens unit app.service udp 53 6", "http 80 '/a?b=c' 204 7",
                "file /run/beat 90 8",
            ])
    }

    @Test func onTheWayForwardAReleaseIsLookedAtOnceMore() {
        let ahead = Step.switchRelease(service: "app", to: Sample.new)
        #expect(ahead.lineAhead == "switch app \(Sample.new) verified")
        #expect(ahead.line == "switch app \(Sample.new)")
        #expect(Step.daemonReload.lineAhead == Step.daemonReload.line)
    }

    @Test func everyStepSaysWhatItDoes() {
        let plan = plan { $0 = ServiceFacts() }
        #expect(
            plan.steps.map(\.text) == [
                "switch app to release 2222222222222222", "install app.service",
                "enable app.service", "reload systemd's units", "restart app.service",
                "see that app.service stays up for 1 s",
            ])
    }

    // MARK: Replaced units

    @Test func aReplacedUnitGoesFirstAndComesBack() {
        let desired = Sample.desired(Sample.service(replaces: ["old.service", "gone.service"]))
        let plan = plan(desired) {
            $0 = ServiceFacts()
            $0.replaced = [
                ReplacedUnit(
                    name: "old.service", loadState: "loaded", unitFileState: "enabled",
                    activeState: "active"),
                ReplacedUnit(
                    name: "gone.service", loadState: "not-found", unitFileState: "",
                    activeState: "inactive"),
            ]
        }
        #expect(plan.steps.first == .retire("old.service"))
        #expect(!plan.steps.contains(.retire("gone.service")))
        #expect(
            plan.undo == [
                .stop("app.service"), .disable("app.service"), .unlink(service: "app"),
                .enable("old.service"), .restoreUnit("app.service"), .daemonReload,
                .restart("old.service"),
            ])
        #expect(
            plan.services[0].repairs.contains(
                "old.service is stopped and disabled: app.service takes its place"))
    }

    @Test func aReplacedUnitThatOnlySleepsIsLeftAlone() {
        let desired = Sample.desired(Sample.service(replaces: ["old.service"]))
        let plan = plan(desired) {
            $0.replaced = [
                ReplacedUnit(
                    name: "old.service", loadState: "loaded", unitFileState: "disabled",
                    activeState: "inactive")
            ]
        }
        #expect(plan.isEmpty)
    }

    @Test func aUnitOfTheSameNameMadeByHandRunsAgainWhenUndone() {
        let plan = plan { found in
            found.current = nil
            found.releases = [:]
            found.unitFile = Sample.fileText("[Service]\nExecStart=/home/pi/app\n")
            found.process = ProcessFacts(
                pid: 100, startTime: 1, executable: "/home/pi/app", workingDirectory: "/")
        }
        #expect(
            plan.undo == [
                .unlink(service: "app"), .restoreUnit("app.service"), .daemonReload,
                .restart("app.service"),
            ])
    }

    @Test func hostsWithSeveralServicesReloadOnce() {
        let desired = ["one", "two"].map { Sample.desired(Sample.service($0)) }
        var facts = Sample.facts([])
        facts.userID = 0
        let plan = HostPlan.make(host: Sample.host(), desired: desired, facts: facts)
        #expect(plan.steps.filter { $0 == .daemonReload }.count == 1)
        #expect(plan.undo.filter { $0 == .daemonReload }.count == 1)
        #expect(plan.services.map(\.service) == ["one", "two"])
    }
}
