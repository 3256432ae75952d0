import Foundation
import Health
import Inventory
import InventoryFile
import TestSupport

/// A host's answer as `readings.sh` prints it, to be spoilt in one place, and its judgement.
struct Sample {
    /// When the host is asked: its clock says 1,800,000,000 then.
    static let now = Date(timeIntervalSince1970: 1_800_000_000)

    var lines: [String]
    var subject: HealthSubject
    var past = HealthPast()
    /// Seconds from the question to the answer's first line.
    var roundTrip = 0.2

    /// A Raspberry Pi that is well, with a monitor and a service with a port.
    init(host: String = "pi") throws {
        let fleet = try Self.fleet(Self.inventory)
        guard let found = fleet.hosts.first(where: { $0.name.text == host }) else {
            throw LabelError(label: host)
        }
        subject = HealthSubject(found, services: fleet.services(on: found.name))
        lines = (host == "olimex" ? Self.board : Self.pi)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    struct LabelError: Error { var label: String }

    static func fleet(_ text: String) throws -> Fleet {
        let folder = try TemporaryFolder()
        try folder.write("fleet.yaml", text)
        return try InventoryFile.load(path: folder.path + "/fleet.yaml")
    }

    /// The answer's bytes.
    var bytes: [UInt8] { Array(lines.joined(separator: "\n").utf8) }

    /// Puts another line in the place of the one that begins so.
    mutating func replace(_ beginning: String, with line: String) {
        guard let index = lines.firstIndex(where: { $0.hasPrefix(beginning) }) else {
            preconditionFailure("the sample has no line '\(beginning)'")
        }
        lines[index] = line
    }

    /// Adds lines behind the one that begins so.
    mutating func insert(_ added: [String], after beginning: String) {
        guard let index = lines.firstIndex(where: { $0.hasPrefix(beginning) }) else {
            preconditionFailure("the sample has no line '\(beginning)'")
        }
        lines.insert(contentsOf: added, at: index + 1)
    }

    var asked: Asked {
        Asked(
            sent: Self.now.addingTimeInterval(-roundTrip / 2),
            heard: Self.now.addingTimeInterval(roundTrip / 2),
            done: Self.now.addingTimeInterval(roundTrip / 2 + 0.3), seconds: roundTrip + 0.5)
    }

    func health() throws -> HostHealth {
        HealthJudge.health(
            of: subject, try ReadingsParser.parse(bytes), past: past, asked: asked)
    }

    /// What is wrong: `check object` of each verdict that is not well.
    func troubles() throws -> [String] {
        try health().verdicts.filter { $0.level > .ok }.map { verdict in
            ([verdict.check] + [verdict.object].compactMap { $0 }).joined(separator: " ")
        }
    }

    /// A series of values, evenly spread until now.
    mutating func remember(
        _ name: String, _ labels: [String: String] = [:], days: Double, _ values: [Double]
    ) {
        let end = Self.now.timeIntervalSince1970 - 600
        let step = days * 86_400 / Double(max(1, values.count - 1))
        past.series[HealthPast.Series(name, labels: labels)] = values.enumerated().map {
            MetricPoint(
                time: end - Double(values.count - 1 - $0.offset) * step, value: $0.element)
        }
    }

    static let inventory = """
        version: 1
        fleet: sample
        hosts:
          pi: {address: 198.51.100.10, user: pi, arch: arm64}
          olimex:
            address: 203.0.113.2
            via: pi
            user: root
            arch: armv5
            init: rc-local
        services:
          pigenny-monitor:
            host: pi
            product: pigenny-monitor
          proxy:
            host: pi
            artifact: fleet.yaml
            executable: fleet.yaml
            ports: [6053]
            metrics: /run/proxy/metrics.prom
            health:
              - file: /var/lib/proxy/last
                younger: 5m
          gen-server:
            host: olimex
            product: gen-server
            ports: [9999]

        """

    static let pi = """
        fleet-readings\t1
        clock\t1800000000.000000000
        uid\t0
        init\tsystemd
        proc/uptime:864000.00 1700000.00
        proc/loadavg:0.20 0.30 0.40 1/120 900
        proc/meminfo:MemTotal:        4000000 kB
        proc/meminfo:MemAvailable:    3000000 kB
        proc/meminfo:SwapTotal:        100000 kB
        proc/meminfo:SwapFree:         100000 kB
        proc/stat:cpu  1 2 3
        proc/stat:cpu0 1 2 3
        proc/stat:cpu1 1 2 3
        proc/mounts:/dev/mmcblk0p2 / ext4 rw,noatime 0 0
        proc/mounts:tmpfs /run tmpfs rw,nosuid 0 0
        proc/net/dev:    lo:  100 10 0 0 0 0 0 0 100 10 0 0 0 0 0 0
        proc/net/dev:  eth0: 1000 9000 0 0 0 0 0 0 900 8000 0 0 0 0 0 0
        proc/net/route:eth0 000200C0 00000000 0001 0 0 0 00FFFFFF 0 0 0
        proc/sys/kernel/random/boot_id:9caeda0f-c0fa-4bcf-9fe5-5bb7db881b3c
        sys/class/thermal/thermal_zone0/type:cpu-thermal
        sys/class/thermal/thermal_zone0/temp:48000
        sys/class/net/eth0/carrier:1
        sys/fs/ext4/mmcblk0p2/errors_count:0
        throttled\t0x0
        disk
        |Filesystem     1024-blocks    Used Available Capacity Mounted on
        |/dev/mmcblk0p2    30000000 9000000  21000000      30% /
        |tmpfs               400000    1000    399000       1% /run
        inodes
        |Filesystem      Inodes  IUsed   IFree IUse% Mounted on
        |/dev/mmcblk0p2 1900000 100000 1800000    6% /
        kernel-log
        |fleet-log-read
        synchronized\tyes\tsystemd-timesyncd
        boots
        |reboot
        |shutdown
        units
        |Id=pigenny-monitor.service
        |LoadState=loaded
        |ActiveState=active
        |SubState=running
        |Result=success
        |NRestarts=0
        |MainPID=700
        |MemoryCurrent=4000000
        |MemoryMax=67108864
        |TasksCurrent=1
        |ControlGroup=/system.slice/pigenny-monitor.service
        |StateChangeTimestampMonotonic=30000000
        |
        |Id=proxy.service
        |LoadState=loaded
        |ActiveState=active
        |SubState=running
        |Result=success
        |NRestarts=0
        |MainPID=800
        |MemoryCurrent=30000000
        |MemoryMax=18446744073709551615
        |TasksCurrent=6
        |ControlGroup=/system.slice/proxy.service
        |StateChangeTimestampMonotonic=31000000
        |
        |Id=ssh.service
        |LoadState=loaded
        |ActiveState=active
        |SubState=running
        |Result=success
        |NRestarts=0
        |MainPID=500
        |StateChangeTimestampMonotonic=20000000
        |

        service\tpigenny-monitor\tpigenny-monitor.service
        csv\t/var/log/pigenny/data_20270115.csv\t1799999700
        |timestamp,timestamp_unix,soc_pct,soh_pct,vbat_v,vpv1_v,vpv2_v,pv1_power_w,pv2_power_w,load_power_w,charge_power_w,discharge_power_w,generator_state,generator_running
        |0,400,0,IDLE,0
        |2027-01-15T07:55:00,1799999700,61,94,52.8,0.0,0.0,0,0,400,0,400,IDLE,0
        monitor
        |version=1.0
        |state=IDLE
        |decision=wait-enough
        |decision_text=enough charge
        |failures=0
        |alarms=
        |charging=unknown
        |battery=battery-good
        |poll_seconds=30
        |inverter_faults=0
        |inverter_warnings=65536
        |battery_faults=0
        |battery_warnings=0
        |updated=1799999995
        |complete=yes
        runs
        |{"__REALTIME_TIMESTAMP":"1799900000000000","PRIORITY":"5","MESSAGE":"IDLE -> STARTING: 38 % is below 40 %"}
        |{"__REALTIME_TIMESTAMP":"1799900100000000","PRIORITY":"5","MESSAGE":"STARTING -> RUNNING: charging"}
        |{"__REALTIME_TIMESTAMP":"1799907200000000","PRIORITY":"5","MESSAGE":"RUNNING -> STOPPING: 80 % reached"}
        |{"__REALTIME_TIMESTAMP":"1799907400000000","PRIORITY":"5","MESSAGE":"STOPPING -> IDLE: 80 % reached"}
        service\tproxy\tproxy.service
        metrics\t1799999970
        |renogy_battery_volts{battery="48"} 13.2
        |renogy_battery_volts{battery="49"} 1.31e1 1799999970000
        file\t/var/lib/proxy/last\t1799999900
        proc/700/status:Threads:\t1
        proc/800/status:Threads:\t6
        links
        |lrwxrwxrwx 1 0 0 20 Jan 10 08:00 opt/fleet/proxy/current -> releases/20270110-aaaaaaaaaaaa
        |lrwxrwxrwx 1 0 0 0 Jan 15 08:00 proc/700/exe -> /opt/fleet/pigenny-monitor/releases/20270110-bbbbbbbbbbbb/pigenny-monitor
        sockets
        |tcp/6053 800 0::/system.slice/proxy.service
        errors
        end
        """

    static let board = """
        fleet-readings\t1
        clock\t1800000000.%N
        uid\t0
        init\tother
        proc/uptime:864000.00 800000.00
        proc/loadavg:0.05 0.05 0.05 1/30 900
        proc/meminfo:MemTotal:          60000 kB
        proc/meminfo:MemFree:           10000 kB
        proc/meminfo:Buffers:            5000 kB
        proc/meminfo:Cached:            20000 kB
        proc/stat:cpu  1 2 3
        proc/mounts:/dev/root / ext4 rw,noatime 0 0
        proc/net/dev:  eth0: 1000 9000 0 0 0 0 0 0 900 8000 0 0 0 0 0 0
        unread\tthrottled\tthere is neither the firmware's file nor an answer of vcgencmd
        disk
        |Filesystem           1024-blocks    Used Available Capacity Mounted on
        |/dev/root                1900000  700000   1100000      39% /
        inodes
        kernel-log
        |fleet-log-read
        unread\tsynchronized\tnothing on the host tells
        unread\tboots\tthe host keeps no record of its boots
        unread\tunits\tsystemd does not run this host
        service\tgen-server\t-
        supervisor\trunning supervisor=190 process=200 since=1799136060 restarts=0
        generator
        |GENNY SERVER READY
        |INPUTS: IN1=0 IN2=0 IN3=0 IN4=0 raw=0
        |RELAYS: OFF (0x00)
        |RUNNING: NO
        |START_IN_PROGRESS: NO
        |I2C: OK
        |THREADS: 2
        |UPTIME: 240h0m
        |MEMORY: 42%
        |DISK: 1.1G free (39% used)
        |STATE: OFF
        |HOLD: none
        |LATCHED: none
        |SERVICE_HOURS: 120.5
        |STARTS: 80
        |PROTOCOL: 2
        |END
        proc/200/status:VmRSS:\t    1200 kB
        proc/200/status:Threads:\t1
        links
        sockets
        |tcp/9999 200 1:name=systemd:/
        unread\terrors\tthe host has no journal
        end
        """
}
