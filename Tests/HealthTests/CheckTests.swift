import Foundation
import Health
import Inventory
import Testing

/// Every fault is found and named, and nothing on a fleet that is well.
@Suite struct CheckTests {
    /// One fault: what to spoil, and the one verdict that it must make.
    struct Fault: Sendable, CustomStringConvertible {
        var expected: String
        var level = HealthLevel.critical
        var host = "pi"
        var spoil: @Sendable (inout Sample) -> Void
        var description: String { expected }

        /// A line in place of another.
        init(
            _ expected: String, at level: HealthLevel = .critical, host: String = "pi",
            _ line: String, _ spoilt: String
        ) {
            self.init(expected, at: level, host: host) { $0.replace(line, with: spoilt) }
        }

        init(
            _ expected: String, at level: HealthLevel = .critical, host: String = "pi",
            spoil: @escaping @Sendable (inout Sample) -> Void
        ) {
            self.expected = expected
            self.level = level
            self.host = host
            self.spoil = spoil
        }
    }

    static let faults: [Fault] = [
        Fault("disk-space /", "|/dev/mmcblk0p2    30000000", "|/dev/mmcblk0p2 100 95 5 95% /"),
        Fault(
            "disk-space /", at: .warning, "|/dev/mmcblk0p2    30000000",
            "|/dev/mmcblk0p2 100 90 10 90% /"),
        Fault("inodes /", "|/dev/mmcblk0p2 1900000", "|/dev/mmcblk0p2 100 96 4 96% /"),
        Fault("read-only /", "proc/mounts:/dev/mmcblk", "proc/mounts:/dev/mmcblk0p2 / ext4 ro 0 0"),
        Fault(
            "file-system-errors mmcblk0p2", "sys/fs/ext4/mmcblk0p2/errors_count:",
            "sys/fs/ext4/mmcblk0p2/errors_count:3"),
        Fault("memory", "proc/meminfo:MemAvailable", "proc/meminfo:MemAvailable: 100000 kB"),
        Fault("load", "proc/loadavg", "proc/loadavg:12 12 12 1/120 900"),
        Fault(
            "temperature", "sys/class/thermal/thermal_zone0/temp",
            "sys/class/thermal/thermal_zone0/temp:83000"),
        Fault("power", at: .warning, "throttled", "throttled\t0x50000"),
        Fault("power", "throttled", "throttled\t0x1"),
        Fault("throttled", at: .warning, "throttled", "throttled\t0x4"),
        Fault("clock", "clock", "clock\t1799990000.0"),
        Fault("clock", at: .warning, "clock", "clock\t1800000007.5"),
        Fault("clock-sync", at: .warning, "synchronized", "synchronized\tno\ttimedatectl"),
        Fault("reboot-required", at: .warning) { $0.insert(["reboot\trequired"], after: "uid") },
        Fault("reboot", at: .warning) { sample in
            sample.replace("proc/uptime", with: "proc/uptime:3600.0 1")
            sample.replace("|shutdown", with: "|reboot")
        },
        Fault("sd-card") {
            $0.insert(["|[1.5] mmc0: error -110 whilst reading"], after: "kernel-log")
        },
        Fault("out-of-memory", at: .warning) {
            $0.insert(["|[9.1] Out of memory: Killed process 5 (x)"], after: "kernel-log")
        },
        Fault("unit-failed ssh.service", at: .warning) { sample in
            sample.replace("|Id=ssh.service", with: "|Id=ssh.service")
            let place = sample.lines.firstIndex(of: "|Id=ssh.service") ?? 0
            sample.lines[place + 2] = "|ActiveState=failed"
        },
        Fault("unit-looping proxy.service") { sample in
            let place = sample.lines.firstIndex(of: "|Id=proxy.service") ?? 0
            sample.lines[place + 2] = "|ActiveState=activating"
            sample.lines[place + 3] = "|SubState=auto-restart"
            sample.lines[place + 5] = "|NRestarts=2"
        },
        Fault("service") { sample in
            let place = sample.lines.firstIndex(of: "|Id=proxy.service") ?? 0
            sample.lines[place + 2] = "|ActiveState=inactive"
        },
        Fault("network-link eth0", "sys/class/net/eth0/carrier", "sys/class/net/eth0/carrier:0"),
        Fault(
            "network-errors eth0", at: .warning, "proc/net/dev:  eth0",
            "proc/net/dev:  eth0: 1000 9000 500 0 0 0 0 0 900 8000 0 0 0 0 0 0"),
        Fault("port tcp/6053", "|tcp/6053", "|tcp/6053 900 0::/user.slice/session-3.scope"),
        Fault("port tcp/6053", at: .unknown, "|tcp/6053", "|tcp/6053 -"),
        Fault("port tcp/6053", at: .unknown, "sockets", "unread\tsockets\tno /proc/net/tcp"),
        Fault("port tcp/6053") { $0.lines.removeAll { $0.hasPrefix("|tcp/6053") } },
        Fault("release", at: .warning) {
            $0.insert(
                [
                    "|lrwxrwxrwx 1 0 0 0 Jan 15 08:00 proc/800/exe -> /opt/fleet/proxy/releases/old/x"
                ],
                after: "links")
        },
        Fault("file-age /var/lib/proxy/last", "file", "file\t/var/lib/proxy/last\t1799990000"),
        Fault("metrics-age", "metrics", "metrics\t1799990000"),
        Fault("metrics-age", at: .unknown, "metrics", "unread\tmetrics\tthere is no /run/x"),
        Fault("metrics-age", at: .unknown, "metrics", "metrics\tyesterday"),
        Fault("metrics-age", at: .unknown) { sample in
            sample.lines.removeAll { $0.hasPrefix("|renogy_") }
        },
        Fault("service-memory", "|MemoryCurrent=4000000", "|MemoryCurrent=66000000"),
        Fault("threads", at: .warning, "|TasksCurrent=6", "|TasksCurrent=100").onThreads("100"),
        Fault("csv-age") { sample in
            sample.replace("csv", with: "csv\t/var/log/pigenny/data_20270115.csv\t1799990000")
            sample.replace(
                "|2027-01-15T07:55:00",
                with: "|2027-01-15T05:00:00,1799990000,61,94,52.8,0.0,0.0,0,0,400,0,400,IDLE,0")
        },
        Fault("battery") {
            $0.replace(
                "|2027-01-15T07:55:00",
                with: "|2027-01-15T07:55:00,1799999700,12,94,50.1,0.0,0.0,0,0,400,0,400,IDLE,0")
        },
        Fault("monitor", "|updated=", "|updated=1799990000"),
        Fault("inverter E016", "|inverter_faults=", "|inverter_faults=65536"),
        Fault("inverter W009", at: .warning, "|inverter_warnings=", "|inverter_warnings=66048"),
        Fault("inverter BMS fault 3", "|battery_faults=", "|battery_faults=3"),
        Fault("inverter", at: .unknown, "|inverter_faults=", "|inverter_faults=unknown"),
        Fault("inverter", at: .unknown, "|inverter_warnings=", "|inverter_warnings=-1"),
        Fault("inverter", at: .unknown) { sample in
            sample.lines.removeAll { $0.hasPrefix("|inverter_") || $0.hasPrefix("|battery_") }
        },
        Fault("monitor-alarm no-charging", "|alarms=", "|alarms=no-charging"),
        Fault("generator-clients", host: "olimex", "|THREADS: 2", "|THREADS: 37"),
        Fault(
            "generator-latched", host: "olimex", "|LATCHED", "|LATCHED: the engine did not start"),
        Fault("generator-bus", host: "olimex", "|INPUTS", "|INPUTS: ERROR"),
        Fault("generator", host: "olimex", "|END", "|"),
        Fault("service", at: .unknown, host: "olimex", "supervisor", "unread\tsupervisor\tgone"),
        Fault("service", host: "olimex", "supervisor", "supervisor\tstopped"),
    ]

