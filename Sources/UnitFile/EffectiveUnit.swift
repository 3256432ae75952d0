/// A unit as systemd sees it: its own file and its drop-ins, one behind the other.
public struct EffectiveUnit: Sendable, Equatable {
    /// One assignment and the file that it stands in.
    public struct Setting: Sendable, Equatable {
        /// The assignment.
        public var assignment: UnitFile.Assignment
        /// The file's path.
        public var path: String

        /// Its value.
        public var value: String { assignment.value }
        /// Its line in the file.
        public var line: Int { assignment.line }
    }

    /// One file of the unit.
    public struct Source: Sendable, Equatable {
        /// Where it lies.
        public var path: String
        /// What it says.
        public var file: UnitFile

        /// A file at a path.
        public init(path: String, file: UnitFile) {
            self.path = path
            self.file = file
        }
    }

    /// Whether systemd can load the unit.
    public enum State: Sendable, Equatable { case loaded, masked, notFound }

    /// Its name.
    public var name: UnitName
    /// Whether there is anything to load.
    public var state: State
    /// Its own file, where there is one, then its drop-ins in their order.
    public var sources: [Source]
    /// Where its own file lies.
    public var fragment: String?

    /// A unit of these files, the unit's own first.
    public init(
        name: UnitName, state: State = .loaded, sources: [Source], fragment: String? = nil
    ) {
        self.name = name
        self.state = state
        self.sources = sources
        self.fragment = fragment ?? sources.first?.path
    }

    /// Every assignment of sections that this kind of unit has.
    public var settings: [Setting] {
        let sections = UnitVocabulary.sections(of: name.kind)
        return sources.flatMap { source in
            source.file.assignments.filter { sections.contains($0.section) }
                .map { Setting(assignment: $0, path: source.path) }
        }
    }

    /// Dependencies add up; an empty one takes none away (systemd.unit(5)).
    static let accumulating: Set<String> = [
        "After", "Before", "BindsTo", "Conflicts", "JoinsNamespaceOf", "OnFailure", "OnSuccess",
        "PartOf", "PropagatesReloadTo", "PropagatesStopTo", "ReloadPropagatedFrom", "Requires",
        "RequiresMountsFor", "Requisite", "StopPropagatedFrom", "Upholds", "Wants",
    ]

    /// The assignments of a key that count: an empty one clears those before it.
    public func settings(of key: String, in section: String) -> [Setting] {
        let all = settings.filter {
            $0.assignment.section == section && $0.assignment.key == key
        }
        if section == "Unit", Self.accumulating.contains(key) {
            return all.filter { !$0.value.isEmpty }
        }
        let cleared = all.lastIndex { $0.value.isEmpty }
        return cleared.map { Array(all[($0 + 1)...]) } ?? all
    }

    /// The assignment of a key that takes one value; nil where it stands nowhere, or was cleared.
    public func setting(of key: String, in section: String) -> Setting? {
        settings(of: key, in: section).last
    }

    // MARK: Values with a type

    /// The value of a key that takes one.
    public func text(of key: String, in section: String) -> String? {
        setting(of: key, in: section)?.value
    }

    /// A list: each assignment adds words. One that cannot be split adds none.
    public func words(of key: String, in section: String) -> [String] {
        settings(of: key, in: section).flatMap { (try? UnitWords.split($0.value)) ?? [] }
    }

    /// A list with the assignment of each word, specifiers of the unit's name expanded. As above.
    public func names(of key: String, in section: String) -> [(name: String, setting: Setting)] {
        let specifiers = Specifiers(name, fragment: fragment)
        return settings(of: key, in: section).flatMap { setting in
            ((try? UnitWords.split(setting.value)) ?? []).map {
                (specifiers.expand($0).text, setting)
            }
        }
    }

    /// yes or no; nil where nothing, or nothing that means either, is set last.
    public func boolean(of key: String, in section: String) -> Bool? {
        text(of: key, in: section).flatMap(UnitBoolean.parse)
    }

    /// A time span; as systemd does, what is none does not count.
    public func span(of key: String, in section: String) -> UnitSpan? {
        settings(of: key, in: section).compactMap { UnitSpan($0.value) }.last
    }

    /// A size; what is none does not count.
    public func size(of key: String, in section: String) -> UnitSize? {
        settings(of: key, in: section).compactMap { UnitSize($0.value) }.last
    }

    /// The commands of `ExecStart=` and its like, with where they stand. Lines that are none are
    /// left out; `ExecCommand.parse` says why.
    public func commands(_ key: String) -> [(command: ExecCommand, setting: Setting)] {
        settings(of: key, in: "Service").flatMap { setting in
            ((try? ExecCommand.parse(setting.value)) ?? []).map { ($0, setting) }
        }
    }

    /// The variables of `Environment=`, a later one in place of an earlier.
    public var environment: [(name: String, value: String, setting: Setting)] {
        var variables: [(name: String, value: String, setting: Setting)] = []
        for (word, setting) in names(of: "Environment", in: "Service") {
            guard let equals = word.firstIndex(of: "="), equals != word.startIndex else { continue }
            let name = String(word[..<equals])
            variables.removeAll { $0.name == name }
            variables.append((name, String(word[word.index(after: equals)...]), setting))
        }
        return variables
    }
}
