import UnitFile
import UnitLint

/// Units that are to start at boot and are not there, or are masked.
enum EnablementCheck {
    static func findings(_ view: AuditView) -> [Finding] {
        // Without the list of units nothing is known to be absent.
        guard !view.facts.fileStates.isEmpty else { return [] }
        return view.facts.links.keys.compactMap { path in
            let folder = AuditFacts.folder(path)
            guard path.hasPrefix("/etc/systemd/system/"),
                folder.hasSuffix(".wants") || folder.hasSuffix(".requires"),
                let name = UnitName(AuditFacts.lastPart(path))
            else { return nil }
            let word = AuditView.word(name.text)
            let state =
                view.facts.fileStates[name.text]
                ?? name.template.flatMap { view.facts.fileStates[$0.text] }
            let isLoaded = view.facts.loaded[name.text].map { $0["LoadState"] == "loaded" } ?? false
            switch state {
            case "masked"?, "masked-runtime"?:
                // Masking what one does not want is usual; a service of ours is wanted.
                return found(
                    "enabled-but-masked", view.unitNames.contains(name.text) ? .error : .note,
                    name.text, path, "is enabled, and masked",
                    "systemctl disable -- \(word), or systemctl unmask -- \(word)", view)
            case nil where !isLoaded:
                return found(
                    "enabled-but-absent", .warning, name.text, path,
                    "is enabled, and there is no such unit",
                    "rm -- \(AuditView.word(path))", view)
            default: return nil
            }
        }
    }

    private static func found(
        _ id: String, _ severity: LintSeverity, _ unit: String, _ path: String, _ what: String,
        _ fix: String, _ view: AuditView
    ) -> Finding {
        var found = view.finding(
            id, .units, severity, unit, "\(unit) \(what)",
            why: "What is meant to start at boot does not, and nothing says so.", fix: fix)
        found.evidence.unit = unit
        found.evidence.path = path
        found.evidence.detail = view.facts.links[path].map { "leads to \($0)" }
        return found
    }
}