    @Test(arguments: ["pi", "olimex"]) func aHostThatIsWellHasNoTroubles(host: String) throws {
        let sample = try Sample(host: host)
        #expect(try sample.troubles() == [])
        #expect(try sample.health().level == .ok)
        // Everything was looked at.
        let checks = Set(try sample.health().verdicts.map(\.check))
        #expect(checks.isSuperset(of: ["reachable", "load", "memory", "disk-space", "clock"]))
    }

    @Test(arguments: faults) func everyFaultIsFoundAndNamed(fault: Fault) throws {
        var sample = try Sample(host: fault.host)
        fault.spoil(&sample)
        let troubles = try sample.health().verdicts.filter { $0.level > .ok }
        let name = fault.expected.split(separator: " ", maxSplits: 1).map(String.init)
        let hit = troubles.first {
            $0.check == name[0] && (name.count < 2 || $0.object == name[1])
        }
        let verdict = try #require(hit, "\(fault.expected) is not in \(troubles)")
        #expect(verdict.level == fault.level)
        #expect(verdict.advice != nil || verdict.level == .unknown, "\(verdict)")
        // Nothing else is blamed for it but what follows from it.
        #expect(troubles.count <= 3, "\(troubles)")
    }

    static let runbooks: Set = [
        "generator-will-not-start", "charging-does-not-happen", "monitor-keeps-stopping",
        "csv-not-written", "port-conflict", "orphan-holds-a-port", "board-unreachable",
        "thread-or-memory-leak", "update-gen-server", "migrate-from-python", "sd-card-full",
        "restore-a-board",
    ]

