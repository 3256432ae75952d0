/// What `readings.sh` read on a host. Texts are printable; what could not be read says why.
public struct HostReadings: Sendable, Equatable {
    /// The host's clock at the beginning of its answer.
    public struct Clock: Sendable, Equatable {
        /// Seconds since 1970.
        public var seconds: Double
        /// How fine it is: 1 where the host tells whole seconds only.
        public var resolution: Double
    }

    /// Processes that want a processor or wait for a disk.
    public struct Load: Sendable, Equatable {
        /// Averages over 1, 5 and 15 minutes.
        public var averages: [Double]
        /// Processors; 1 where that is not told.
        public var processors: Int
    }

    /// Bytes of /proc/meminfo.
    public struct Memory: Sendable, Equatable {
        /// All of it.
        public var total: Int
        /// What programs could have without swapping.
        public var available: Int
        /// All swap; 0 where there is none.
        public var swapTotal: Int
        /// Unused swap.
        public var swapFree: Int
    }

    /// A mounted file system.
    public struct FileSystem: Sendable, Equatable {
        /// Where it is mounted.
        public var mount: String
        /// Such as `ext4`.
        public var type: String
        /// Whether it is mounted read-only.
        public var isReadOnly: Bool
        /// Whether /etc/fstab wants it so.
        public var isMeantReadOnly: Bool
        /// Bytes; nil where df did not tell.
        public var size: Int?
        /// Bytes that ordinary users can have.
        public var available: Int?
        /// Used part of what ordinary users can have, 0…1, as df's percentage.
        public var used: Double?
        /// Used part of the inodes; nil where there is no fixed number of them.
        public var inodesUsed: Double?
    }

    /// A network interface.
    public struct Interface: Sendable, Equatable {
        /// Such as `eth0`.
        public var name: String
        /// Whether there is a carrier; nil where it is down or does not tell.
        public var hasCarrier: Bool?
        /// Whether a route leads through it: somebody wants it up.
        public var hasRoute: Bool
        /// Packets received and sent since boot.
        public var packets: Double
        /// Errors of receiving and sending since boot.
        public var errors: Double
    }

    /// A unit as systemd shows it.
    public struct Unit: Sendable, Equatable {
        /// Such as `ssh.service`.
        public var name: String
        /// `loaded`, `not-found`, …
        public var loadState: String
        /// `active`, `inactive`, `failed`, `activating`, …
        public var activeState: String
        /// `running`, `auto-restart`, …
        public var subState: String
        /// `success`, `exit-code`, `start-limit-hit`, …
        public var result: String
        /// Starts by `Restart=` since it was started by somebody.
        public var restarts: Int?
        /// Its main process; 0 for none.
        public var mainPID: Int?
        /// Bytes that it uses.
        public var memory: Int?
        /// Bytes that it may use; nil where there is no limit.
        public var memoryMax: Int?
        /// Its tasks, threads included.
        public var tasks: Int?
        /// Its control group.
        public var cgroup: String
        /// When its state last changed, in seconds since boot.
        public var changedAt: Double?
    }

    /// A process of a service.
    public struct Process: Sendable, Equatable {
        /// Resident bytes.
        public var memory: Int?
        /// Threads.
        public var threads: Int?
        /// What it executes, by its path, with ` (deleted)` where that is gone.
        public var executable: String?
    }

    /// A socket on one of the services' ports.
    public struct Socket: Sendable, Equatable {
        /// Such as `tcp/9999`.
        public var claim: String
        /// Who has it; nil where that cannot be seen.
        public var pid: Int?
        /// The control group of that process, as the kernel tells it.
        public var cgroup: String

        /// Such as `process 800 in /system.slice/x.service`; nil where it cannot be seen.
        var holder: String? {
            guard let pid else { return nil }
            // There are no control groups on a board.
            let path = cgroup.split(separator: ":").last ?? ""
            return "process \(pid)" + (path.isEmpty ? "" : " in \(path)")
        }
    }

    /// A line of a log.
    public struct LogLine: Sendable, Equatable {
        /// Seconds since 1970; nil where the line does not tell.
        public var time: Double?
        /// syslog's number, 0…7; nil where the line does not tell.
        public var priority: Int?
        /// The unit; empty where the line does not tell.
        public var unit: String
        /// The text.
        public var text: String
    }

    /// How worn a flash memory says that it is (JEDEC eMMC 5.0).
    public struct Wear: Sendable, Equatable {
        /// Such as `mmcblk0`.
        public var device: String
        /// Used life in tenths, at most: 1 is up to 10 %, 11 is exceeded.
        public var lifeTenths: Int
    }

    static let unread = "the host's answer does not tell it"

    /// The host's clock.
    public var clock: Measured<Clock> = .unknown(unread)
    /// Who looked.
    public var userID: Int?
    /// Whether systemd runs the host.
    public var isSystemd = false
    /// Seconds since boot.
    public var uptime: Measured<Double> = .unknown(unread)
    /// The kernel's name for this boot.
    public var bootID: Measured<String> = .unknown(unread)
    /// Whether the host was shut down in order before this boot.
    public var wasShutDown: Measured<Bool> = .unknown(unread)
    /// Who wants a processor.
    public var load: Measured<Load> = .unknown(unread)
    /// Memory.
    public var memory: Measured<Memory> = .unknown(unread)
    /// File systems of disks, cards and memory.
    public var fileSystems: Measured<[FileSystem]> = .unknown(unread)
    /// Errors that ext4 counted, by device.
    public var fileSystemErrors: [String: Int] = [:]
    /// Degrees Celsius, by the sensor's name.
    public var temperatures: [String: Double] = [:]
    /// The word of a Raspberry Pi's firmware; its bits in ``Throttling``.
    public var throttled: Measured<UInt32> = .unknown(unread)
    /// Whether a sensor sees too low a voltage now.
    public var isUnderVoltage: Bool?
    /// Flash memories that tell their wear.
    public var wear: [Wear] = []
    /// Packages that want a reboot; nil where none is wanted.
    public var rebootWanted: [String]?
    /// Lines of the kernel's log that mean trouble.
    public var kernelLog: Measured<[String]> = .unknown(unread)
    /// Whether something keeps the clock, and has set it.
    public var isSynchronized: Measured<Bool> = .unknown(unread)
    /// systemd's units.
    public var units: Measured<[Unit]> = .unknown(unread)
    /// Network interfaces but the loopback.
    public var interfaces: Measured<[Interface]> = .unknown(unread)
    /// Processes of services, by number.
    public var processes: [Int: Process] = [:]
    /// The release that each service's `current` names.
    public var releases: [String: String] = [:]
    /// Who has the services' ports.
    public var sockets: Measured<[Socket]> = .unknown("no service has a port")
    /// Errors in the services' logs, oldest first.
    public var errors: Measured<[LogLine]> = .unknown(unread)
    /// The services, by name.
    public var services: [String: ServiceReadings] = [:]

    /// Nothing read yet.
    public init() {}
}
