import Inventory
import PortHolders
import RemoteOps
import UnitFile
import UnitLint

/// What the checks look at: facts and inventory, joined once.
struct AuditView {
    var facts: AuditFacts
    var subject: AuditSubject
    /// The operator's own units on the host, with what is known of each.
    var units: [LintUnit]
    /// The names of those units and of the services' own.
    var unitNames: Set<String>
    /// Processes that the rc.local supervisor has started.
    var supervised: [HolderJudge.Supervised]

    var host: String { subject.host.name.text }

    init(_ facts: AuditFacts, _ subject: AuditSubject) {
        self.facts = facts
        self.subject = subject
        units = facts.ownUnits.filter { !$0.name.isTemplate }.map { unit in
            LintUnit(
                unit, enablement: Self.enablement(of: unit.name.text, facts),
                declared: Self.declaration(of: unit.name.text, subject))
        }
        unitNames = Set(units.map(\.unit.name.text) + subject.services.map(\.unitName))
        supervised = Self.supervised(facts)
    }

    private static func enablement(
        of unit: String, _ facts: AuditFacts
    ) -> LintUnit.Enablement {
        // What runs now is in the way, whether or not it starts at boot.
        let state = facts.loaded[unit]?["ActiveState"] ?? "inactive"
        if ["active", "activating", "reloading"].contains(state) { return .enabled }
        guard let file = facts.fileStates[unit] else { return .unknown }
        if file.hasPrefix("enabled") { return .enabled }
        return ["disabled", "masked"].contains(file) ? .disabled : .unknown
    }

    private static func declaration(
        of unit: String, _ subject: AuditSubject
    ) -> LintUnit.Declaration? {
        subject.services.first { $0.unitName == unit }.map {
            LintUnit.Declaration(
                ports: $0.ports, replaces: $0.replaces, stopTime: $0.stopTimeout,
                controlsGenerator: $0.controlsGenerator)
        }
    }

    private static func supervised(_ facts: AuditFacts) -> [HolderJudge.Supervised] {
        facts.files.compactMap { path, bytes in
            guard path.hasPrefix("/run/fleet/"), path.hasSuffix("/process") else { return nil }
            let words = bytes.split { $0 == 0x20 || $0 == 0x0A }.map {
                String(decoding: $0, as: UTF8.self)
            }
            guard words.count >= 2, let pid = Int32(words[0]), let start = UInt64(words[1]) else {
                return nil
            }
            return HolderJudge.Supervised(
                service: AuditFacts.lastPart(AuditFacts.folder(path)), pid: pid, startTicks: start)
        }
    }

    // MARK: Findings

    func finding(
        _ id: String, _ aspect: Finding.Aspect, _ severity: LintSeverity, _ subject: String,
        _ what: String, why: String, fix: String
    ) -> Finding {
        Finding(
            id: id, aspect: aspect, host: host, severity: severity, subject: subject, what: what,
            why: why, fix: fix)
    }

    /// What is known of a process.
    func evidence(_ process: PortProcess) -> Evidence {
        var evidence = Evidence()
        evidence.pid = process.pid
        evidence.startTicks = process.startTicks
        evidence.startTime = facts.startTime(of: process)
        evidence.executable = process.executable
        evidence.command = String(
            decoding: process.arguments.joined(separator: " ").utf8.prefix(Evidence.commandMax),
            as: UTF8.self)
        evidence.user = process.uid.map { facts.users[$0] ?? String($0) }
        evidence.cgroup = process.cgroup?.path
        if case .service(let name) = process.cgroup?.kind { evidence.unit = name }
        return evidence
    }

    /// What `--fix` may do, with the commands for people.
    typealias Mending = (fix: String, remedy: Finding.Remedy?, controller: Controller?)

