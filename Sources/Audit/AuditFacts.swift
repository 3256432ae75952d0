import PortHolders
import UnitFile

/// What `audit.sh` found on a host.
public struct AuditFacts: Sendable {
    /// A unit as systemd has it loaded, of `systemctl show`.
    public struct LoadedUnit: Sendable, Equatable {
        /// systemd's properties, by their names in systemctl(1).
        public var properties: [String: String]

        /// A unit with these properties.
        public init(properties: [String: String]) { self.properties = properties }

        /// A property; empty where it is not set.
        public subscript(_ name: String) -> String { properties[name] ?? "" }
    }

    /// A process and where its working folder is.
    public struct Process: Sendable {
        /// What it is.
        public var core: PortProcess
        /// The process that started it.
        public var parent: Int32
        /// Its working folder; nil where it cannot be seen.
        public var folder: String?

        /// A process from its parts.
        public init(core: PortProcess, parent: Int32 = 1, folder: String? = nil) {
            self.core = core
            self.parent = parent
            self.folder = folder
        }
    }

    /// Seconds since 1970 by the host's clock.
    public var clock: Int?
    /// Seconds since boot.
    public var uptime: Double?
    /// The kernel's ticks in a second, in which start times are counted.
    public var hertz = 100.0
    /// Who looked.
    public var userID: Int?
    /// Whether systemd runs the host.
    public var isSystemd = false
    /// What could not be read: nothing is known of it, which is not the same as nothing there.
    public var unread: [String] = []
    /// The tables of /proc/net that were read.
    public var tables: Set<SocketProtocol> = []
    /// The sockets that take what comes.
    public var sockets: [ListeningSocket] = []
    /// The processes by number.
    public var processes: [Int32: Process] = [:]
    /// Which processes have a socket open, by its inode.
    public var holders: [UInt64: [Int32]] = [:]
    /// Loaded services, timers and sockets by name.
    public var loaded: [String: LoadedUnit] = [:]
    /// systemd's UnitFileState by the unit's name.
    public var fileStates: [String: String] = [:]
    /// Texts of files, by path: units and their drop-ins, cron tables, scripts that run at boot.
    public var files: [String: [UInt8]] = [:]
    /// Links, by path, with where they lead.
    public var links: [String: String] = [:]
    /// When files were changed, in seconds since 1970, by path.
    public var times: [String: Int] = [:]
    /// Lines that name ports in configuration files, by path.
    public var portLines: [String: [String]] = [:]
    /// Users' names by number.
    public var users: [UInt32: String] = [:]

    /// No facts yet.
    public init() {}

    /// When a process was started, in seconds since 1970; nil where that cannot be known.
    public func startTime(of process: PortProcess) -> Int? {
        guard let clock, let uptime, hertz > 0 else { return nil }
        return clock - Int(uptime - Double(process.startTicks) / hertz)
    }

    /// Whether somebody other than root looked: what others have open is not seen then.
    public var isPartial: Bool { userID != 0 }
}

extension AuditFacts {
    /// The folders whose units are the operator's own, not the distribution's.
    static let ownFolders = [
        "/etc/systemd/system", "/run/systemd/system", "/run/systemd/transient",
        "/usr/local/lib/systemd/system",
    ]

    /// The units whose own file is the operator's, by name.
    var ownUnits: [EffectiveUnit] {
        var tree = UnitTree()
        var names: Set<String> = []
        // Only what is larger than 1 MiB is refused, and `audit.sh` sends 64 KiB at most.
        for (path, bytes) in files {
            guard Self.ownFolders.contains(where: { path.hasPrefix($0 + "/") }),
                let file = try? UnitFile(reading: bytes)
            else { continue }
            tree.add(.file(file), at: path)
            if Self.ownFolders.contains(Self.folder(path)) { names.insert(Self.lastPart(path)) }
        }
        for (path, target) in links { tree.add(.link(target), at: path) }
        return names.sorted().compactMap(UnitName.init).map { tree.unit($0) }
    }

    static func lastPart(_ path: String) -> String {
        String(Substring(path.utf8.split(separator: UInt8(ascii: "/")).last ?? "".utf8[...]))
    }

    static func folder(_ path: String) -> String {
        String(Substring(path.utf8.dropLast(lastPart(path).utf8.count + 1)))
    }
}