    @Test func onlyRunbooksThatThereAreAreNamed() throws {
        for fault in Self.faults {
            var sample = try Sample(host: fault.host)
            fault.spoil(&sample)
            for verdict in try sample.health().verdicts {
                guard let book = verdict.runbook else { continue }
                #expect(Self.runbooks.contains(book), "\(book)")
            }
        }
    }

    @Test func aHostThatDoesNotAnswerIsCritical() throws {
        let subject = try Sample().subject
        for (answer, word) in [
            (HostHealth.Answer.unreachable("it fell silent"), "fell silent"),
            (.notPermitted("its host key is not known"), "host key"),
        ] {
            let health = HealthJudge.health(
                of: subject, unanswered: answer, past: HealthPast(), at: Sample.now, seconds: 15)
            #expect(health.level == .critical && health.verdicts.count == 1)
            #expect(health.verdicts[0].summary.contains(word))
            #expect(health.verdicts[0].runbook == "board-unreachable")
            #expect(health.services.allSatisfy { $0.state.value == nil })
        }
    }

    // MARK: Time

    @Test func aValueThatWaversMakesOneAlarm() {
        let limit = HostKind.pi.limit(.diskUsed)
        #expect(limit.level(84.9, previous: nil) == .ok)
        #expect(limit.level(85, previous: .ok) == .warning)
        #expect(limit.level(84, previous: .warning) == .warning)
        #expect(limit.level(82.9, previous: .warning) == .ok)
        #expect(limit.level(94, previous: .critical) == .critical)
        #expect(limit.level(94, previous: .warning) == .warning)
        #expect(limit.level(92.9, previous: .critical) == .warning)
        let low = HostKind.pi.limit(.stateOfCharge)
        #expect(low.level(25, previous: nil) == .warning)
        #expect(low.level(27, previous: .warning) == .warning)
        #expect(low.level(29, previous: .warning) == .ok)
    }

    @Test func sinceIsRememberedAsLongAsTheLevelStays() throws {
        var sample = try Sample()
        sample.replace("|/dev/mmcblk0p2    30000000", with: "|/dev/mmcblk0p2 100 95 5 95% /")
        func since() throws -> Date? {
            try sample.health().verdicts.first { $0.check == "disk-space" && $0.level > .ok }?.since
        }
        #expect(try since() == nil)
        let key = Verdict.Key(host: "pi", check: "disk-space", object: "/")
        let before = Date(timeIntervalSince1970: 1_799_000_000)
        sample.past.verdicts[key] = VerdictMemory(level: .critical, since: before)
        #expect(try since() == before)
        sample.past.verdicts[key] = VerdictMemory(level: .warning, since: before)
        #expect(try since() == nil)
    }

    @Test func aSlowLineIsNoWrongClock() throws {
        var sample = try Sample()
        sample.roundTrip = 40
        // The host read its clock at some moment within 40 s: 12 s off is within that.
        sample.replace("clock", with: "clock\t1800000012.0")
        #expect(try sample.troubles() == ["answer-time"])
        sample.replace("clock", with: "clock\t1800000025.0")
        #expect(try sample.troubles().contains("clock"))
    }

    @Test func aRebootIsToldForADayOnly() throws {
        var sample = try Sample()
        sample.replace("|shutdown", with: "|reboot")
        #expect(try sample.troubles() == [])
        sample.replace("boots", with: "unread\tboots\tthere is no record")
        sample.replace("proc/uptime", with: "proc/uptime:3600.0 1")
        // Without a record and a past nobody can know.
        #expect(try sample.troubles() == [])
        sample.remember("boot_time_seconds", days: 1, [1_799_000_000, 1_799_000_000])
        let verdict = try sample.health().verdicts.first { $0.check == "reboot" }
        #expect(verdict?.level == .unknown)
        #expect(verdict?.since.map { abs($0.timeIntervalSince(Sample.now) + 3600) < 5 } == true)
    }

    @Test func limitsOfTheInventoryCount() throws {
        var sample = try Sample()
        sample.subject.limits = HealthLimits([.diskUsed: .init(warning: 20, critical: 90)])
        #expect(try sample.troubles() == ["disk-space /"])
        sample.subject.limits = HealthLimits([.diskUsed: .init(critical: 30)])
        #expect(try sample.health().level == .critical)
    }
}

extension CheckTests.Fault {
    /// The kernel's own count goes before systemd's, which counts children too.
    fileprivate func onThreads(_ count: String) -> Self {
        var fault = self
        let before = spoil
        fault.spoil = { sample in
            before(&sample)
            sample.replace(
                "proc/800/status:Threads", with: "proc/800/status:Threads:\t\(count)")
        }
        return fault
    }
}
