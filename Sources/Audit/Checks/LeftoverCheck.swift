import UnitLint

/// Files that nobody needs any more, and that mislead the next who looks.
enum LeftoverCheck {
    private static let endings = [
        ".bak", ".old", ".orig", ".save", ".disabled", ".dpkg-old", ".dpkg-dist", ".swp", "~",
    ]

    static func findings(_ view: AuditView) -> [Finding] {
        units(view) + copies(view) + folders(view)
    }

    /// Unit files of replaced services.
    private static func units(_ view: AuditView) -> [Finding] {
        view.subject.services.flatMap { service in
            service.replaces.compactMap { name in
                let path = "/etc/systemd/system/\(name)"
                guard view.facts.files[path] != nil else { return nil }
                var found = found(
                    path, "is the unit of \(name), which \(service.name.text) has replaced", view)
                found.fix =
                    "look at it, then rm -- \(AuditView.word(path)) && systemctl daemon-reload"
                found.severity = severity(name, view)
                return found
            }
        }
    }

    /// A unit that is off does nothing until somebody starts it; then its commands may still kill
    /// the service that took its place.
    private static func severity(_ name: String, _ view: AuditView) -> LintSeverity {
        let isHarmless = view.units.contains {
            $0.unit.name.text == name && $0.enablement == .disabled && !$0.killsByPattern
        }
        return isHarmless ? .note : .warning
    }

    /// Copies beside units, which systemd does not read and people do.
    private static func copies(_ view: AuditView) -> [Finding] {
        view.facts.files.keys.compactMap { path in
            guard path.hasPrefix("/etc/systemd/system/"), endings.contains(where: path.hasSuffix)
            else { return nil }
            return found(path, "is a copy that systemd does not read", view)
        }
    }

    /// Releases of services that are no longer the host's.
    private static func folders(_ view: AuditView) -> [Finding] {
        view.facts.links.keys.compactMap { path in
            let folder = AuditFacts.folder(path)
            guard AuditFacts.lastPart(path) == "current",
                AuditFacts.folder(folder) == "/opt/fleet",
                !view.subject.services.contains(where: {
                    $0.name.text == AuditFacts.lastPart(folder)
                })
            else { return nil }
            return found(folder, "belongs to no service that the inventory has here", view)
        }
    }

    private static func found(_ path: String, _ what: String, _ view: AuditView) -> Finding {
        var found = view.finding(
            "leftover", .drift, .warning, path, "\(path) \(what)",
            why: "Whoever looks later takes it for what is in use, or starts it again.",
            fix: "look at it, then rm -r -- \(AuditView.word(path))")
        found.evidence.path = path
        return found
    }
}
