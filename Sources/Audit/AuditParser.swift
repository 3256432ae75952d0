import PortHolders

/// Reads what `audit.sh` printed. The host is not trusted: a record that makes no sense is left out,
/// never guessed, and what is ambiguous counts as not read.
public struct AuditParser {
    /// Why the answer cannot be used.
    public enum Failure: Error, Sendable, Equatable {
        /// It does not begin as it must; its first line.
        case notAnAudit(String)
        /// It breaks off.
        case cutOff
    }

    /// Where `audit.sh` cuts the texts of files.
    private static let textLimit = 65_536

    private var facts = AuditFacts()

    /// The facts in the script's output.
    public static func parse(_ output: [UInt8]) throws(Failure) -> AuditFacts {
        let sections: AuditSections
        do throws(AuditSections.Failure) {
            sections = try AuditSections(output)
        } catch {
            switch error {
            case .notAnAudit(let line): throw .notAnAudit(line)
            case .cutOff: throw .cutOff
            }
        }
        var parser = AuditParser()
        for section in sections.sections { parser.take(section) }
        return parser.facts
    }

    private mutating func take(_ section: AuditSections.Section) {
        switch section.key {
        case "clock": facts.clock = Int(section.value)
        case "uid": facts.userID = Int(section.value)
        case "uptime": facts.uptime = Double(section.value)
        case "hertz": facts.hertz = Double(section.value) ?? facts.hertz
        case "init": facts.isSystemd = section.value == "systemd"
        case "unread": facts.unread.append(section.value)
        case "sockets": takeSockets(section)
        case "processes": takeProcesses(section)
        case "links": takeLinks(section.lines)
        case "descriptors": takeDescriptors(section.lines)
        case "file": takeFile(section)
        case "link": facts.links[section.value] = Self.text(section.lines.first ?? [])
        case "show": takeLoaded(section.body)
        case "unit-files": takeStates(section.lines)
        case "times": takeTimes(section.lines)
        case "ports": facts.portLines[section.value] = section.lines.map(Self.text)
        default: break
        }
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    private mutating func takeSockets(_ section: AuditSections.Section) {
        guard let proto = SocketProtocol.allCases.first(where: { $0.file == section.value }) else {
            return
        }
        facts.tables.insert(proto)
        facts.sockets += SocketTable.listening(Array(section.body), proto)
    }

    // MARK: Processes

    /// Parts of three: stat, cmdline, cgroup. A process that ended meanwhile has empty ones.
    private mutating func takeProcesses(_ section: AuditSections.Section) {
        let parts = section.parts.dropFirst()
        guard parts.count == (Int(section.value) ?? 0) * 3 else {
            facts.unread.append("processes: their records cannot be told apart")
            return
        }
        for index in stride(from: parts.startIndex, to: parts.endIndex, by: 3) {
            let stat = Array(parts[index])
            guard let start = PortProcess.startTicks(stat: stat),
                let pid = Int32(Self.text(stat.prefix { $0 != UInt8(ascii: " ") }))
            else { continue }
            let process = PortProcess(
                pid: pid, startTicks: start,
                arguments: PortProcess.arguments(cmdline: Array(parts[index + 1])),
                cgroup: Cgroup(Array(parts[index + 2])))
            facts.processes[pid] = AuditFacts.Process(core: process, parent: Self.parent(stat))
        }
    }

    /// The fourth field of /proc/PID/stat; 0 where it is none.
    private static func parent(_ stat: [UInt8]) -> Int32 {
        guard let close = stat.lastIndex(of: UInt8(ascii: ")")) else { return 0 }
        let words = stat[(close + 1)...].split(separator: UInt8(ascii: " "), maxSplits: 2)
        return words.count > 1 ? Int32(text(words[1])) ?? 0 : 0
    }

    /// `lrwxrwxrwx 1 1000 1000 0 Nov 21 15:02 /proc/680/exe -> /usr/bin/python3.11`. Two lines for one
    /// link are one too many: a path with a line end could have made the other.
    private mutating func takeLinks(_ lines: [ArraySlice<UInt8>]) {
        var seen: Set<String> = []
        var ambiguous: Set<String> = []
        for line in lines where line.first == UInt8(ascii: "l") {
            guard let link = ProcessLink(line), facts.processes[link.pid] != nil else { continue }
            let key = "\(link.pid)/\(link.name)"
            guard seen.insert(key).inserted else {
                ambiguous.insert(key)
                continue
            }
            take(link)
        }
        for key in ambiguous {
            facts.unread.append("/proc/\(key): it cannot be told where it leads")
            guard let pid = key.split(separator: "/").first.flatMap({ Int32($0) }) else { continue }
            if key.hasSuffix("exe") {
                facts.processes[pid]?.core.executable = nil
            } else {
                facts.processes[pid]?.folder = nil
            }
        }
    }

    private mutating func take(_ link: ProcessLink) {
        if link.name == "cwd" {
            facts.processes[link.pid]?.folder = link.target
            return
        }
        facts.processes[link.pid]?.core.uid = link.uid
        guard let target = link.target else { return }
        let mark = " (deleted)"
        let isDeleted = target.hasSuffix(mark)
        facts.processes[link.pid]?.core.isExecutableDeleted = isDeleted
        facts.processes[link.pid]?.core.executable =
            isDeleted ? String(target.dropLast(mark.count)) : target
    }

    private mutating func takeDescriptors(_ lines: [ArraySlice<UInt8>]) {
        for line in lines {
            let words = line.split(separator: UInt8(ascii: " "))
            guard words.count == 2, let pid = Int32(Self.text(words[0])),
                let inode = UInt64(Self.text(words[1]))
            else { continue }
            facts.holders[inode, default: []].append(pid)
        }
    }

    // MARK: Files and units

    private mutating func takeFile(_ section: AuditSections.Section) {
        if section.value == "/etc/passwd" {
            for line in section.lines {
                let parts = line.split(separator: UInt8(ascii: ":"), maxSplits: 3)
                guard parts.count == 4, let uid = UInt32(Self.text(parts[2])) else { continue }
                if facts.users[uid] == nil { facts.users[uid] = Self.text(parts[0]) }
            }
        } else {
            if section.body.count >= Self.textLimit {
                facts.unread.append("\(section.value): what is behind \(Self.textLimit) bytes")
            }
            facts.files[section.value] = Array(section.body)
        }
    }

    /// One paragraph a unit.
    private mutating func takeLoaded(_ body: ArraySlice<UInt8>) {
        var unit = AuditFacts.LoadedUnit(properties: [:])
        for line in body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if line.isEmpty {
                if !unit["Id"].isEmpty { facts.loaded[unit["Id"]] = unit }
                unit.properties = [:]
            } else if let equals = line.firstIndex(of: UInt8(ascii: "=")) {
                unit.properties[Self.text(line[..<equals])] = Self.text(line[(equals + 1)...])
            }
        }
        if !unit["Id"].isEmpty { facts.loaded[unit["Id"]] = unit }
    }

