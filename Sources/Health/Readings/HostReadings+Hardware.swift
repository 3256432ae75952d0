/// The bits of a Raspberry Pi's `get_throttled`.
public struct Throttling: OptionSet, Sendable {
    /// The firmware's word.
    public let rawValue: UInt32

    /// The bits of a word.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The supply is below 4.63 V now.
    public static let underVoltage = Throttling(rawValue: 1 << 0)
    /// The frequency is held down now.
    public static let frequencyCapped = Throttling(rawValue: 1 << 1)
    /// The processor is slowed down now.
    public static let throttled = Throttling(rawValue: 1 << 2)
    /// It is above its soft limit of temperature now.
    public static let softLimit = Throttling(rawValue: 1 << 3)
    /// The supply was too low since boot.
    public static let underVoltageSinceBoot = Throttling(rawValue: 1 << 16)
    /// The processor was slowed down since boot.
    public static let throttledSinceBoot = Throttling(rawValue: 1 << 18)
}

// Sensors, flash memory, and what the kernel complained of.
extension HostReadings {
    private static let sensorsMax = 32
    private static let logLinesMax = 40

    mutating func takeHardware(_ raw: RawReadings) {
        takeTemperatures(raw)
        takeThrottling(raw)
        takeWear(raw)
        guard let record = raw.record("kernel-log") else { return }
        let lines = record.lines.suffix(Self.logLinesMax + 1).map { HostText.clean($0) }
        // The line that the script adds where the log could be read.
        if lines.last == "fleet-log-read" {
            kernelLog = .known(Array(lines.dropLast()))
        } else {
            kernelLog = .unknown("the kernel's log cannot be read")
        }
    }

    private mutating func takeTemperatures(_ raw: RawReadings) {
        for (path, lines) in raw.files.sorted(by: { $0.key < $1.key }) {
            guard let value = lines.first.flatMap({ HostText.decimal($0) }),
                temperatures.count < Self.sensorsMax
            else { continue }
            let folder = path.split(separator: "/").dropLast().joined(separator: "/")
            let name: String?
            if path.hasPrefix("sys/class/thermal/"), path.hasSuffix("/temp") {
                name = raw.word(folder + "/type")
            } else if path.hasPrefix("sys/class/hwmon/"), path.hasSuffix("/temp1_input") {
                name = raw.word(folder + "/name")
            } else {
                continue
            }
            // Thousandths of a degree; what no silicon survives is no temperature.
            let celsius = value / 1000
            if (-60...200).contains(celsius) {
                let label = name ?? String(folder.split(separator: "/").last ?? "sensor")
                if temperatures[label].map({ $0 < celsius }) ?? true {
                    temperatures[label] = celsius
                }
            }
        }
    }

    private mutating func takeThrottling(_ raw: RawReadings) {
        if let text = raw.record("throttled")?.values.first,
            let bits = UInt32(text.trimmingPrefix("0x"), radix: 16)
        {
            throttled = .known(bits)
        } else {
            throttled = .unknown(raw.reason("throttled"))
        }
        for (path, lines) in raw.files where path.hasSuffix("/in0_lcrit_alarm") {
            if lines.first == "1" { isUnderVoltage = true }
            if lines.first == "0", isUnderVoltage == nil { isUnderVoltage = false }
        }
    }

    /// `0x01 0x02`: two kinds of cells, each in tenths of its life.
    private mutating func takeWear(_ raw: RawReadings) {
        for (path, lines) in raw.files.sorted(by: { $0.key < $1.key }) {
            let parts = path.split(separator: "/")
            guard path.hasPrefix("sys/block/"), path.hasSuffix("/life_time"), parts.count == 5,
                wear.count < Self.sensorsMax
            else { continue }
            let tenths = HostText.words(lines.first ?? "")
                .compactMap { UInt8($0.trimmingPrefix("0x"), radix: 16) }.map(Int.init)
            // 0 is "not told".
            if let most = tenths.max(), most > 0 {
                wear.append(Wear(device: String(parts[2]), lifeTenths: min(most, 11)))
            }
        }
    }
}
