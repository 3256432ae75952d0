// File systems: /proc/mounts says which, df how full, /etc/fstab how they are meant.

extension HostReadings {
    private static let fileSystemsMax = 64

    mutating func takeStorage(_ raw: RawReadings) {
        for (path, lines) in raw.files {
            let parts = path.split(separator: "/")
            guard path.hasPrefix("sys/fs/ext4/"), parts.count == 5,
                let count = lines.first.flatMap({ HostText.natural($0) })
            else { continue }
            fileSystemErrors[String(parts[3])] = count
        }
        guard let mounts = raw.files["proc/mounts"], let disk = raw.record("disk") else {
            fileSystems = .unknown(raw.reason("disk"))
            return
        }
        let sizes = Self.table(disk.lines)
        let inodes = Self.table(raw.record("inodes")?.lines ?? [])
        let readOnly = Self.meantReadOnly(raw.files["etc/fstab"] ?? [])
        var found: [String: FileSystem] = [:]
        for line in mounts {
            let words = HostText.words(line)
            guard words.count >= 4 else { continue }
            let mount = Self.unescaped(words[1])
            guard let size = sizes[mount], found.count < Self.fileSystemsMax,
                !Self.isKernels(mount)
            else { continue }
            var entry = FileSystem(
                mount: mount, type: String(words[2]),
                isReadOnly: words[3].split(separator: ",").contains("ro"),
                isMeantReadOnly: readOnly.contains(mount))
            entry.size = size.total * 1024
            entry.available = size.available * 1024
            entry.used = size.used
            entry.inodesUsed = inodes[mount].flatMap { $0.total > 0 ? $0.used : nil }
            // Of two on one place the later one is seen.
            found[mount] = entry
        }
        fileSystems =
            found.isEmpty
            ? .unknown("df told nothing") : .known(found.values.sorted { $0.mount < $1.mount })
    }

    /// The kernel's own places, where containers mount small things of their own.
    private static func isKernels(_ mount: String) -> Bool {
        mount == "/dev" || mount.hasPrefix("/proc/") || mount.hasPrefix("/sys/")
    }

    /// A line of `df -P`: the device may have blanks, and so may the place.
    private static func table(
        _ lines: [ArraySlice<UInt8>]
    ) -> [String: (total: Int, available: Int, used: Double)] {
        var found: [String: (total: Int, available: Int, used: Double)] = [:]
        for line in lines.prefix(200) {
            let text = HostText.clean(line, limit: 1024)
            let words = HostText.words(text)
            guard words.count >= 6,
                let place = (1...(words.count - 5)).first(where: { isRow(words[$0...]) }),
                let total = HostText.natural(words[place]), total < 1 << 50,
                let taken = HostText.natural(words[place + 1]), taken < 1 << 50,
                let free = HostText.natural(words[place + 2]), free < 1 << 50
            else { continue }
            let mount = String(text[words[place + 4].startIndex...])
            // What root keeps for itself is not counted, as in df's own percentage.
            let whole = taken + free
            found[mount] = (total, free, whole > 0 ? Double(taken) / Double(whole) : 0)
        }
        return found
    }

    private static func isRow(_ words: ArraySlice<Substring>) -> Bool {
        let row = Array(words.prefix(5))
        return row.count == 5 && row[0..<3].allSatisfy { HostText.natural($0) != nil }
            && (row[3].hasSuffix("%") || row[3] == "-") && row[4].hasPrefix("/")
    }

    private static func meantReadOnly(_ fstab: [String]) -> Set<String> {
        var found: Set<String> = []
        for line in fstab where !line.hasPrefix("#") {
            // Tabulators are no blanks any more by now.
            let words = HostText.words(line.replacing("\u{FFFD}", with: " "))
            if words.count >= 4, words[3].split(separator: ",").contains("ro") {
                found.insert(unescaped(words[1]))
            }
        }
        return found
    }

    /// `\040` and the like in /proc/mounts and fstab.
    private static func unescaped(_ text: Substring) -> String {
        guard text.utf8.contains(0x5C) else { return String(text) }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == 0x5C, rest.count >= 3,
                let code = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
            {
                bytes.append(code)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return HostText.clean(bytes)
    }
}
