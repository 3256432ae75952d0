/// What could not be looked at, so that nobody takes it for clean.
enum UnreadCheck {
    static func findings(_ view: AuditView) -> [Finding] {
        view.facts.unread.map { what in
            var found = view.finding(
                "not-read", aspect(what), .warning, what, "could not be read: \(what)",
                why: "Nothing is known of it: there may be findings that nobody sees.",
                fix: view.facts.isPartial
                    ? "audit as root, as the inventory's sudo: says" : "look at it on the host")
            found.evidence.path = what.hasPrefix("/") ? what : nil
            return found
        }
    }

    private static func aspect(_ what: String) -> Finding.Aspect {
        if what.hasPrefix("/proc/net/") || what.hasPrefix("descriptors") { return .ports }
        if what.hasPrefix("process") || what.hasPrefix("/proc/") { return .processes }
        return .units
    }
}
