import DeployPlan
import Inventory
import RemoteOps
import Testing

/// When nothing may be done, and the words that say why.
@Suite struct RefusalTests {
    private static let desired = Sample.desired(
        Sample.service(ports: [PortClaim(80)], replaces: ["old.service"]))

    private func refusals(
        _ desired: DesiredService = desired, host: Host = Sample.host(),
        _ spoil: (inout HostFacts) -> Void
    ) -> [String] {
        var facts = Sample.facts([desired])
        spoil(&facts)
        return HostPlan.make(host: host, desired: [desired], facts: facts).refusals.map(\.text)
    }

    // MARK: Ports

    /// Who holds port 80 and what is said of it; nil where that is as it should be.
    static let holders: [(String, Listener, String?)] = [
        (
            "the service's own process",
            Sample.listener(pid: 100, cgroup: "0::/user.slice/session-1.scope"), nil
        ),
        (
            "another process of the service's unit",
            Sample.listener(pid: 101, cgroup: "0::/system.slice/app.service"), nil
        ),
        (
            "a process of a replaced unit",
            Sample.listener(pid: 7, cgroup: "0::/system.slice/old.service"), nil
        ),
        (
            "the unit, on cgroup 1",
            Sample.listener(
                pid: 7, cgroup: "3:cpu:/elsewhere 1:name=systemd:/system.slice/app.service"), nil
        ),
        (
            "another unit",
            Sample.listener(pid: 7, cgroup: "0::/system.slice/other.service"),
            "port 80/tcp, which app needs, is held by pid 7 (thing --serve) of other.service; "
                + "name that unit in `replaces:`, or give one of them another port"
        ),
        (
            "a unit whose name only begins alike",
            Sample.listener(pid: 7, cgroup: "0::/system.slice/app.service.d/app2.service"),
            "port 80/tcp, which app needs, is held by pid 7 (thing --serve) of app2.service; "
                + "name that unit in `replaces:`, or give one of them another port"
        ),
        (
            "an orphan of an ssh session",
            Sample.listener(
                pid: 7, cgroup: "0::/user.slice/user-1000.slice/session-3.scope"),
            "port 80/tcp, which app needs, is held by pid 7 (thing --serve), an orphan in "
                + "session-3.scope, outside any service; stop it first"
        ),
        (
            "an orphan of a session whose folder names the unit",
            Sample.listener(pid: 7, cgroup: "0::/app.service/session-3.scope"),
            "port 80/tcp, which app needs, is held by pid 7 (thing --serve), an orphan in "
                + "session-3.scope, outside any service; stop it first"
        ),
        (
            "a process in no unit",
            Sample.listener(pid: 7, cgroup: "0::/"),
            "port 80/tcp, which app needs, is held by pid 7 (thing --serve), outside any unit; "
                + "stop it first"
        ),
        (
            "a process whose group cannot be read",
            Sample.listener(pid: 7, cgroup: "", commandLine: ""),
            "port 80/tcp, which app needs, is held by pid 7, outside any unit; stop it first"
        ),
        (
            "somebody who cannot be seen",
            Sample.listener(pid: nil, cgroup: ""),
            "port 80/tcp, which app needs, is held by a process that cannot be seen; "
                + "look with `ss -lntup` on the host"
        ),
    ]

    @Test(arguments: holders.indices) func portsThatAreHeld(row: Int) {
        let (who, listener, expected) = Self.holders[row]
        let said = refusals { $0.services["app"]?.listeners = [listener] }
        #expect(said == (expected.map { [$0] } ?? []), "\(who)")
    }

    @Test func everyStrangeHolderIsNamed() {
        let said = refusals {
            $0.services["app"]?.listeners = [
                Sample.listener(pid: 7, cgroup: "0::/"), Sample.listener(pid: 8, cgroup: "0::/"),
            ]
        }
        #expect(said.count == 2)
    }

