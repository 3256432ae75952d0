/// A unit's name, such as `getty@tty1.service` (systemd.unit(5)).
public struct UnitName: Sendable, Hashable {
    /// What a unit is, by the ending of its name.
    public enum Kind: String, Sendable, CaseIterable {
        case service, socket, target, device, mount, automount, swap, timer, path, slice, scope
    }

    /// UNIT_NAME_MAX, in bytes.
    public static let lengthLimit = 255

    /// The whole name.
    public let text: String
    /// What the unit is.
    public let kind: Kind
    /// What stands before the `@`, or the ending.
    public let prefix: String
    /// What stands between `@` and the ending: nil where there is no `@`, empty for a template.
    public let instance: String?

    /// A name; nil where systemd takes it for none.
    public init?(_ text: String) {
        guard let dot = text.utf8.lastIndex(of: UInt8(ascii: ".")),
            let kind = Kind(rawValue: String(text[text.utf8.index(after: dot)...])),
            text.utf8.count <= Self.lengthLimit
        else { return nil }
        let stem = text[..<dot]
        let at = stem.utf8.firstIndex(of: UInt8(ascii: "@"))
        let prefix = String(stem[..<(at ?? stem.endIndex)])
        guard !prefix.isEmpty, stem.utf8.allSatisfy(Self.isNameByte) else { return nil }
        self.text = text
        self.kind = kind
        self.prefix = prefix
        instance = at.map { String(stem[stem.utf8.index(after: $0)...]) }
    }

    /// Whether instances are made from it.
    public var isTemplate: Bool { instance?.isEmpty == true }

    /// The template of an instance; nil for other units.
    public var template: UnitName? {
        guard let instance, !instance.isEmpty else { return nil }
        return UnitName("\(prefix)@.\(kind.rawValue)")
    }

    /// The name without its ending.
    public var stem: String { String(text.dropLast(kind.rawValue.count + 1)) }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: ":"), UInt8(ascii: "-"),
            UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "\\"), UInt8(ascii: "@"):
            true
        default: false
        }
    }

    /// A part of a name with systemd's escapes undone (systemd-escape(1)): `-` is `/`, `\x2d` a
    /// byte; nil where an escape is broken.
    public static func unescaped(_ text: String) -> String? {
        var bytes: [UInt8] = []
        var rest = Substring(text).utf8
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "-"): bytes.append(UInt8(ascii: "/"))
            case UInt8(ascii: "\\"):
                guard rest.popFirst() == UInt8(ascii: "x"), rest.count >= 2,
                    let value = UInt8(String(Substring(rest.prefix(2))), radix: 16)
                else { return nil }
                bytes.append(value)
                rest = rest.dropFirst(2)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

extension UnitName {
    /// The folders' names, without a path, whose `*.conf` apply to this unit, the most specific
    /// first: its own, its template's, those of its name cut at each dash, and its kind's.
    public var dropInFolders: [String] {
        var folders: [String] = []
        collectFolders(&folders)
        folders.append("\(kind.rawValue).d")
        var seen: Set<String> = []
        return folders.filter { seen.insert($0).inserted }
    }

    private func collectFolders(_ folders: inout [String]) {
        folders.append("\(text).d")
        template?.collectFolders(&folders)
        guard let shorter = truncated else { return }
        shorter.collectFolders(&folders)
    }

    /// `foo-.service` for `foo-bar.service`; a dash at the end is taken off first.
    private var truncated: UnitName? {
        var bytes = Array(prefix.utf8)
        let dash = UInt8(ascii: "-")
        if bytes.last == dash { bytes.removeLast() }
        guard let index = bytes.lastIndex(of: dash), index > 0 else { return nil }
        let short = String(decoding: bytes[...index], as: UTF8.self)
        let instance = instance.flatMap { $0.isEmpty ? nil : "@\($0)" } ?? ""
        return UnitName("\(short)\(instance).\(kind.rawValue)")
    }
}
