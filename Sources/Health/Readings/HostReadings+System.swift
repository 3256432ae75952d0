// Clock, boot, load, memory, network: what every Linux tells in /proc.

extension HostReadings {
    mutating func takeSystem(_ raw: RawReadings) {
        takeClock(raw)
        userID = raw.record("uid")?.values.first.flatMap { HostText.natural($0) }
        isSystemd = raw.record("init")?.values.first == "systemd"
        if let seconds = raw.word("proc/uptime").flatMap({ HostText.words($0).first })
            .flatMap({ HostText.decimal($0) }), seconds >= 0
        {
            uptime = .known(seconds)
        }
        if let id = raw.word("proc/sys/kernel/random/boot_id"), id.utf8.count <= 36 {
            bootID = .known(id)
        }
        takeBoots(raw)
        takeLoad(raw)
        takeMemory(raw)
        takeInterfaces(raw)
        if let wanted = raw.record("synchronized")?.values.first, ["yes", "no"].contains(wanted) {
            isSynchronized = .known(wanted == "yes")
        } else {
            isSynchronized = .unknown(raw.reason("synchronized"))
        }
        if raw.record("reboot") != nil {
            rebootWanted = (raw.files["run/reboot-required.pkgs"] ?? []).prefix(20).map { $0 }
        }
    }

    /// `1795292908.512691063`; of a date(1) without nanoseconds what is behind the point is no
    /// number.
    private mutating func takeClock(_ raw: RawReadings) {
        guard let text = raw.record("clock")?.values.first else { return }
        let parts = text.split(separator: ".", maxSplits: 1)
        guard let whole = parts.first.flatMap({ HostText.natural($0) }), whole < 1 << 40 else {
            return
        }
        if parts.count == 2, HostText.natural(parts[1]) != nil,
            let fraction = HostText.decimal("0." + parts[1].prefix(9))
        {
            clock = .known(Clock(seconds: Double(whole) + fraction, resolution: 0.001))
        } else {
            // Somewhere within the second.
            clock = .known(Clock(seconds: Double(whole) + 0.5, resolution: 1))
        }
    }

    /// The newest first: `reboot` is this boot, and what comes before it tells its cause.
    private mutating func takeBoots(_ raw: RawReadings) {
        guard let record = raw.record("boots") else {
            wasShutDown = .unknown(raw.reason("boots"))
            return
        }
        let kinds = record.lines.prefix(16).map { HostText.clean($0, limit: 16) }
        guard kinds.count >= 2, kinds[0] == "reboot" else {
            wasShutDown = .unknown("the host has no record of an earlier boot")
            return
        }
        wasShutDown = .known(kinds[1] == "shutdown")
    }

    private mutating func takeLoad(_ raw: RawReadings) {
        let averages = HostText.words(raw.word("proc/loadavg") ?? "").prefix(3)
            .compactMap { HostText.decimal($0) }.filter { $0 >= 0 }
        guard averages.count == 3 else { return }
        let processors = (raw.files["proc/stat"] ?? []).count { line in
            line.hasPrefix("cpu") && line.dropFirst(3).first?.isNumber == true
        }
        load = .known(Load(averages: averages, processors: max(1, processors)))
    }

    private mutating func takeMemory(_ raw: RawReadings) {
        var values: [String: Int] = [:]
        for line in raw.files["proc/meminfo"] ?? [] {
            let words = HostText.words(line)
            guard words.count >= 2, let bytes = HostText.kibibytes(words[1]) else { continue }
            values[String(words[0])] = bytes
        }
        guard let total = values["MemTotal:"], total > 0 else { return }
        // Kernels before 3.14 do not tell what is available.
        let parts = ["MemFree:", "Buffers:", "Cached:"].compactMap { values[$0] }
        let available =
            values["MemAvailable:"] ?? (parts.count == 3 ? parts.reduce(0, +) : nil)
        guard let available, available <= total else { return }
        memory = .known(
            Memory(
                total: total, available: available, swapTotal: values["SwapTotal:"] ?? 0,
                swapFree: values["SwapFree:"] ?? 0))
    }

    /// Interfaces of a host; more are containers' and the like.
    private static let interfacesMax = 32

    private mutating func takeInterfaces(_ raw: RawReadings) {
        guard let table = raw.files["proc/net/dev"] else { return }
        let routed = Set(
            (raw.files["proc/net/route"] ?? []).compactMap {
                HostText.words($0.replacing("\u{FFFD}", with: " ")).first.map(String.init)
            })
        var found: [Interface] = []
        for line in table.prefix(200) {
            let halves = line.split(separator: ":", maxSplits: 1)
            guard halves.count == 2 else { continue }
            let name = halves[0].trimmingPrefix { $0 == " " }
            let counts = HostText.words(halves[1]).map { HostText.natural($0) }
            guard name != "lo", counts.count >= 11, let received = counts[0 + 1],
                let receiveErrors = counts[2], let sent = counts[9], let sendErrors = counts[10]
            else { continue }
            found.append(
                Interface(
                    name: String(name),
                    hasCarrier: Self.truth(raw.word("sys/class/net/\(name)/carrier")),
                    hasRoute: routed.contains(String(name)),
                    packets: Double(received) + Double(sent),
                    errors: Double(receiveErrors) + Double(sendErrors)))
            if found.count == Self.interfacesMax { break }
        }
        interfaces = .known(found)
    }

    private static func truth(_ text: String?) -> Bool? {
        text == "1" ? true : text == "0" ? false : nil
    }
}