    @Test func aSupervisedServicesOwnProcessMayHoldItsPort() {
        let desired = Sample.supervised(Sample.service(ports: [PortClaim(80)]))
        let rcLocal = "/opt/fleet/app/current/supervise start || true # fleet:app\n"
        for (pid, count) in [(100, 0), (101, 1)] {
            let said = refusals(desired, host: Sample.host(.rcLocal)) {
                $0.rcLocal = ExactFile(sha256: "", bytes: Array(rcLocal.utf8))
                $0.services["app"]?.listeners = [Sample.listener(pid: pid, cgroup: "")]
            }
            #expect(said.count == count, "pid \(pid): \(said)")
        }
    }

    // MARK: The host

    @Test func whoIsNotRootIsRefused() {
        for user in [1000, nil] as [Int?] {
            #expect(
                refusals { $0.userID = user } == [
                    "user pi cannot become root there; set `sudo:` for the host in the inventory"
                ])
        }
    }

    @Test func missingToolsAreAllNamed() {
        let said = refusals { $0.tools = ["awk", "sed", "tar"] }
        #expect(said == ["the host lacks gzip, sha256sum"])
    }

    @Test func theOtherInitSystemIsRefused() {
        #expect(
            refusals { $0.isSystemd = false } == [
                "the inventory says `init: systemd`, but the host does not run systemd"
            ])
        let said = refusals(Sample.supervised(), host: Sample.host(.rcLocal)) {
            $0.isSystemd = true
        }
        #expect(said == ["the inventory says `init: rc-local`, but the host runs systemd"])
    }

    @Test func aFullDiskIsRefusedBeforeAnythingIsSent() {
        let needed = HostPlan.diskReserve + HostPlan.diskBlock
        for (free, isRefused) in [(needed - 1, true), (needed, false)] {
            let said = refusals {
                $0.services["app"]?.releases[Sample.new]?[0].sha256 = Sample.sha("rot")
                $0.diskFree = free
            }
            #expect(said.isEmpty == !isRefused, "\(free) bytes free: \(said)")
        }
        let said = refusals {
            $0.services["app"] = ServiceFacts()
            $0.diskFree = 1 << 20
        }
        #expect(said == ["/opt/fleet has 1024 KiB free, 4108 KiB are needed"])
    }

    @Test func aFullDiskSaysWhatOlderReleasesTake() {
        let said = refusals {
            $0.services["app"]?.current = Sample.old
            $0.services["app"]?.releases = [:]
            $0.services["app"]?.process = nil
            $0.services["app"]?.storedBytes = [
                Sample.old: 7 << 20, Sample.new: 5 << 20, Sample.older: 3 << 20,
            ]
            $0.diskFree = 0
        }
        #expect(said.count == 1)
        #expect(said[0].contains("older releases take up to 3072 KiB"), "\(said)")
    }

    @Test func aDiskWithoutRoomForFilesIsRefused() {
        for (free, isRefused) in [
            (HostPlan.filesReserve + 2, true), (HostPlan.filesReserve + 3, false),
        ] {
            let said = refusals {
                $0.services["app"] = ServiceFacts()
                $0.inodesFree = free
            }
            #expect(said.isEmpty == !isRefused, "\(free) free: \(said)")
        }
        #expect(refusals { $0.inodesFree = 0 } == [])
    }

    @Test func aFullDiskDoesNotMatterWhereNothingIsSent() {
        #expect(refusals { $0.diskFree = 0 } == [])
    }

    @Test func diskSpaceThatIsNotKnownIsNoReason() {
        let said = refusals {
            $0.services["app"] = ServiceFacts()
            $0.diskFree = nil
        }
        #expect(said == [])
    }

    @Test func aRefusedPlanSaysSoFirst() {
        var facts = Sample.facts([Self.desired])
        facts.userID = 1000
        let plan = HostPlan.make(host: Sample.host(), desired: [Self.desired], facts: facts)
        let text = plan.text
        #expect(text[0].line == "pi:")
        #expect(text[1].line.hasPrefix("  refused: user pi cannot become root"))
        #expect(text[1].emphasis == .warning)
    }
}
