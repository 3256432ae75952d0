/// Reads what the probe printed. The host is not trusted: a record that makes no sense is left
/// out or refused, never guessed.
public struct ProbeParser {
    /// Why the probe's answer cannot be used.
    public enum Failure: Error, Sendable, Equatable {
        /// It does not begin as the probe's answer does; its first line.
        case notAProbe(String)
        /// It breaks off: the last record is missing.
        case cutOff
    }

    private var facts = HostFacts()
    private var service: String?
    private var release: ReleaseID?
    private var target = Target.nothing

    /// Which file the `|` lines belong to.
    private enum Target { case nothing, unitFile, config(String) }

    /// The facts in the probe's output.
    public static func parse(_ output: [UInt8]) throws(Failure) -> HostFacts {
        // By bytes: in a String, CR and LF are one character, and no line would end there.
        let lines = output.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard let first = lines.first, first == "fleet-probe\t1" else {
            throw .notAProbe(String((lines.first ?? "").prefix(120)))
        }
        guard lines.last(where: { !$0.isEmpty }) == "end" else { throw .cutOff }
        var parser = ProbeParser()
        for line in lines.dropFirst() {
            if line.first == "|" {
                parser.takeText(String(line.dropFirst()))
            } else {
                let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
                parser.takeRecord(String(fields[0]), fields.dropFirst().map(String.init))
            }
        }
        return parser.facts
    }

    private mutating func takeRecord(_ key: String, _ values: [String]) {
        let value = values.first ?? ""
        if service == nil, takeHostRecord(key, values) { return }
        switch key {
        case "service":
            service = value
            facts.services[value] = ServiceFacts()
            release = nil
            target = .nothing
        case "text.sha256": begin(FileText(sha256: value, lines: []))
        case "config": target = .config(value)
        default: if let service { takeServiceRecord(key, values, of: service) }
        }
    }

    private mutating func takeHostRecord(_ key: String, _ values: [String]) -> Bool {
        let value = values.first ?? ""
        switch key {
        case "name": facts.nodeName = value
        case "machine": facts.machine = value
        case "kernel": facts.kernel = value
        case "uid": facts.userID = Int(value)
        case "clock": facts.clock = Int(value)
        case "boot": facts.bootID = value
        case "init": facts.isSystemd = value == "systemd"
        case "tool": facts.tools.insert(value)
        case "disk.free.kib":
            facts.diskFree = Int(value).flatMap { $0 >= 0 && $0 < 1 << 50 ? $0 * 1024 : nil }
        case "disk.free.inodes": facts.inodesFree = Int(value).flatMap { $0 >= 0 ? $0 : nil }
        case "lock": facts.lock = value
        case "transaction": facts.transaction = Self.transaction(values)
        case "rc-local":
            guard values.count == 2, let bytes = Self.bytes(hexadecimal: values[1]) else {
                return true
            }
            facts.rcLocal = ExactFile(sha256: value, bytes: bytes)
        default: return false
        }
        return true
    }

    /// Id, phase, time, owner, step, the step's line, whether its process lives.
    private static func transaction(_ values: [String]) -> StandingTransaction? {
        guard values.count == 7 else { return nil }
        return StandingTransaction(
            id: values[0], phase: .init(rawValue: values[1]) ?? .unclear, begun: Int(values[2]),
            owner: values[3], step: Int(values[4]) ?? 0, stepLine: values[5],
            isAlive: values[6] == "yes")
    }

    private mutating func takeServiceRecord(
        _ key: String, _ values: [String], of service: String
    ) {
        let value = values.first ?? ""
        var found = facts.services[service] ?? ServiceFacts()
        switch key {
        case "current": found.current = ReleaseID(value)
        case "release":
            release = ReleaseID(value)
            if let release { found.releases[release] = [] }
        case "file":
            if let release, values.count == 3 {
                found.releases[release]?.append(
                    InstalledFile(
                        path: values[2], sha256: values[0], mode: Self.mode(values[1])))
            }
        case "stored":
            if values.count == 2, let release = ReleaseID(value), let kibibytes = Int(values[1]),
                (0..<1 << 40).contains(kibibytes)
            {
                found.storedBytes[release] = kibibytes * 1024
            }
        case "unit.file": target = .unitFile
        case "replaced":
            if values.count == 4 {
                found.replaced.append(
                    ReplacedUnit(
                        name: values[0], loadState: values[1], unitFileState: values[2],
                        activeState: values[3]))
            }
        case "supervisor": found.supervisor = value
        case "process":
            if values.count == 4, let pid = Int(values[0]) {
                found.process = ProcessFacts(
                    pid: pid, startTime: Int(values[1]), executable: values[2],
                    workingDirectory: values[3])
            }
        case "listener":
            if let listener = Self.listener(values) { found.listeners.append(listener) }
        default:
            if key.hasPrefix("unit.") {
                found.unitProperties[String(key.dropFirst(5))] = value
            }
        }
        facts.services[service] = found
    }

    private mutating func begin(_ text: FileText) {
        switch target {
        case .nothing: break
        case .unitFile: if let service { facts.services[service]?.unitFile = text }
        case .config(let path):
            if let service, let release {
                facts.services[service]?.texts[release, default: [:]][path] = text
            }
        }
    }

    private mutating func takeText(_ line: String) {
        switch target {
        case .nothing: break
        case .unitFile: if let service { facts.services[service]?.unitFile?.lines.append(line) }
        case .config(let path):
            if let service, let release {
                facts.services[service]?.texts[release]?[path]?.lines.append(line)
            }
        }
    }

    /// `tcp/9999 0100007F` as transport/port and address, inode, pid, cgroup, command line.
    private static func listener(_ values: [String]) -> Listener? {
        guard values.count == 6 else { return nil }
        let claim = values[0].split(separator: "/")
        guard claim.count == 2, let port = Int(claim[1]), (1...65535).contains(port) else {
            return nil
        }
        return Listener(
            transport: String(claim[0]), port: port, pid: Int(values[3]), cgroup: values[4],
            commandLine: values[5])
    }

    private static func bytes(hexadecimal text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            let pair = String(decoding: digits[index...index + 1], as: UTF8.self)
            guard let byte = UInt8(pair, radix: 16) else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    /// Permission bits from `ls -l`'s ten characters, such as `-rwxr-xr-x`.
    static func mode(_ text: String) -> Int? {
        let letters = Array(text.utf8)
        guard letters.count == 10 else { return nil }
        var mode = 0
        for (index, letter) in letters.dropFirst().enumerated() {
            let bit = 1 << (8 - index)
            switch letter {
            case UInt8(ascii: "r"), UInt8(ascii: "w"), UInt8(ascii: "x"): mode |= bit
            case UInt8(ascii: "-"): break
            default: return nil
            }
        }
        return mode
    }
}