    private mutating func takeStates(_ lines: [ArraySlice<UInt8>]) {
        for line in lines {
            let words = line.split(separator: UInt8(ascii: " ")).map(Self.text)
            if words.count >= 2 { facts.fileStates[words[0]] = words[1] }
        }
    }

    private mutating func takeTimes(_ lines: [ArraySlice<UInt8>]) {
        for line in lines {
            guard let blank = line.firstIndex(of: UInt8(ascii: " ")),
                let time = Int(Self.text(line[..<blank]))
            else { continue }
            facts.times[Self.text(line[(blank + 1)...])] = time
        }
    }
}

/// A line of `ls -ldn` about /proc/PID/exe or cwd.
private struct ProcessLink {
    var pid: Int32
    var name: String
    var uid: UInt32?
    var target: String?

    init?(_ line: ArraySlice<UInt8>) {
        let text = String(decoding: line, as: UTF8.self)
        let halves = Self.halves(text)
        // The path has no blanks; the words before it are the owner's and the time's.
        let words = halves.head.split(separator: " ")
        guard words.count >= 6, let path = words.last?.split(separator: "/"), path.count >= 3,
            let pid = Int32(path[path.count - 2])
        else { return nil }
        let name = String(path[path.count - 1])
        guard name == "exe" || name == "cwd" else { return nil }
        self.pid = pid
        self.name = name
        uid = UInt32(words[2])
        target = halves.tail
    }

    private static func halves(_ text: String) -> (head: String, tail: String?) {
        let arrow = Array(" -> ".utf8)
        let bytes = Array(text.utf8)
        guard bytes.count >= arrow.count else { return (text, nil) }
        for index in 0...(bytes.count - arrow.count)
        where bytes[index..<(index + arrow.count)].elementsEqual(arrow) {
            return (
                String(decoding: bytes[..<index], as: UTF8.self),
                String(decoding: bytes[(index + arrow.count)...], as: UTF8.self)
            )
        }
        return (text, nil)
    }
}
