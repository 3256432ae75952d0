import PortHolders
import Testing

/// The stop of an orphan, look by look.
struct OrphanStopTests {
    private static let judge = HolderJudge(unit: "proxy.service", program: "proxy.py")
    private static let session = "0::/user.slice/user-1000.slice/session-3.scope\n"

    private static func process(
        start: UInt64 = 5, cgroup: String = session, program: String = "proxy.py", pid: Int32 = 680
    ) -> PortProcess {
        PortProcess(
            pid: pid, startTicks: start, executable: "/usr/bin/python3",
            arguments: ["python3", program], cgroup: Cgroup(Array(cgroup.utf8)))
    }

    private static func look(_ process: PortProcess?, holdsPort: Bool = true) -> OrphanStop.Look {
        OrphanStop.Look(process, holdsPort: holdsPort)
    }

    private func stop() -> OrphanStop {
        OrphanStop(Self.process(), judge: Self.judge, patience: .seconds(5))
    }

    @Test func termThenKillThenNoMore() {
        var stop = stop()
        let orphan = Self.look(Self.process())
        #expect(stop.next(orphan, now: .seconds(100)) == .terminate)
        #expect(stop.next(orphan, now: .seconds(100)) == .wait)
        #expect(stop.next(orphan, now: .milliseconds(104_999)) == .wait)
        #expect(stop.next(orphan, now: .seconds(105)) == .kill)
        #expect(stop.next(orphan, now: .milliseconds(109_999)) == .wait)
        #expect(stop.next(orphan, now: .seconds(110)) == .givenUp)
    }

    /// Who has the number instead: each would get a signal if only the number counted.
    static let others: [PortProcess?] = [
        nil,
        // The number has gone to another process, which may look just the same.
        process(start: 6),
        // Moved into a service: it is systemd's from now on.
        process(cgroup: "0::/system.slice/proxy.service\n"),
        process(cgroup: "0::/system.slice/other.service\n"),
        // It has become another program (exec keeps number and start).
        process(program: "other.py"),
        process(pid: 681),
    ]

    @Test(arguments: others.indices) func onlyTheVeryOrphanIsSignalled(row: Int) {
        var before = stop()
        #expect(before.next(Self.look(Self.others[row]), now: .zero) == .ended)
        var between = stop()
        #expect(between.next(Self.look(Self.process()), now: .zero) == .terminate)
        #expect(between.next(Self.look(Self.others[row]), now: .seconds(1)) == .ended)
        var beforeTheKill = stop()
        #expect(beforeTheKill.next(Self.look(Self.process()), now: .zero) == .terminate)
        #expect(beforeTheKill.next(Self.look(Self.others[row]), now: .seconds(9)) == .ended)
        var after = stop()
        #expect(after.next(Self.look(Self.process()), now: .zero) == .terminate)
        #expect(after.next(Self.look(Self.process()), now: .seconds(5)) == .kill)
        #expect(after.next(Self.look(Self.others[row]), now: .seconds(6)) == .ended)
    }

    @Test func whoHasLetGoOfThePortIsNotSignalled() {
        var before = stop()
        #expect(before.next(Self.look(Self.process(), holdsPort: false), now: .zero) == .ended)
        var after = stop()
        #expect(after.next(Self.look(Self.process()), now: .zero) == .terminate)
        // It may still be at its own stop sequence; it is waited for and not killed.
        let leaving = Self.look(Self.process(), holdsPort: false)
        #expect(after.next(leaving, now: .seconds(1)) == .wait)
        #expect(after.next(leaving, now: .seconds(5)) == .ended)
    }
}
