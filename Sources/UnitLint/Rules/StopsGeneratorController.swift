import UnitFile

extension LintRule {
    /// A unit that can stop the generator's controller.
    static let stopsGeneratorController = LintRule(
        "stops-generator-controller", .error,
        explanation: "A stop of the controller switches a running generator off, and the start of"
            + " some other unit is no reason for that.",
        source: "systemd.unit(5), Conflicts=, PartOf=, BindsTo=",
        fix: "take the dependency or the command away; deploys go through the generator gate"
    ) { context in
        context.controllers.flatMap { controller in
            ownDependencies(of: controller, context)
                + context.units.filter { $0.isLoaded && $0.name != controller.name }
                .flatMap { stops($0, controller) }
        }
    }

    /// What the controller's own unit ties its life to.
    private static func ownDependencies(
        of controller: LintUnit, _ context: LintContext
    ) -> [LintHit] {
        let tied = ["PartOf", "BindsTo", "Requires", "StopPropagatedFrom"].flatMap { key in
            controller.unit.names(of: key, in: "Unit").filter { !$0.name.hasSuffix(".target") }
                .map { name, setting in
                    controller.hit(
                        setting, "\(key)=\(name): a stop of \(name) stops the controller")
                }
        }
        // Conflicts work both ways; a unit that is gone or disabled does not start.
        let conflicts = controller.unit.names(of: "Conflicts", in: "Unit").compactMap {
            name, setting -> LintHit? in
            guard context.unit(name)?.mayRun == true else { return nil }
            return controller.hit(
                setting, "Conflicts=\(name): a start of \(name) stops the controller")
        }
        return tied + conflicts
    }

    private static func stops(_ unit: LintUnit, _ controller: LintUnit) -> [LintHit] {
        let name = controller.name.text
        let named = ["Conflicts", "PropagatesStopTo"].flatMap { key in
            unit.unit.names(of: key, in: "Unit").filter { $0.name == name }.map {
                unit.hit($0.setting, "\(key)=\(name) stops the generator's controller")
            }
        }
        let commands = unit.commands.compactMap { key, command, setting -> LintHit? in
            let words = ProgramName.words(command)
            guard stops(words, controller) else { return nil }
            return unit.hit(setting, "\(key)= stops the generator's controller \(name)")
        }
        return named + commands
    }

    /// Whether words are a `systemctl stop` or a `pkill` of the controller.
    private static func stops(_ words: [String], _ controller: LintUnit) -> Bool {
        let names = [controller.name.text, controller.name.stem]
        let verbs = [
            "stop", "restart", "try-restart", "kill", "reload-or-restart", "isolate", "disable",
        ]
        if let index = words.map(ProgramName.last).firstIndex(where: {
            $0 == "systemctl" || $0 == "service"
        }) {
            let rest = words[(index + 1)...]
            if rest.contains(where: verbs.contains), rest.contains(where: names.contains) {
                return true
            }
        }
        guard pattern(in: words) != nil else { return false }
        let lines = controller.unit.commands("ExecStart").map { command, _ in
            command.argv.joined(separator: " ")
        }
        return words.contains { word in
            let name = ProgramName.last(of: word)
            return name.utf8.count > 2 && !word.hasPrefix("-")
                && pattern(in: [word]) == nil && lines.contains { $0.contains(name) }
        }
    }
}
