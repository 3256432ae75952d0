/// The unit files of a host, and how systemd puts a unit together from them (systemd.unit(5), Unit
/// File Load Path).
public struct UnitTree: Sendable {
    /// What lies at a path.
    public enum Entry: Sendable, Equatable {
        case file(UnitFile)
        /// A link, as it is written.
        case link(String)
    }

    /// The folders of the system manager, the strongest first.
    public static let systemFolders = [
        "/etc/systemd/system.control", "/run/systemd/system.control", "/run/systemd/transient",
        "/run/systemd/generator.early", "/etc/systemd/system", "/etc/systemd/system.attached",
        "/run/systemd/system", "/run/systemd/system.attached", "/run/systemd/generator",
        "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system",
        "/run/systemd/generator.late",
    ]

    /// More links than this in a row lead nowhere.
    private static let linkLimit = 8

    private let folders: [String]
    private var entries: [String: Entry] = [:]

    /// An empty tree.
    ///
    /// - Parameter folders: where units are looked for, the strongest first.
    public init(folders: [String] = UnitTree.systemFolders) { self.folders = folders }

    /// Adds what lies at an absolute path.
    public mutating func add(_ entry: Entry, at path: String) { entries[path] = entry }

    /// A unit's own file and drop-ins as systemd finds them.
    public func unit(_ name: UnitName) -> EffectiveUnit {
        var names: [UnitName] = [name]
        var state = EffectiveUnit.State.notFound
        var own: EffectiveUnit.Source?
        for candidate in [name] + (name.template.map { [$0] } ?? []) {
            guard let found = find(candidate) else { continue }
            state = found.source == nil ? .masked : .loaded
            own = found.source
            let real = own.flatMap { UnitName(Self.lastPart($0.path)) }
            names += (found.names + aliases(of: real)).filter {
                $0.isTemplate == name.isTemplate && $0 != name
            }
            break
        }
        guard state != .masked else {
            return EffectiveUnit(name: name, state: .masked, sources: [])
        }
        let sources = (own.map { [$0] } ?? []) + dropIns(of: names)
        return EffectiveUnit(name: name, state: state, sources: sources, fragment: own?.path)
    }

    /// The file of a name in the strongest folder that has one; no source where it is masked.
    /// Links to units of other names make those names of this unit too.
    private func find(_ name: UnitName) -> (source: EffectiveUnit.Source?, names: [UnitName])? {
        var path: String?
        var names: [UnitName] = []
        var wanted = name
        for _ in 0..<Self.linkLimit {
            guard let place = path ?? place(of: wanted) else { return nil }
            switch entries[place] {
            case nil: return nil
            case .file(let file):
                return (file.bytes.isEmpty ? nil : .init(path: place, file: file), names)
            case .link("/dev/null"): return (nil, names)
            case .link(let target):
                let full = Self.joined(target, from: place)
                if let other = UnitName(Self.lastPart(full)), other != wanted {
                    names.append(other)
                    wanted = other
                }
                // A name of the load path is looked up anew: a stronger folder may have it.
                path = folders.contains(Self.folder(full)) ? nil : full
                if path == nil, place == self.place(of: wanted) { return nil }
            }
        }
        return nil
    }

    /// The names in the load path that lead to a unit's file.
    private func aliases(of real: UnitName?) -> [UnitName] {
        let links = entries.keys.filter { path in
            guard case .link = entries[path] else { return false }
            return folders.contains(Self.folder(path))
        }
        return links.sorted().compactMap { path in
            guard let name = UnitName(Self.lastPart(path)), name != real, let real,
                let found = find(name)?.source, UnitName(Self.lastPart(found.path)) == real
            else { return nil }
            return name
        }
    }

    private func place(of name: UnitName) -> String? {
        folders.map { "\($0)/\(name.text)" }.first { entries[$0] != nil }
    }

    /// Drop-ins by file name; of equal names the strongest folder's one counts.
    private func dropIns(of names: [UnitName]) -> [EffectiveUnit.Source] {
        var kindFolders: [String] = []
        var ordered: [String] = []
        for name in names {
            let own = name.dropInFolders.dropLast()
            ordered += folders.flatMap { folder in own.map { "\(folder)/\($0)" } }
            kindFolders = folders.map { "\($0)/\(name.kind.rawValue).d" }
        }
        var chosen: [String: String] = [:]
        let byFolder = Dictionary(grouping: entries.keys, by: Self.folder)
        for folder in ordered + kindFolders {
            for path in byFolder[folder] ?? [] where path.hasSuffix(".conf") {
                let file = Self.lastPart(path)
                if chosen[file] == nil { chosen[file] = path }
            }
        }
        return chosen.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            .compactMap { _, path in
                resolved(path).map { EffectiveUnit.Source(path: path, file: $0) }
            }
    }

    /// A drop-in's file; nil where it is empty or leads to /dev/null, which masks it.
    private func resolved(_ path: String) -> UnitFile? {
        var path = path
        for _ in 0..<Self.linkLimit {
            switch entries[path] {
            case nil: return nil
            case .file(let file): return file.bytes.isEmpty ? nil : file
            case .link(let target): path = Self.joined(target, from: path)
            }
        }
        return nil
    }

    // MARK: Paths

    private static func lastPart(_ path: String) -> String {
        String(Substring(path.utf8.split(separator: UInt8(ascii: "/")).last ?? "".utf8[...]))
    }

    private static func folder(_ path: String) -> String {
        String(path.dropLast(lastPart(path).count + 1))
    }

    private static func joined(_ target: String, from path: String) -> String {
        if target.hasPrefix("/") { return target }
        var parts = folder(path).split(separator: "/").map(String.init)
        for part in target.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(String(part)) }
        }
        return "/" + parts.joined(separator: "/")
    }
}
