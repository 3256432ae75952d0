import UnitFile

extension LintRule {
    /// Absolute paths that are not on the host.
    static let missingPath = LintRule(
        "missing-path", .error,
        explanation: "The service fails to start: the program, folder or file that it names is not"
            + " there.",
        source: "systemd.exec(5)", fix: "install the file, or correct the path"
    ) { context in
        context.units.filter { $0.name.kind == .service && $0.isLoaded }.flatMap { unit in
            named(in: unit).compactMap { path, setting in
                guard context.paths[path] == false else { return nil }
                return unit.hit(
                    setting, "\(setting.assignment.key)= names \(path), which is not there")
            }
        }
    }

    /// The absolute paths that must be there for a service to start, known in full.
    public static func namedPaths(in unit: LintUnit) -> [String] { named(in: unit).map(\.path) }

    private static func named(
        in unit: LintUnit
    ) -> [(path: String, setting: EffectiveUnit.Setting)] {
        var paths: [(path: String, setting: EffectiveUnit.Setting)] = []
        for (_, command, setting) in unit.commands where !command.ignoresFailure {
            paths.append((command.path, setting))
            let interpreted = ProgramName.identity(command)
            if let interpreted, interpreted != command.path { paths.append((interpreted, setting)) }
        }
        for key in ["EnvironmentFile", "WorkingDirectory", "RootDirectory"] {
            for setting in unit.unit.settings(of: key, in: "Service") {
                paths.append((setting.value, setting))
            }
        }
        let specifiers = Specifiers(unit.name, fragment: unit.unit.fragment)
        return paths.compactMap { path, setting in
            let expansion = specifiers.expand(path)
            let isKnown = expansion.unresolved.isEmpty && !expansion.text.contains("$")
            guard isKnown, expansion.text.hasPrefix("/"), !unit.name.isTemplate else { return nil }
            return (expansion.text, setting)
        }
    }
}
