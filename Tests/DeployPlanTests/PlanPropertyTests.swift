import DeployPlan
import Inventory
import RemoteOps
import TestSupport
import Testing

/// Plans on hosts in every state that the generator below can make up.
@Suite struct PlanPropertyTests {
    private static let runs = 600

    @Test(arguments: [Host.InitSystem.systemd, .rcLocal])
    func aPlanCarriedOutLeavesNothingToDo(initSystem: Host.InitSystem) {
        var random = SeededGenerator.fresh("aPlanCarriedOutLeavesNothingToDo")
        let host = Sample.host(initSystem)
        for run in 0..<Self.runs {
            let desired = Self.desired(initSystem, &random)
            var model = Self.model(desired, initSystem, &random)
            let before = model
            let plan = HostPlan.make(host: host, desired: desired, facts: model.facts(desired))
            #expect(plan.refusals == [])
            var kept = HostModel.Kept()
            model.stage(plan, desired)
            model.carryOut(plan.steps, plan, desired, &kept)
            let again = HostPlan.make(host: host, desired: desired, facts: model.facts(desired))
            guard again.isEmpty, Self.isRunning(desired, model) else {
                Issue.record("run \(run): \(before)\nsteps: \(plan.steps)\nagain: \(again)")
                return
            }
        }
    }

    @Test(arguments: [Host.InitSystem.systemd, .rcLocal])
    func undoLeadsBackFromAfterAnyStep(initSystem: Host.InitSystem) {
        var random = SeededGenerator.fresh("undoLeadsBackFromAfterAnyStep")
        let host = Sample.host(initSystem)
        for run in 0..<Self.runs {
            let desired = Self.desired(initSystem, &random)
            let before = Self.model(desired, initSystem, &random)
            let plan = HostPlan.make(host: host, desired: desired, facts: before.facts(desired))
            for count in 0...plan.steps.count {
                var model = before
                var kept = HostModel.Kept()
                model.stage(plan, desired)
                model.carryOut(plan.steps.prefix(count), plan, desired, &kept)
                model.carryOut(plan.undo, plan, desired, &kept)
                if let difference = Self.difference(model, from: before) {
                    Issue.record(
                        """
                        run \(run), after \(count) steps: \(difference)
                        steps: \(plan.steps)
                        undo: \(plan.undo)
                        before: \(before.essence)
                        undone: \(model.essence)
                        """)
                    return
                }
            }
        }
    }

    @Test func undoneTwiceIsUndoneOnce() {
        var random = SeededGenerator.fresh("undoneTwiceIsUndoneOnce")
        for _ in 0..<Self.runs {
            let desired = Self.desired(.systemd, &random)
            var model = Self.model(desired, .systemd, &random)
            let plan = HostPlan.make(
                host: Sample.host(), desired: desired, facts: model.facts(desired))
            var kept = HostModel.Kept()
            model.stage(plan, desired)
            model.carryOut(plan.steps, plan, desired, &kept)
            model.carryOut(plan.undo, plan, desired, &kept)
            let once = model
            model.carryOut(plan.undo, plan, desired, &kept)
            #expect(model == once)
        }
    }

    // MARK: What is compared

    private static func isRunning(_ desired: [DesiredService], _ model: HostModel) -> Bool {
        desired.allSatisfy { service in
            switch service.start {
            case .unit(let name, let text):
                model.units[name]?.process
                    == HostModel.Process(origin: .release(service.release), unit: text)
            case .supervisor:
                model.apps[service.name]?.supervised == .release(service.release)
            }
        }
    }

    /// How a host differs from the one before; what ran from files that were not current any more
    /// may run from the current ones instead.
    private static func difference(_ undone: HostModel, from before: HostModel) -> String? {
        let (undone, before, settled) = (undone.essence, before.essence, before.settled.essence)
        if undone.rcLocal != before.rcLocal { return "rc.local" }
        for name in Set(before.apps.keys).union(undone.apps.keys) {
            let (now, was) = (undone.apps[name], before.apps[name])
            if now?.current != was?.current { return "current of \(name)" }
            let possible = [was?.supervised, settled.apps[name]?.supervised]
            if !possible.contains(now?.supervised) { return "process of \(name)" }
        }
        for name in Set(before.units.keys).union(undone.units.keys) {
            let now = undone.units[name] ?? HostModel.Unit()
            let was = before.units[name] ?? HostModel.Unit()
            if now.file != was.file { return "file of \(name)" }
            if now.isEnabled != was.isEnabled { return "enablement of \(name)" }
            if now.loaded != was.loaded, now.loaded != was.file { return "what is read of \(name)" }
            let possible = [was.process, settled.units[name]?.process]
            if !possible.contains(now.process) { return "process of \(name)" }
        }
        return nil
    }

    // MARK: Hosts and wishes

