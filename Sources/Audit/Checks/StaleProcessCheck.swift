import PortHolders
import UnitLint

/// Services that still run what has been replaced on the disk.
enum StaleProcessCheck {
    private static let why =
        "What runs is not what is installed: the change has no effect until the next start."

    static func findings(_ view: AuditView) -> [Finding] {
        view.facts.processes.values.compactMap { process in
            guard case .service(let unit) = process.core.cgroup?.kind else { return nil }
            // Of the distribution's services only this is known.
            guard view.unitNames.contains(unit) else {
                return executable(process.core, unit, view)
            }
            return release(process, unit, view) ?? executable(process.core, unit, view)
                ?? script(process, unit, view)
        }
    }

    private static func executable(
        _ process: PortProcess, _ unit: String, _ view: AuditView
    ) -> Finding? {
        guard process.isExecutableDeleted else { return nil }
        return stale(
            "executable-replaced", process, unit,
            "runs an executable that has been replaced or removed: \(process.executable ?? "")",
            view)
    }

    /// A script is read at the start: the process is as old as it says.
    private static func script(
        _ process: AuditFacts.Process, _ unit: String, _ view: AuditView
    ) -> Finding? {
        guard let script = process.core.script, process.core.runs(AuditFacts.lastPart(script)),
            let started = view.facts.startTime(of: process.core)
        else { return nil }
        let path = script.hasPrefix("/") ? script : "\(process.folder ?? "")/\(script)"
        guard let changed = view.facts.times[path], changed > started + 1 else { return nil }
        return stale(
            "script-newer-than-process", process.core, unit,
            "was started \(changed - started) s before its script was changed: \(path)", view)
    }

    /// Its executable or working folder lies in a release that is not the current one.
    private static func release(
        _ process: AuditFacts.Process, _ unit: String, _ view: AuditView
    ) -> Finding? {
        for service in view.subject.services where service.unitName == unit {
            let base = "/opt/fleet/\(service.name.text)"
            guard let link = view.facts.links["\(base)/current"] else { continue }
            let current = AuditFacts.lastPart(link)
            let prefix = "\(base)/releases/"
            for path in [process.folder, process.core.executable].compactMap({ $0 })
            where path.hasPrefix(prefix) {
                let running = path.utf8.dropFirst(prefix.utf8.count).prefix { byte in
                    byte != UInt8(ascii: "/") && byte != UInt8(ascii: " ")
                }
                guard String(Substring(running)) != current else { continue }
                return stale(
                    "release-not-current", process.core, unit,
                    "runs release \(Substring(running)), and \(current) is installed", view)
            }
        }
        return nil
    }

    private static func stale(
        _ id: String, _ process: PortProcess, _ unit: String, _ what: String, _ view: AuditView
    ) -> Finding {
        let isController = view.isController(process)
        var found = view.finding(
            id, .processes, .warning, unit, "\(unit): process \(process.pid) \(what)", why: why,
            fix: isController
                ? "fleetctl deploy, which waits for the generator's gate"
                : "systemctl restart -- \(AuditView.word(unit))")
        found.evidence = view.evidence(process)
        return found
    }
}
