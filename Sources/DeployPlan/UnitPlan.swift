import Inventory
import RemoteOps

/// A unit as it must be on a host, whichever release it starts.
public struct DesiredUnit: Sendable, Equatable {
    /// The service as the inventory has it.
    public var service: Service
    /// The unit's name on the host.
    public var name: String
    /// Its whole text.
    public var text: String

    /// A unit from its parts.
    public init(service: Service, name: String, text: String) {
        self.service = service
        self.name = name
        self.text = text
    }

    /// The word that asks the probe about it; no release but the current one is asked about.
    public var probeWord: String {
        let replaced = service.replaces.isEmpty ? "-" : service.replaces.joined(separator: ",")
        return [service.name.text, name, "-", "-", replaced].joined(separator: ":")
    }
}

/// What an installation does with units that run already.
public enum UnitRestart: Sendable, Equatable {
    /// They go on as they were started.
    case never
    /// Where the unit changed, it is restarted.
    case whereChanged
}

extension HostPlan {
    /// The plan that brings units alone from `facts` to what is wanted: what lies on the disk, what
    /// systemd has loaded, what is enabled. What a person must decide is noted.
    public static func units(
        host: Host, desired: [DesiredUnit], facts: HostFacts, restart: UnitRestart = .never
    ) -> HostPlan {
        var plan = HostPlan(
            host: host.name, services: [], refusals: [], steps: [], undo: [], rcLocal: nil)
        plan.initSystem = host.initSystem
        plan.refuseUnfitHost(host, facts)
        var drafts: [UnitDraft] = []
        for unit in desired {
            let found = facts.services[unit.service.name.text] ?? ServiceFacts()
            guard let release = found.current else {
                plan.refusals.append(.notDeployed(service: unit.service.name.text))
                continue
            }
            let draft = UnitDraft(unit, found, release, restart)
            drafts.append(draft)
            if draft.isPlaced { plan.units[unit.name] = unit.text }
        }
        plan.services = drafts.map(\.change)
        plan.steps = drafts.flatMap(\.files)
        if drafts.contains(where: \.needsReload) { plan.steps.append(.daemonReload) }
        plan.steps += drafts.flatMap(\.start)
        guard !plan.steps.isEmpty else { return plan }
        plan.undo = drafts.flatMap(\.undoFiles)
        if drafts.contains(where: \.needsReload) { plan.undo.append(.daemonReload) }
        plan.undo += drafts.flatMap(\.undoStart)
        return plan
    }
}

/// The part of such a plan that belongs to one unit.
private struct UnitDraft {
    var change: ServiceChange
    var files: [Step] = []
    var start: [Step] = []
    var undoFiles: [Step] = []
    var undoStart: [Step] = []
    var needsReload = false
    var isPlaced = false

    init(_ unit: DesiredUnit, _ found: ServiceFacts, _ release: ReleaseID, _ restart: UnitRestart) {
        change = ServiceChange(
            service: unit.service.name.text, from: release, to: release, files: [], texts: [],
            repairs: [])
        let properties = found.unitProperties
        let place = "/etc/systemd/system/\(unit.name)"
        let wanted = unit.text.lines
        if found.unitFile?.lines != wanted {
            change.texts.append(
                TextChange(name: place, before: found.unitFile?.lines, after: wanted))
            files.append(.placeUnit(unit.name))
            undoFiles.append(.restoreUnit(unit.name))
            isPlaced = true
            needsReload = true
        } else if properties["NeedDaemonReload"] == "yes" {
            needsReload = true
            change.repairs.append(
                "systemd has an older \(unit.name) loaded than the one on the disk")
        }
        if properties["UnitFileState"] != "enabled", wanted.contains("[Install]") {
            files.append(.enable(unit.name))
            undoFiles.insert(.disable(unit.name), at: 0)
            needsReload = true
            change.repairs.append("\(unit.name) is enabled")
        }
        let isActive = properties["ActiveState"] == "active"
        if isActive, needsReload, restart == .whereChanged {
            change.restart = .unitChanged
            start.append(.restart(unit.name))
            start += unit.service.gapSteps(change.restart)
            start += unit.service.healthSteps(unit: unit.name)
            undoStart.append(.restart(unit.name))
        } else if isActive, isPlaced {
            change.notes.append("it runs on as it was started; --restart restarts it")
        }
        note(unit, found, place, isActive)
    }

    private mutating func note(
        _ unit: DesiredUnit, _ found: ServiceFacts, _ place: String, _ isActive: Bool
    ) {
        let properties = found.unitProperties
        if let dropIns = properties["DropInPaths"], !dropIns.isEmpty {
            change.notes.append("drop-ins change it on the host: \(dropIns)")
        }
        if let fragment = properties["FragmentPath"], !fragment.isEmpty, fragment != place {
            change.notes.append("systemd has \(fragment) loaded, not \(place)")
        }
        if !isActive {
            change.notes.append("it is \(properties["ActiveState"] ?? "unknown")")
        } else if found.process?.release(of: change.service) != found.current {
            change.notes.append("it runs another release than the current one")
        }
        for old in found.replaced where old.isInTheWay {
            change.notes.append("\(old.name), whose place it takes, is still there")
        }
    }
}
