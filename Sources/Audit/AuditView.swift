import Inventory
import PortHolders
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

    /// The command that ends a process, and what `--fix` may do about it.
    func stopping(_ process: PortProcess) -> (fix: String, remedy: Finding.Remedy?) {
        guard let executable = process.executable, !isController(process), isPlaced(process) else {
            return ("look at it: ps -p \(process.pid) -o pid,user,lstart,cgroup,args", nil)
        }
        let identity = ProcessIdentity(
            pid: process.pid, startTicks: process.startTicks, executable: executable)
        return ("fleetctl audit processes --fix --host \(host)", .stopProcess(identity))
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

    /// Whether a process writes the generator's relays, whoever started it.
    func isController(_ process: PortProcess) -> Bool {
        ["gen-server", "generator_server.py"].contains { process.runs($0) }
            || subject.services.contains { service in
                service.controlsGenerator && service.programs.contains { process.runs($0) }
            }
    }

    /// Starting a unit that gave up: only the inventory's own, and never a controller.
    func starting(_ unit: String) -> Finding.Remedy? {
        let service = subject.services.first { $0.unitName == unit }
        return service.map { !$0.controlsGenerator } == true ? .startUnit(unit) : nil
    }

    /// A command that stops and disables a unit, and what `--fix` may do: only units that the
    /// inventory has replaced, and never a controller of the generator.
    func disabling(_ unit: String) -> (fix: String, remedy: Finding.Remedy?) {
        let isController = units.contains {
            $0.unit.name.text == unit && $0.isGeneratorController
        }
        let doesKill = units.contains { $0.unit.name.text == unit && $0.killsByPattern }
        let isReplaced = subject.services.contains { $0.replaces.contains(unit) }
        let isWanted = subject.services.contains { $0.unitName == unit }
        return (
            "systemctl disable --now -- \(unit)",
            isReplaced && !isController && !isWanted
                ? .disableUnit(unit, withoutStopCommands: doesKill) : nil
        )
    }
}
