import Inventory
import RemoteOps
import UnitFile

extension HostPlan {
    /// Programs without which the scripts cannot work, on any host.
    static let toolsNeeded = ["awk", "gzip", "sed", "sha256sum", "tar"]
    /// Room that must be left on the disk after a transfer, in bytes.
    public static let diskReserve = 4 << 20
    /// What a file takes at least, on nearly every file system.
    public static let diskBlock = 4096
    /// Files beside those of the releases: the scripts, folders, and what is saved for the way back.
    public static let filesReserve = 200

    /// The plan that brings a host from `facts` to `desired`.
    public static func make(
        host: Host, desired: [DesiredService], facts: HostFacts
    ) -> HostPlan {
        var plan = HostPlan(
            host: host.name, services: [], refusals: [], steps: [], undo: [], rcLocal: nil)
        plan.initSystem = host.initSystem
        plan.refuseUnfitHost(host, facts)
        var drafts: [ServiceDraft] = []
        for service in desired {
            let found = facts.services[service.name] ?? ServiceFacts()
            drafts.append(ServiceDraft(desired: service, found: found))
            plan.refuseHeldPorts(service, found)
        }
        plan.services = drafts.map(\.change)
        plan.refuseFullDisk(desired, facts)
        if host.initSystem == .rcLocal { plan.planRcLocal(desired, facts) }
        plan.order(drafts)
        if host.initSystem == .rcLocal { plan.planRecovery(desired, facts) }
        return plan
    }

    mutating func refuseUnfitHost(_ host: Host, _ facts: HostFacts) {
        if facts.userID != 0 { refusals.append(.notRoot(user: host.user)) }
        let missing = Self.toolsNeeded.filter { !facts.tools.contains($0) }
        if !missing.isEmpty { refusals.append(.toolsMissing(missing)) }
        if facts.isSystemd != (host.initSystem == .systemd) {
            refusals.append(.otherInit(expected: host.initSystem))
        }
    }

    private mutating func refuseHeldPorts(_ desired: DesiredService, _ found: ServiceFacts) {
        for listener in found.listeners where !desired.mayBeHeld(by: listener, found) {
            refusals.append(.portHeld(service: desired.name, listener))
        }
    }

    private mutating func refuseFullDisk(_ desired: [DesiredService], _ facts: HostFacts) {
        var bytes = 0
        var files = 0
        for (service, change) in zip(desired, services) {
            guard let transfer = change.transfer else { continue }
            files += transfer.sent.count
            for path in transfer.sent {
                let size = service.manifest[path: path]?.size ?? 0
                bytes += (size + Self.diskBlock - 1) / Self.diskBlock * Self.diskBlock
            }
        }
        guard files > 0 else { return }
        if let free = facts.diskFree, free < bytes + Self.diskReserve {
            refusals.append(
                .diskFull(
                    needed: bytes + Self.diskReserve, free: free,
                    removable: desired.reduce(0) { $0 + $1.removableBytes(facts) }))
        }
        if let free = facts.inodesFree, free < files + Self.filesReserve {
            refusals.append(.filesFull(needed: files + Self.filesReserve, free: free))
        }
    }

    /// One line in rc.local for each supervised service.
    private mutating func planRcLocal(_ desired: [DesiredService], _ facts: HostFacts) {
        if let file = facts.rcLocal, file.bytes.count >= ExactFile.sizeMax {
            refusals.append(.rcLocalUnreadable("it is longer than \(ExactFile.sizeMax) bytes"))
            return
        }
        let before = facts.rcLocal?.bytes
        var after = before
        for service in desired {
            do throws(RcLocalError) {
                after = try RcLocal.ensuring(
                    line: ServiceRenderer.rcLocalLine(service.name),
                    marker: ServiceRenderer.rcLocalMarker(service.name), in: after)
            } catch {
                refusals.append(.rcLocalUnreadable(error.reason))
                return
            }
        }
        guard let after, after != before else { return }
        rcLocal = RcLocalChange(
            sha256Before: facts.rcLocal?.sha256,
            before: before.map { String(decoding: $0, as: UTF8.self).lines }, after: after)
    }

    /// The line that takes an interrupted deploy back at boot, wherever there is anything to deploy.
    private mutating func planRecovery(_ desired: [DesiredService], _ facts: HostFacts) {
        guard !steps.isEmpty, refusals.isEmpty else { return }
        let before = facts.rcLocal?.bytes
        do throws(RcLocalError) {
            let hooked = try Self.withRecovery(in: before)
            guard hooked != before else { return }
            rcLocalHook = RcLocalChange(
                sha256Before: facts.rcLocal?.sha256,
                before: before.map { String(decoding: $0, as: UTF8.self).lines }, after: hooked)
            guard rcLocal != nil else { return }
            rcLocal?.after = try Self.withRecovery(
                in: try Self.withLines(of: desired, in: hooked))
        } catch {
            refusals.append(.rcLocalUnreadable(error.reason))
        }
    }

    private static func withRecovery(in script: [UInt8]?) throws(RcLocalError) -> [UInt8] {
        try RcLocal.ensuring(
            line: HostLayout.recoverLine, marker: HostLayout.recoverMarker,
            above: ServiceRenderer.rcLocalMarker(""), in: script)
    }

    private static func withLines(
        of desired: [DesiredService], in script: [UInt8]
    ) throws(RcLocalError) -> [UInt8] {
        var script = script
        for service in desired {
            script = try RcLocal.ensuring(
                line: ServiceRenderer.rcLocalLine(service.name),
                marker: ServiceRenderer.rcLocalMarker(service.name), in: script)
        }
        return script
    }

    /// All steps in the order in which a host may take them: what stands in the way goes first,
    /// then files, then processes, then the look whether they work.
    private mutating func order(_ drafts: [ServiceDraft]) {
        if let rcLocal { steps.append(.installRcLocal(sha256Before: rcLocal.sha256Before)) }
        steps += drafts.flatMap(\.retire) + drafts.flatMap(\.files)
        if drafts.contains(where: \.needsReload) { steps.append(.daemonReload) }
        steps += drafts.flatMap(\.start) + drafts.flatMap(\.checks)
        guard !steps.isEmpty else { return }
        undo = drafts.flatMap(\.undoStop) + drafts.flatMap(\.undoFiles)
        if rcLocal != nil { undo.append(.restoreRcLocal) }
        if drafts.contains(where: \.needsReload) { undo.append(.daemonReload) }
        undo += drafts.flatMap(\.undoStart)
    }
}

extension DesiredService {
    /// Room that releases take which are neither the wanted one nor in use.
    fileprivate func removableBytes(_ facts: HostFacts) -> Int {
        guard let found = facts.services[name] else { return 0 }
        let used = [release, found.current, found.process?.release(of: name)]
        return found.storedBytes.reduce(0) { $0 + (used.contains($1.key) ? 0 : $1.value) }
    }

    /// Whether a listener on one of the service's ports is the service itself, or something that
    /// the plan takes away.
    func mayBeHeld(by listener: Listener, _ found: ServiceFacts) -> Bool {
        if let pid = listener.pid, pid == found.process?.pid { return true }
        guard let unit = listener.unit else { return false }
        if case .unit(let name, _) = start, unit == name { return true }
        return service.replaces.contains(unit)
    }
}

extension RcLocalError {
    /// The error in words.
    var reason: String {
        switch self {
        case .tooLarge: "it is too large"
        case .notText: "it is no text"
        case .dosLineEnds: "its lines end in CR LF; no shell runs that"
        case .notShell(let interpreter): "it is run by '\(interpreter)', not by a shell"
        }
    }
}
