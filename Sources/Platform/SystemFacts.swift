import CPlatform

/// What the kernel says of the machine. Nil is unknown.
public enum SystemFacts {
    /// Seconds since boot, from /proc/uptime.
    public static func uptimeSeconds() -> Int64? {
        guard let bytes = TextFile.read("/proc/uptime", limit: 64) else { return nil }
        return Int64(String(decoding: bytes.prefix { $0 != 0x2E }, as: UTF8.self))
    }

    /// The kernel's name for this boot; empty where it has none.
    public static func bootID() -> String {
        let bytes = TextFile.read("/proc/sys/kernel/random/boot_id", limit: 64) ?? []
        return String(decoding: bytes.prefix { $0 > 0x20 && $0 < 0x7F }, as: UTF8.self)
    }

    /// Memory that is not to be had, in percent, from /proc/meminfo. Kernels before 3.14 have no
    /// MemAvailable: free memory, buffers and cache stand for it.
    public static func memoryUsedPercent() -> Int? {
        guard let bytes = TextFile.read("/proc/meminfo", limit: 4096) else { return nil }
        return memoryUsedPercent(meminfo: bytes)
    }

    /// The same from the file's content.
    public static func memoryUsedPercent(meminfo: [UInt8]) -> Int? {
        var values: [String: Int64] = [:]
        for line in meminfo.split(separator: 0x0A) {
            let words = line.split(separator: 0x20)
            guard words.count >= 2 else { continue }
            values[String(decoding: words[0], as: UTF8.self)] = Int64(
                String(decoding: words[1], as: UTF8.self))
        }
        guard let total = values["MemTotal:"], total > 0 else { return nil }
        let available: Int64
        if let said = values["MemAvailable:"] {
            available = said
        } else if let free = values["MemFree:"], let buffers = values["Buffers:"],
            let cached = values["Cached:"]
        {
            available = free + buffers + cached
        } else {
            return nil
        }
        return Int(min(100, max(0, (total - available) * 100 / total)))
    }

    /// Free MiB and used percent of the root file system.
    public static func disk() -> (freeMebibytes: Int64, usedPercent: Int)? {
        var free: Int64 = 0
        var used: Int32 = 0
        guard cp_disk("/", &free, &used) == 0 else { return nil }
        return (free, Int(used))
    }
}
