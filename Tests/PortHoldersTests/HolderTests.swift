import PortHolders
import Testing

/// Whom it is right to stop, and whom not.
struct HolderTests {
    private static let judge = HolderJudge(
        unit: "renogy-bt-proxy.service", program: "renogy_bt_proxy.py",
        supervised: [.init(service: "gen-server", pid: 70, startTicks: 7)])

    private static func process(
        _ cgroup: String?, _ executable: String? = "/usr/bin/python3.11",
        _ arguments: [String] = ["python3", "/home/jorik/renogy-bt/renogy_bt_proxy.py"],
        pid: Int32 = 680, start: UInt64 = 5
    ) -> PortProcess {
        PortProcess(
            pid: pid, startTicks: start, executable: executable, arguments: arguments,
            cgroup: cgroup.flatMap { Cgroup(Array($0.utf8)) })
    }

    @Test(
        arguments: [
            ("0::/system.slice/renogy-bt-proxy.service\n", HolderVerdict.own),
            ("0::/system.slice/renogy-bt-proxy.service/below/it\n", .own),
            ("0::/system.slice/renogy-bt.service\n", .otherService("renogy-bt.service")),
            (
                "0::/user.slice/user-1000.slice/session-3.scope\n",
                .orphan(startedIn: "session-3.scope")
            ),
            (
                "0::/user.slice/user-1000.slice/user@1000.service/app.slice/x.service\n",
                .orphan(startedIn: "user@1000.service")
            ),
            ("0::/system.slice/cron.service\n", .orphan(startedIn: "cron.service")),
            ("0::/init.scope\n", .orphan(startedIn: "no service")),
            ("0::/machine.slice/docker-12.scope\n", .unclear), ("0::/odd\n", .unclear),
            (
                "9:name=systemd:/system.slice/renogy-bt.service\n0::/\n",
                .otherService("renogy-bt.service")
            ),
            (
                "4:memory:/x\n9:name=systemd:/user.slice/user-0.slice/session-c1.scope\n",
                .orphan(startedIn: "session-c1.scope")
            ),
            // systemd on version 2, on a kernel that has the named hierarchy of version 1 as well.
            (
                "9:name=systemd:/\n0::/system.slice/renogy-bt.service\n",
                .otherService("renogy-bt.service")
            ),
            ("9:name=systemd:/\n0::/system.slice/renogy-bt-proxy.service\n", .own),
            ("9:name=systemd:/\n0::/\n", .orphan(startedIn: "no service")),
            // The named hierarchy is of the machine around a container.
            (
                "9:name=systemd:/\n8:pids:/\n0::/system.slice/renogy-bt-proxy.service\n", .own
            ),
            ("9:name=systemd:/init.scope\n0::/\n", .orphan(startedIn: "no service")),
            (nil, .orphan(startedIn: "no service")),
        ] as [(String?, HolderVerdict)])
    func thePlaceDecides(_ cgroup: String?, _ verdict: HolderVerdict) {
        #expect(Self.judge.verdict(Self.process(cgroup)) == verdict)
    }

    @Test(arguments: [
        ("/usr/bin/vim.basic", ["vim", "renogy_bt_proxy.py"]),
        ("/usr/bin/nano", ["nano", "/home/jorik/renogy-bt/renogy_bt_proxy.py"]),
        ("/usr/bin/grep", ["grep", "-f", "renogy_bt_proxy.py"]),
        ("/usr/bin/python3.11", ["python3", "other.py", "renogy_bt_proxy.py"]),
        ("/usr/bin/python3.11", ["python3", "-c", "renogy_bt_proxy.py"]),
        ("/usr/bin/python3.11", ["python3", "-m", "http.server", "renogy_bt_proxy.py"]),
        ("/usr/bin/python3.11", ["python3", "-m", "renogy_bt_proxy.py"]),
        ("/usr/bin/python3.11", ["python3", "/tmp/not_renogy_bt_proxy.py"]),
        ("/usr/bin/python3.11", ["python3", "/tmp/renogy_bt_proxy.py.bak"]),
        ("/usr/bin/python3.11", ["renogy_bt_proxy.py"]),
        ("/usr/bin/sshd", ["sshd: renogy_bt_proxy.py"]),
        ("/usr/bin/pythonic", ["x", "renogy_bt_proxy.py"]),
        ("/usr/bin/dash", ["sh", "-s", "--", "/opt/renogy_bt_proxy.py"]),
        ("/usr/bin/bash", ["bash", "-ec", "exec /opt/renogy_bt_proxy.py"]),
        ("/usr/bin/python3.11", []),
    ])
    func alookalikeIsAStranger(_ executable: String, _ arguments: [String]) {
        let process = Self.process(
            "0::/user.slice/user-1000.slice/session-3.scope\n", executable, arguments)
        #expect(Self.judge.verdict(process) == .stranger)
        // In a service that starts programs for others it is that service's.
        let cron = Self.process("0::/system.slice/cron.service\n", executable, arguments)
        #expect(Self.judge.verdict(cron) == .otherService("cron.service"))
    }

    @Test(arguments: [
        ("/usr/bin/python3", ["python3", "-u", "-X", "dev", "./renogy_bt_proxy.py", "--port"]),
        ("/usr/bin/python3", ["python3", "--", "renogy_bt_proxy.py"]),
        ("/opt/x/renogy_bt_proxy.py", ["anything"]),
        ("/bin/busybox", ["sh", "/opt/renogy_bt_proxy.py"]),
    ])
    func theProgramIsKnownByWhatRuns(_ executable: String, _ arguments: [String]) {
        let process = Self.process(nil, executable, arguments)
        #expect(Self.judge.verdict(process) == .orphan(startedIn: "no service"))
    }

    @Test func whatCannotBeSeenIsNotStopped() {
        #expect(Self.judge.verdict(Self.process(nil, nil)) == .stranger)
    }

    @Test func withoutAProgramNobodyIsStopped() {
        let judge = HolderJudge(unit: "renogy-bt-proxy.service", program: "")
        #expect(judge.verdict(Self.process(nil, "")) == .stranger)
    }

    @Test func whatASupervisorStartedIsItsOwnByNumberAndStart() {
        let theirs = Self.process(nil, pid: 70, start: 7)
        #expect(Self.judge.verdict(theirs) == .otherService("gen-server"))
        let judge = HolderJudge(
            unit: "gen-server.service", program: "renogy_bt_proxy.py",
            supervised: Self.judge.supervised)
        #expect(judge.verdict(theirs) == .own)
        // The number has gone to somebody else since.
        #expect(
            judge.verdict(Self.process(nil, pid: 70, start: 8))
                == .orphan(startedIn: "no service"))
    }

    @Test(arguments: ["", "x", "0:", "1:cpu:/a\n", ":::\n"])
    func whatIsNoCgroupFileIsNone(_ text: String) {
        let cgroup = Cgroup(Array(text.utf8))
        #expect(cgroup == nil || cgroup?.kind == .root)
    }
}
