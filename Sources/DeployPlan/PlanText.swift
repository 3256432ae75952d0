import RemoteOps

extension HostPlan {
    /// How a line of a plan is meant, for colour.
    public enum Emphasis: Sendable, Equatable { case heading, plain, added, removed, warning }

    /// The plan for people: what changes, with diffs, and what will be done.
    public var text: [(line: String, emphasis: Emphasis)] {
        var lines: [(String, Emphasis)] = []
        if isEmpty, refusals.isEmpty, services.allSatisfy(\.notes.isEmpty) {
            return [("\(host): nothing to do", .plain)]
        }
        lines.append(("\(host):", .heading))
        lines += refusals.map { ("  refused: \($0.text)", .warning) }
        for change in services where !change.isEmpty || !change.notes.isEmpty {
            lines += change.text
        }
        if let rcLocal = rcLocal ?? rcLocalHook {
            lines +=
                TextChange(
                    name: "/etc/rc.local", before: rcLocal.before,
                    after: String(decoding: rcLocal.after, as: UTF8.self).lines
                ).text
        }
        if !steps.isEmpty {
            lines.append(("  steps:", .plain))
            lines += steps.enumerated().map { ("    \($0.offset + 1). \($0.element.text)", .plain) }
        }
        return lines
    }
}

extension ServiceChange {
    /// Whether the service is as it must be.
    public var isEmpty: Bool {
        from == to && transfer == nil && restart == nil && repairs.isEmpty && texts.isEmpty
    }

    var text: [(String, HostPlan.Emphasis)] {
        let release =
            from == to ? "release \(to)" : "release \(from?.text ?? "none") → \(to)"
        var lines: [(String, HostPlan.Emphasis)] = [("  \(service): \(release)", .heading)]
        for file in files {
            switch file.kind {
            case .added:
                lines.append(
                    ("    + \(file.path) (\(file.sizeText)\(file.hashAfter ?? ""))", .added))
            case .changed:
                let hashes = "\(file.hashBefore ?? "") → \(file.hashAfter ?? "")"
                lines.append(("    ~ \(file.path) (\(file.sizeText)\(hashes))", .plain))
            case .removed: lines.append(("    - \(file.path)", .removed))
            }
        }
        if let transfer {
            lines.append(
                (
                    "    \(transfer.sent.count) \(transfer.sent.count == 1 ? "file" : "files") to send, "
                        + "\(transfer.reused.count) already on the host", .plain
                ))
        }
        lines += texts.flatMap(\.text)
        lines += repairs.map { ("    \($0)", .plain) }
        lines += notes.map { ("    \($0)", .warning) }
        if let restart { lines.append(("    restart: \(restart.rawValue)", .plain)) }
        return lines
    }
}

extension TextChange {
    var text: [(String, HostPlan.Emphasis)] {
        let diff = LineDiff.unified(before ?? [], after)
        guard !diff.isEmpty else { return [] }
        let head = before == nil ? "\(name) (new)" : name
        return [("    \(head)", .plain)]
            + diff.map { line in
                switch line.first {
                case "+": ("      " + line, .added)
                case "-": ("      " + line, .removed)
                default: ("      " + line, .plain)
                }
            }
    }
}

extension FileChange {
    /// Ends in a comma and a blank; empty where the size is not known.
    var sizeText: String {
        guard let size else { return "" }
        if size < 10_000 { return "\(size) bytes, " }
        return size < 10 << 20 ? "\(size >> 10) KiB, " : "\(size >> 20) MiB, "
    }
}

extension Refusal {
    /// The refusal in words, with what to do.
    public var text: String {
        switch self {
        case .notRoot(let user):
            "user \(user) cannot become root there; set `sudo:` for the host in the inventory"
        case .toolsMissing(let tools): "the host lacks \(tools.joined(separator: ", "))"
        case .otherInit(let expected):
            "the inventory says `init: \(expected.rawValue)`, but the host "
                + (expected == .systemd ? "does not run systemd" : "runs systemd")
        case .portHeld(let service, let listener):
            "port \(listener.port)/\(listener.transport), which \(service) needs, is held by "
                + listener.holderText
        case .diskFull(let needed, let free, let removable):
            "/opt/fleet has \(free >> 10) KiB free, \(needed >> 10) KiB are needed"
                + (removable == 0
                    ? ""
                    : "; older releases take up to \(removable >> 10) KiB, of which "
                        + "`fleetctl releases --prune --keep 0` removes what can go")
        case .filesFull(let needed, let free):
            "/opt/fleet has room for \(free) more files, \(needed) are needed"
        case .notDeployed(let service):
            "\(service) has no release there for its unit to start; `fleetctl deploy` brings both"
        case .rcLocalUnreadable(let why): "/etc/rc.local cannot be changed safely: \(why)"
        case .noPreviousRelease(let service):
            "\(service) has no release there from before the current one; "
                + "`fleetctl releases \(service)` lists what there is, --to names one"
        case .releaseMissing(let service, let release):
            "release \(release) of \(service) is not there; "
                + "`fleetctl releases \(service)` lists what there is"
        case .releaseDamaged(let service, let release):
            "release \(release) of \(service) is damaged: its files are not those that it is "
                + "named after; deploy it anew from its commit"
        case .releaseWithoutUnit(let service, let release):
            "release \(release) of \(service) holds no unit to start it by"
        }
    }
}

extension Listener {
    /// Who holds the socket, as far as it is known, and what to do about it.
    var holderText: String {
        guard let pid else {
            return "a process that cannot be seen; look with `ss -lntup` on the host"
        }
        let who = "pid \(pid)" + (commandLine.isEmpty ? "" : " (\(commandLine))")
        guard let unit else { return "\(who), outside any unit; stop it first" }
        if unit.hasSuffix(".scope") {
            return "\(who), an orphan in \(unit), outside any service; stop it first"
        }
        return "\(who) of \(unit); name that unit in `replaces:`, or give one of them another port"
    }
}
