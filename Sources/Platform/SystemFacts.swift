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
        let values = KeyValueText(meminfo, separator: 0x3A)
        let range: ClosedRange<Int64> = 0...(1 << 50)
        guard let total = values.number("MemTotal", in: range), total > 0 else { return nil }
        let available: Int64
        if let said = values.number("MemAvailable", in: range) {
            available = said
        } else if let free = values.number("MemFree", in: range),
            let buffers = values.number("Buffers", in: range),
            let cached = values.number("Cached", in: range)
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