    /// The command that ends a process, and what `--fix` may do about it.
    func stopping(_ process: PortProcess) -> Mending {
        let look: Mending = (Self.look(at: process), nil, nil)
        guard let executable = process.executable, isPlaced(process) else { return look }
        let identity = ProcessIdentity(
            pid: process.pid, startTicks: process.startTicks, executable: executable)
        // What cannot be said in a word for the host's shell is for a person.
        guard FixPlan.Step.stop(identity, .limited).word != nil else { return look }
        let fix = "fleetctl audit processes --fix --host \(host)"
        switch care(of: process) {
        case .none: return (fix, .stopProcess(identity), nil)
        case .ask(let controller): return (fix, .stopProcess(identity), controller)
        case .never: return look
        }
    }

    static func look(at process: PortProcess) -> String {
        "look at it: ps -p \(process.pid) -o pid,user,lstart,cgroup,args"
    }

    /// Whether the place of a process is known well enough to end it: below systemd everything has
    /// one, and what seems to have none may be some service's.
    private func isPlaced(_ process: PortProcess) -> Bool {
        switch process.cgroup?.kind {
        case .service, .session, .userManager: true
        case .root, nil: !facts.isSystemd
        case .scope, .unknown: false
        }
    }

    /// Starting a unit that gave up: only the inventory's own.
    func starting(_ unit: String) -> (remedy: Finding.Remedy?, controller: Controller?) {
        guard subject.services.contains(where: { $0.unitName == unit }) else { return (nil, nil) }
        switch care(ofUnit: unit) {
        case .none: return (.startUnit(unit), nil)
        case .ask(let controller): return (.startUnit(unit), controller)
        case .never: return (nil, nil)
        }
    }

    /// A command that stops and disables a unit, and what `--fix` may do: only units that the
    /// inventory has replaced.
    func disabling(_ unit: String) -> Mending {
        let fix = "systemctl disable --now -- \(Self.word(unit))"
        let doesKill = units.contains { $0.unit.name.text == unit && $0.killsByPattern }
        let isWanted = subject.services.contains { $0.unitName == unit }
        guard !isWanted, let service = subject.services.first(where: { $0.replaces.contains(unit) })
        else { return (fix, nil, nil) }
        // Until its successor is there it does the work.
        guard isThere(service) else {
            return ("fleetctl deploy --service \(service.name.text)", nil, nil)
        }
        let remedy = Finding.Remedy.disableUnit(unit, withoutStopCommands: doesKill)
        switch care(ofUnit: unit) {
        case .none: return (fix, remedy, nil)
        case .ask(let controller): return (fix, remedy, controller)
        case .never: return (fix, nil, nil)
        }
    }

    private func isThere(_ service: Service) -> Bool {
        facts.links["/opt/fleet/\(service.name.text)/current"] != nil
            || facts.files["/etc/systemd/system/\(service.unitName)"] != nil
    }

    /// Installing a service's unit, where there is a release that it can start.
    func installing(_ service: Service) -> Mending {
        let name = service.name.text
        guard facts.links["/opt/fleet/\(name)/current"] != nil else {
            return ("fleetctl deploy --service \(name)", nil, nil)
        }
        let fix = "fleetctl units install \(name)"
        let remedy = Finding.Remedy.installUnit(
            service.unitName, of: service.name, start: isOwedStart(service.unitName))
        switch care(ofUnit: service.unitName) {
        case .none: return (fix, remedy, nil)
        case .ask(let controller): return (fix, remedy, controller)
        case .never: return (fix, nil, nil)
        }
    }

    /// Whether a unit should run and does not by itself: it is new, gave up or goes round in circles.
    /// One that is there and rests has been stopped by somebody.
    private func isOwedStart(_ unit: String) -> Bool {
        guard let loaded = facts.loaded[unit], loaded["LoadState"] == "loaded" else { return true }
        // Between two rounds it may be up for a moment.
        return loaded["ActiveState"] == "failed" || loaded["SubState"] == "auto-restart"
            || UnitStateCheck.restarts(of: loaded) >= UnitStateCheck.restartsMax
    }

    /// Text of a host as one word for a command that people may copy.
    static func word(_ text: String) -> String {
        ShellWord.quoted(text.replacing("\0", with: "?"))
    }
}
