// Units, processes, releases, ports: what runs.

extension HostReadings {
    private static let unitsMax = 1000
    private static let processesMax = 256
    /// What systemd prints for no limit, and for nothing known.
    private static let noNumber = UInt64.max

    mutating func takeUnits(_ raw: RawReadings) {
        guard let record = raw.record("units") else {
            units = .unknown(raw.reason("units"))
            return
        }
        var found: [Unit] = []
        var properties: [String: String] = [:]
        for line in record.lines + [[]] {
            if line.isEmpty {
                if let unit = Self.unit(properties), found.count < Self.unitsMax {
                    found.append(unit)
                }
                properties = [:]
            } else if let equals = line.firstIndex(of: 0x3D), properties.count < 32 {
                properties[HostText.clean(line[..<equals], limit: 64)] =
                    HostText.clean(line[(equals + 1)...])
            }
        }
        units = found.isEmpty ? .unknown("systemd does not answer") : .known(found)
    }

    private static func unit(_ properties: [String: String]) -> Unit? {
        guard let name = properties["Id"], !name.isEmpty else { return nil }
        func number(_ key: String) -> Int? {
            guard let value = properties[key].flatMap({ UInt64($0) }), value < noNumber else {
                return nil
            }
            return Int(exactly: value)
        }
        return Unit(
            name: name, loadState: properties["LoadState"] ?? "",
            activeState: properties["ActiveState"] ?? "",
            subState: properties["SubState"] ?? "", result: properties["Result"] ?? "",
            restarts: number("NRestarts"), mainPID: number("MainPID"),
            memory: number("MemoryCurrent"), memoryMax: number("MemoryMax"),
            tasks: number("TasksCurrent"), cgroup: properties["ControlGroup"] ?? "",
            changedAt: number("StateChangeTimestampMonotonic").map { Double($0) / 1e6 })
    }

    mutating func takeProcesses(_ raw: RawReadings) {
        for (path, lines) in raw.files where path.hasSuffix("/status") {
            guard let pid = Self.pid(path), processes.count < Self.processesMax else { continue }
            var process = Process()
            for line in lines {
                let words = line.replacing("\u{FFFD}", with: " ").split(separator: " ")
                guard words.count >= 2 else { continue }
                if words[0] == "VmRSS:" { process.memory = HostText.kibibytes(words[1]) }
                if words[0] == "Threads:" { process.threads = HostText.natural(words[1]) }
            }
            processes[pid] = process
        }
        for line in raw.record("links")?.lines.prefix(1000) ?? [] { takeLink(HostText.clean(line)) }
        takeSockets(raw)
    }

    /// `proc/680/status`
    private static func pid(_ path: String) -> Int? {
        let parts = path.split(separator: "/")
        return parts.count == 3 && parts[0] == "proc" ? HostText.natural(parts[1]) : nil
    }

    /// `lrwxrwxrwx 1 0 0 0 Nov 21 15:02 opt/fleet/app/current -> releases/x`
    private mutating func takeLink(_ line: String) {
        guard line.first == "l", let arrow = line.range(of: " -> ") else { return }
        let target = String(line[arrow.upperBound...])
        guard let path = HostText.words(line[..<arrow.lowerBound]).last else { return }
        let parts = path.split(separator: "/")
        if path.hasPrefix("opt/fleet/"), parts.count == 4, parts[3] == "current" {
            releases[String(parts[2])] = String(target.split(separator: "/").last ?? "")
        } else if let pid = Self.pid(String(path)), parts[2] == "exe" {
            processes[pid]?.executable = target
        }
    }

    private mutating func takeSockets(_ raw: RawReadings) {
        guard let record = raw.record("sockets") else {
            let reason = raw.reason("sockets")
            if reason != Self.unread { sockets = .unknown(reason) }
            return
        }
        sockets = .known(
            record.lines.prefix(Self.processesMax).compactMap { line in
                let words = HostText.clean(line, limit: 1024)
                    .split(separator: " ", maxSplits: 2)
                guard words.count >= 2 else { return nil }
                return Socket(
                    claim: String(words[0]), pid: HostText.natural(words[1]),
                    cgroup: words.count > 2 ? String(words[2]) : "")
            })
    }
}
