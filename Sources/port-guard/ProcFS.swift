import Platform
import PortHolders

/// What /proc says, at this moment.
enum ProcFS {
    private static var tableLimit: Int { 32 * 1024 * 1024 }
    private static var textLimit: Int { 64 * 1024 }
    private static var processesMax: Int { 200_000 }
    private static var descriptorsMax: Int { 1_048_576 }

    /// The sockets that take what comes to a port. A table that is not there, as IPv6's on a small
    /// kernel, has none; no table at all is a failure.
    static func listening(on port: UInt16) throws(PosixError) -> [ListeningSocket] {
        var sockets: [ListeningSocket] = []
        var tables = 0
        for proto in SocketProtocol.allCases {
            guard let table = TextFile.read("/proc/net/" + proto.file, limit: tableLimit) else {
                continue
            }
            tables += 1
            sockets += SocketTable.listening(table, proto).filter { $0.port == port }
        }
        guard tables > 0 else { throw PosixError("read /proc/net", code: 2) }
        return sockets
    }

    /// The processes that have any of these sockets open, and the sockets that nobody who can be
    /// seen has open.
    static func holders(
        of sockets: [ListeningSocket]
    ) -> (seen: [PortProcess], hidden: Set<UInt64>) {
        let inodes = Set(sockets.map { $0.inode })
        var seen: [PortProcess] = []
        var hidden = inodes
        for name in Folder.names("/proc", limit: processesMax) ?? [] {
            guard let pid = Int32(name) else { continue }
            let held = held(by: pid, of: inodes)
            guard !held.isEmpty, let process = process(pid) else { continue }
            seen.append(process)
            hidden.subtract(held)
        }
        return (seen, hidden)
    }

    /// Which of these sockets a process has open.
    static func held(by pid: Int32, of inodes: Set<UInt64>) -> Set<UInt64> {
        let folder = "/proc/\(pid)/fd"
        var held: Set<UInt64> = []
        for name in Folder.names(folder, limit: descriptorsMax) ?? [] {
            guard let link = Folder.link(folder + "/" + name),
                let inode = PortProcess.socketInode(link: link), inodes.contains(inode)
            else { continue }
            held.insert(inode)
        }
        return held
    }

    /// A process; nil where it has ended.
    static func process(_ pid: Int32) -> PortProcess? {
        let folder = "/proc/\(pid)"
        guard let stat = TextFile.read(folder + "/stat", limit: textLimit),
            let start = PortProcess.startTicks(stat: stat)
        else { return nil }
        var process = PortProcess(pid: pid, startTicks: start)
        process.uid = Folder.owner(folder)
        if let link = Folder.link(folder + "/exe") {
            let mark = Array(" (deleted)".utf8)
            process.isExecutableDeleted = link.suffix(mark.count).elementsEqual(mark)
            let path = process.isExecutableDeleted ? link.dropLast(mark.count) : link[...]
            process.executable = String(decoding: path, as: UTF8.self)
        }
        if let line = TextFile.read(folder + "/cmdline", limit: textLimit) {
            process.arguments = PortProcess.arguments(cmdline: line)
        }
        if let text = TextFile.read(folder + "/cgroup", limit: textLimit) {
            process.cgroup = Cgroup(text)
        }
        return process
    }

    /// The processes that the rc.local supervisor has recorded: `FOLDER/SERVICE/process`.
    static func supervised(_ folder: String) -> [HolderJudge.Supervised] {
        (Folder.names(folder, limit: 1_000) ?? []).compactMap { service in
            guard let bytes = TextFile.read(folder + "/" + service + "/process", limit: 256) else {
                return nil
            }
            let words = bytes.split { $0 == 0x20 || $0 == 0x0A }.map {
                String(decoding: $0, as: UTF8.self)
            }
            guard words.count == 2, let pid = Int32(words[0]), let start = UInt64(words[1]) else {
                return nil
            }
            return HolderJudge.Supervised(service: service, pid: pid, startTicks: start)
        }
    }
}
