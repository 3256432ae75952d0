import Inventory
import UnitLint

/// The four layers that can drift apart: the repository, the files on the host, what systemd has
/// loaded, what runs. `StaleProcessCheck` looks at the last.
enum DriftCheck {
    static func findings(_ view: AuditView) -> [Finding] {
        guard view.subject.host.initSystem == .systemd, view.facts.isSystemd else {
            return board(view)
        }
        return view.subject.services.flatMap { service in
            if isMasked(service, view) { return [masked(service, view)] }
            return installed(service, view) + loaded(service, view)
        }
    }

    /// A board has supervisors in place of units.
    private static func board(_ view: AuditView) -> [Finding] {
        view.subject.services.compactMap { service in
            let path = "/opt/fleet/\(service.name.text)/current"
            guard view.facts.links[path] == nil, !isUnread(path, view) else { return nil }
            return found(
                "service-not-installed", .error, service, "\(service.name.text) is not installed",
                path, view)
        }
    }

    private static func isMasked(_ service: Service, _ view: AuditView) -> Bool {
        view.facts.fileStates[service.unitName]?.hasPrefix("masked") == true
    }

    private static func masked(_ service: Service, _ view: AuditView) -> Finding {
        var found = found(
            "service-masked", .error, service,
            "\(service.unitName) is masked: nothing can start it",
            "/etc/systemd/system/\(service.unitName)", view)
        found.fix = "systemctl unmask -- \(service.unitName), then \(found.fix)"
        return found
    }

    private static func isUnread(_ path: String, _ view: AuditView) -> Bool {
        view.facts.unread.contains { path.hasPrefix($0) }
    }

    private static func installed(_ service: Service, _ view: AuditView) -> [Finding] {
        let path = "/etc/systemd/system/\(service.unitName)"
        guard let bytes = view.facts.files[path] else {
            if isUnread(path, view) { return [] }
            let found = found(
                "unit-not-installed", .error, service, "\(service.unitName) is not installed",
                path, view)
            return [mendable(found, service, view)]
        }
        guard let wanted = view.subject.renderedUnits[service.name.text] else { return [] }
        let (there, here) = (lines(bytes), lines(Array(wanted.utf8)))
        guard !there.elementsEqual(here, by: { $0.elementsEqual($1) }) else { return [] }
        let difference = firstDifference(there, here)
        var found = found(
            "unit-differs", .warning, service,
            "\(service.unitName) is not what the inventory and Units/ say", path, view)
        found.evidence.line = difference.line
        found.evidence.detail = "\(difference.there) ≠ \(difference.wanted)"
        return [mendable(found, service, view)]
    }

    /// A line end more or less at the end is no difference; `units install` makes none of it either.
    private static func lines(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    /// The finding with what `--fix` does about the unit.
    private static func mendable(
        _ finding: Finding, _ service: Service, _ view: AuditView
    ) -> Finding {
        var found = finding
        (found.fix, found.remedy, found.controller) = view.installing(service)
        return found
    }

    private static func firstDifference(
        _ there: [ArraySlice<UInt8>], _ wanted: [ArraySlice<UInt8>]
    ) -> (line: Int, there: String, wanted: String) {
        let count = min(there.count, wanted.count)
        let index = (0..<count).first { !there[$0].elementsEqual(wanted[$0]) } ?? count
        func text(_ lines: [ArraySlice<UInt8>]) -> String {
            index < lines.count ? String(decoding: lines[index].prefix(200), as: UTF8.self) : ""
        }
        return (index + 1, text(there), text(wanted))
    }

    private static func loaded(_ service: Service, _ view: AuditView) -> [Finding] {
        guard let unit = view.facts.loaded[service.unitName] else { return [] }
        var findings: [Finding] = []
        let name = service.unitName
        if unit["NeedDaemonReload"] == "yes" {
            var stale = found(
                "unit-not-reloaded", .warning, service,
                "\(name) was changed on the disk, and systemd has not read it since",
                unit["FragmentPath"], view)
            stale = mendable(stale, service, view)
            stale.fix = "systemctl daemon-reload"
            findings.append(stale)
        }
        if unit["LoadState"] == "loaded", !unit["UnitFileState"].isEmpty,
            !unit["UnitFileState"].hasPrefix("enabled")
        {
            var off = found(
                "service-not-enabled", .error, service,
                "\(name) is \(unit["UnitFileState"]): it does not start at boot",
                unit["FragmentPath"], view)
            off.fix = "systemctl enable -- \(name)"
            findings.append(off)
        }
        for path in unit["DropInPaths"].split(separator: " ").map(String.init)
        where path.hasPrefix("/etc/") || path.hasPrefix("/run/") {
            var foreign = found(
                "unit-has-drop-in", .warning, service,
                "\(path) changes \(name), and no deploy knows of it", path, view)
            foreign.fix = "move what it says to Units/\(name), then rm -- \(AuditView.word(path))"
            findings.append(foreign)
        }
        return findings
    }

    private static func found(
        _ id: String, _ severity: LintSeverity, _ service: Service, _ what: String, _ path: String,
        _ view: AuditView
    ) -> Finding {
        var found = view.finding(
            id, .drift, severity, service.unitName, what,
            why:
                "What the repository says is not what the host does; the next start may differ from"
                + " this one.", fix: "fleetctl deploy --service \(service.name.text)")
        if let unit = view.facts.loaded[service.unitName] {
            found.evidence = UnitStateCheck.evidence(unit)
        }
        found.evidence.unit = service.unitName
        found.evidence.path = path
        return found
    }
}
