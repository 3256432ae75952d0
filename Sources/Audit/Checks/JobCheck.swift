import UnitFile
import UnitLint

/// Timers, cron tables and boot scripts that stop or start services behind systemd's back, or by
/// its back door.
enum JobCheck {
    private static let verbs: Set<String> = [
        "start", "stop", "restart", "try-restart", "reload-or-restart", "kill", "disable",
    ]
    private static let killers: Set<String> = ["pkill", "killall", "killall5", "skill", "slay"]
    private static let places = [
        "/etc/cron", "/etc/anacrontab", "/var/spool/cron/", "/etc/rc.local", "/etc/inittab",
    ]

    private struct Target {
        var unit: String
        var stem: String
        var programs: [String]
    }

    static func findings(_ view: AuditView) -> [Finding] {
        let targets = targets(view)
        return timers(view, targets) + tables(view, targets)
    }

    private static func targets(_ view: AuditView) -> [Target] {
        var targets = view.subject.services.map {
            Target(unit: $0.unitName, stem: $0.name.text, programs: $0.programs)
        }
        for unit in view.units where unit.unit.name.kind == .service {
            let name = unit.unit.name
            guard !targets.contains(where: { $0.unit == name.text }) else { continue }
            // A unit that runs the distribution's `sleep` makes no other `sleep` its business.
            let programs = unit.programs.filter { path in
                !OrphanCheck.distribution.contains(where: path.hasPrefix)
            }.map(AuditFacts.lastPart)
            targets.append(Target(unit: name.text, stem: name.stem, programs: programs))
        }
        return targets
    }

    private static func timers(_ view: AuditView, _ targets: [Target]) -> [Finding] {
        view.units.filter { $0.unit.name.kind == .timer && $0.unit.state == .loaded }.flatMap {
            timer -> [Finding] in
            let started =
                timer.unit.text(of: "Unit", in: "Timer") ?? timer.unit.name.stem + ".service"
            guard let unit = view.units.first(where: { $0.unit.name.text == started }) else {
                return []
            }
            return unit.commandWords.compactMap { words in
                touched(by: words, targets.filter { $0.unit != started }).map { what in
                    var found = found("timer-touches-service", timer.unit.name.text, what, view)
                    found.evidence.unit = started
                    found.evidence.path = unit.unit.fragment
                    found.evidence.command = words.joined(separator: " ")
                    return found
                }
            }
        }
    }

    private static func tables(_ view: AuditView, _ targets: [Target]) -> [Finding] {
        let signs = Set(" \t;|&()`\"'{}$".utf8)
        return view.facts.files.flatMap { path, bytes -> [Finding] in
            guard places.contains(where: path.hasPrefix) else { return [] }
            let lines = bytes.split(
                separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            return lines.enumerated().compactMap { index, line in
                let words = line.split { signs.contains($0) }.map {
                    String(decoding: $0, as: UTF8.self)
                }
                guard let first = words.first, !first.hasPrefix("#"),
                    let what = touched(by: words, targets)
                else { return nil }
                // fleetctl's own line in rc.local starts its supervisor.
                if path == "/etc/rc.local", words.contains(where: { $0.hasPrefix("/opt/fleet/") }) {
                    return nil
                }
                var found = found("job-touches-service", path, what, view)
                found.evidence.path = path
                found.evidence.line = index + 1
                found.evidence.command = String(decoding: line.prefix(300), as: UTF8.self)
                return found
            }
        }
    }

    private static func found(
        _ id: String, _ subject: String, _ what: String, _ view: AuditView
    ) -> Finding {
        view.finding(
            id, .units, .warning, subject, "\(subject) \(what)",
            why: "Services stop or start at odd times, and orphans are made, for reasons that no"
                + " journal of theirs shows.",
            fix: id == "timer-touches-service"
                ? "systemctl disable --now -- \(AuditView.word(subject)), or take the command out of it"
                : "take the line out of \(subject)")
    }

    /// What a command does to a service; nil where it does nothing to any.
    private static func touched(by words: [String], _ targets: [Target]) -> String? {
        let names = words.map(AuditFacts.lastPart)
        if let index = names.firstIndex(where: { $0 == "systemctl" || $0 == "service" }) {
            let rest = names[(index + 1)...]
            guard let verb = rest.first(where: verbs.contains) else { return nil }
            return targets.first { rest.contains($0.unit) || rest.contains($0.stem) }.map {
                "runs \(names[index]) \(verb) \($0.unit)"
            }
        }
        let target = targets.first { target in
            target.programs.contains { names.contains($0) }
        }
        guard let target else { return nil }
        if let killer = names.first(where: killers.contains) {
            return "kills \(target.unit)'s program by \(killer)"
        }
        return "starts \(target.unit)'s program by itself"
    }
}
