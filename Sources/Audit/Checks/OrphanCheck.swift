import PortHolders
import UnitLint

/// A service's program that runs outside of any service: started in a login session, below a user's
/// manager, by cron.
enum OrphanCheck {
    /// What the distribution brings is run by many, for many reasons.
    static let distribution = ["/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/lib/"]

    /// A program and whose it is.
    private struct Program {
        var name: String
        /// The whole path where only that will do.
        var path: String?
        var unit: String
    }

    static func findings(_ view: AuditView) -> [Finding] {
        let programs = programs(view)
        var launchers: [String: Bool] = [:]
        return view.facts.processes.values.compactMap { process in
            let core = process.core
            // Most processes are some service's own.
            if case .service(let name) = core.cgroup?.kind {
                let known = launchers[name] ?? isLauncher(name)
                launchers[name] = known
                if !known { return nil }
            }
            for program in programs where core.runs(program.name) {
                guard program.path == nil || isAt(program.path, process) else { continue }
                let judge = HolderJudge(
                    unit: program.unit, program: program.name, supervised: view.supervised)
                guard case .orphan(let place) = judge.verdict(core) else { continue }
                return orphan(core, program, place, view)
            }
            return nil
        }
    }

    /// Cron and its like start programs for others; HolderJudge decides about those.
    private static func isLauncher(_ name: String) -> Bool {
        HolderJudge(unit: "", program: "x").verdict(
            PortProcess(
                pid: 1, startTicks: 0, executable: "/x",
                cgroup: Cgroup(path: Array("/system.slice/\(name)".utf8)[...]))
        ) == .orphan(startedIn: name)
    }

    private static func programs(_ view: AuditView) -> [Program] {
        var programs = view.subject.services.flatMap { service in
            service.programs.map { Program(name: $0, unit: service.unitName) }
        }
        for unit in view.units where unit.unit.name.kind == .service {
            for path in unit.programs
            where path.hasPrefix("/") && !distribution.contains(where: path.hasPrefix) {
                let name = AuditFacts.lastPart(path)
                guard !programs.contains(where: { $0.name == name && $0.path == nil }) else {
                    continue
                }
                programs.append(Program(name: name, path: path, unit: unit.unit.name.text))
            }
        }
        return programs
    }

    /// Whether the program lies there; a script's path may be relative to the working folder.
    private static func isAt(_ path: String?, _ process: AuditFacts.Process) -> Bool {
        if process.core.executable == path { return true }
        guard let script = process.core.script else { return false }
        if script.hasPrefix("/") { return script == path }
        guard let folder = process.folder else { return false }
        let plain = script.hasPrefix("./") ? String(Substring(script.utf8.dropFirst(2))) : script
        return "\(folder)/\(plain)" == path
    }

    private static func orphan(
        _ process: PortProcess, _ program: Program, _ place: String, _ view: AuditView
    ) -> Finding {
        let (fix, remedy, controller) = view.stopping(process)
        var found = view.finding(
            "orphan", .processes, .error, program.name,
            "process \(process.pid) runs \(program.name) outside any service; it was started in"
                + " \(place)",
            why:
                "systemd neither sees nor stops it; it holds what \(program.unit) needs and outlives"
                + " the logout.", fix: fix)
        found.evidence = view.evidence(process)
        found.remedy = remedy
        found.controller = controller
        return found
    }
}