    private static func desired(
        _ initSystem: Host.InitSystem, _ random: inout SeededGenerator
    ) -> [DesiredService] {
        ["app", "other"].prefix(Int.random(in: 1...2, using: &random)).map { name in
            guard initSystem == .systemd else {
                return Sample.supervised(Sample.service(name), program: "new \(name)")
            }
            let replaces = Bool.random(using: &random) ? ["old-\(name).service"] : []
            var text = Sample.unitText(
                name, replaces.map { "Conflicts=\($0)\nAfter=\($0)\n" }.joined())
            if Int.random(in: 0...5, using: &random) == 0 {
                text = String(text.prefix { $0 != "I" }) + "\n"
                text = text.replacing("\n[\n", with: "\n")
            }
            return Sample.desired(
                Sample.service(name, replaces: replaces), program: "new \(name)", unit: text)
        }
    }

    private static func model(
        _ desired: [DesiredService], _ initSystem: Host.InitSystem,
        _ random: inout SeededGenerator
    ) -> HostModel {
        var model = HostModel(isSystemd: initSystem == .systemd)
        for service in desired {
            model.apps[service.name] = app(service, &random)
            if case .unit(let name, let text) = service.start {
                model.units[name] = unit(service.name, text, model, &random)
            } else {
                let current = model.apps[service.name]?.current
                model.apps[service.name]?.supervised = supervised(current, &random)
            }
            for old in service.service.replaces {
                model.units[old] = replaced(old, model, service, &random)
            }
        }
        if initSystem == .rcLocal { model.rcLocal = rcLocal(desired, &random) }
        return model
    }

    private static func app(
        _ service: DesiredService, _ random: inout SeededGenerator
    ) -> HostModel.App {
        var app = HostModel.App()
        app.current = [nil, Sample.old, service.release].randomElement(using: &random) ?? nil
        app.releases[Sample.old] = Sample.installed([Sample.file("app", "old", mode: 0o755)])
        if app.current == service.release || Bool.random(using: &random) {
            var files = Sample.installed(service.manifest.files)
            switch Int.random(in: 0...3, using: &random) {
            case 0: files[0].sha256 = Sample.sha("rot")
            case 1: files.removeLast()
            default: break
            }
            app.releases[service.release] = files
        }
        return app
    }

    private static func supervised(
        _ current: ReleaseID?, _ random: inout SeededGenerator
    ) -> HostModel.Origin? {
        guard let current else { return nil }
        return [nil, .release(current), .release(Sample.older), .outside]
            .randomElement(using: &random) ?? nil
    }

    private static func unit(
        _ name: String, _ text: String, _ model: HostModel, _ random: inout SeededGenerator
    ) -> HostModel.Unit {
        let texts: [String?] = [
            nil, text, text, Sample.unitText(name), text + "Alias=x\n",
            "[Service]\nExecStart=/usr/bin/\(name)\n[Install]\nWantedBy=multi-user.target\n",
        ]
        var unit = HostModel.Unit()
        unit.file = texts.randomElement(using: &random) ?? nil
        guard let file = unit.file else { return unit }
        let isStale = Int.random(in: 0...3, using: &random) == 0
        unit.loaded = isStale ? Sample.unitText(name, "# older\n") : file
        unit.isEnabled = file.contains("[Install]") && Bool.random(using: &random)
        let current = model.apps[name]?.current
        let origins: [HostModel.Origin?] =
            file.contains(HostLayout.base)
            ? [nil] + (current.map { [.release($0), .release(Sample.older)] } ?? [])
            : [nil, .outside]
        unit.process = (origins.randomElement(using: &random) ?? nil).map {
            HostModel.Process(origin: $0, unit: file)
        }
        return unit
    }

    /// systemd never lets two run that conflict.
    private static func replaced(
        _ name: String, _ model: HostModel, _ service: DesiredService,
        _ random: inout SeededGenerator
    ) -> HostModel.Unit {
        var unit = HostModel.Unit()
        guard Int.random(in: 0...3, using: &random) > 0 else { return unit }
        let file = "[Service]\nExecStart=/usr/bin/\(name)\n[Install]\nWantedBy=multi-user.target\n"
        unit.file = file
        unit.loaded = file
        unit.isEnabled = Bool.random(using: &random)
        let other = model.units["\(service.name).service"]
        let conflicts = [other?.process?.unit, other?.loaded, other?.file].contains {
            $0?.contains("Conflicts=\(name)\n") == true
        }
        if Bool.random(using: &random), other?.process == nil || !conflicts {
            unit.process = HostModel.Process(origin: .outside, unit: file)
        }
        return unit
    }

    private static func rcLocal(
        _ desired: [DesiredService], _ random: inout SeededGenerator
    ) -> [UInt8]? {
        let lines = desired.map {
            "\(HostLayout.current($0.name))/supervise start || true # fleet:\($0.name)\n"
        }.joined()
        let texts = [
            nil, "", "#!/bin/sh\nexit 0\n", "#!/bin/sh\n\(lines)exit 0\n",
            "#!/bin/sh\nexit 0\n\(lines)", "#!/bin/sh -e\nif a; then exit 1; fi\n",
        ]
        return (texts.randomElement(using: &random) ?? nil).map { Array($0.utf8) }
    }
}
