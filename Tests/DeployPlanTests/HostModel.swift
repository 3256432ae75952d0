import DeployPlan
import Inventory
import RemoteOps

/// A host as far as plans care: what its disk holds, what systemd has read, what runs. Steps change
/// it as the apply script changes a host.
struct HostModel: Equatable {
    /// What a process was started from.
    enum Origin: Equatable {
        case release(ReleaseID)
        case outside
    }

    struct Unit: Equatable {
        /// The file in /etc/systemd/system; nil where there is none.
        var file: String?
        /// What systemd has read.
        var loaded: String?
        var isEnabled = false
        /// What runs, by which unit text; nil where nothing does.
        var process: Process?
    }
    struct Process: Equatable {
        var origin: Origin
        var unit: String
    }
    struct App: Equatable {
        var current: ReleaseID?
        var releases: [ReleaseID: [InstalledFile]] = [:]
        /// What the supervisor runs; nil where nothing does.
        var supervised: Origin?
    }

    var isSystemd: Bool
    var apps: [String: App] = [:]
    var units: [String: Unit] = [:]
    var rcLocal: [UInt8]?

    // MARK: Facts

    func facts(_ desired: [DesiredService]) -> HostFacts {
        var facts = Sample.facts([])
        facts.isSystemd = isSystemd
        facts.rcLocal = isSystemd ? nil : rcLocal.map { ExactFile(sha256: hash($0), bytes: $0) }
        for service in desired {
            var found = ServiceFacts()
            let app = apps[service.name] ?? App()
            found.current = app.current
            // As the probe does: only the current release and the wanted one.
            for release in [app.current, service.release].compactMap({ $0 }) {
                found.releases[release] = app.releases[release]
            }
            switch service.start {
            case .unit(let name, _): addUnit(name, service, &found)
            case .supervisor:
                found.supervisor =
                    app.current == nil
                    ? nil : app.supervised == nil ? "stopped" : "running process=100"
                found.process = app.supervised.map { process($0, of: service.name) }
            }
            found.replaced = service.service.replaces.map { replaced($0) }
            facts.services[service.name] = found
        }
        return facts
    }

    private func addUnit(_ name: String, _ service: DesiredService, _ found: inout ServiceFacts) {
        let unit = units[name] ?? Unit()
        found.unitFile = unit.file.map(Sample.fileText)
        found.unitProperties = [
            "ActiveState": unit.process == nil ? "inactive" : "active",
            "UnitFileState": state(unit),
            "NeedDaemonReload": unit.loaded != unit.file ? "yes" : "no",
        ]
        found.process = unit.process.map { process($0.origin, of: service.name) }
    }

    private func process(_ origin: Origin, of service: String) -> ProcessFacts {
        switch origin {
        case .release(let release): Sample.process(service, release)
        case .outside:
            ProcessFacts(
                pid: 100, startTime: 1, executable: "/usr/bin/app", workingDirectory: "/")
        }
    }

    private func state(_ unit: Unit) -> String {
        guard let file = unit.file else { return "" }
        return unit.isEnabled ? "enabled" : file.contains("[Install]") ? "disabled" : "static"
    }

    private func replaced(_ name: String) -> ReplacedUnit {
        let unit = units[name] ?? Unit()
        return ReplacedUnit(
            name: name, loadState: unit.file == nil ? "not-found" : "loaded",
            unitFileState: state(unit), activeState: unit.process == nil ? "inactive" : "active")
    }

    private func hash(_ bytes: [UInt8]) -> String {
        Sample.sha(String(decoding: bytes, as: UTF8.self))
    }

    // MARK: Staging and steps

    /// What the staging script leaves: the wanted releases, whole.
    mutating func stage(_ plan: HostPlan, _ desired: [DesiredService]) {
        for (service, change) in zip(desired, plan.services) where change.transfer != nil {
            apps[service.name, default: App()].releases[service.release] =
                Sample.installed(service.manifest.files)
        }
    }

    /// Carries steps out; what was there before the first change is kept in `kept`, as on the host.
    mutating func carryOut(
        _ steps: some Sequence<Step>, _ plan: HostPlan, _ desired: [DesiredService],
        _ kept: inout Kept
    ) {
        for step in steps { carryOut(step, plan, desired, &kept) }
    }

    struct Kept {
        var units: [String: String?] = [:]
        var rcLocal: [UInt8]??
    }

    private mutating func carryOut(
        _ step: Step, _ plan: HostPlan, _ desired: [DesiredService], _ kept: inout Kept
    ) {
        switch step {
        case .switchRelease(let service, let release):
            apps[service, default: App()].current = release
        case .unlink(let service): apps[service]?.current = nil
        case .installUnit(_, _, let name):
            if kept.units[name] == nil { kept.units[name] = .some(units[name]?.file) }
            for case .unit(name, let text) in desired.map(\.start) {
                units[name, default: Unit()].file = text
            }
        case .placeUnit(let name):
            if kept.units[name] == nil { kept.units[name] = .some(units[name]?.file) }
            units[name, default: Unit()].file = plan.units[name]
        case .restoreUnit(let name):
            if let file = kept.units[name] { units[name, default: Unit()].file = file }
        case .installRcLocal(let before):
            precondition(before == rcLocal.map(hash), "the plan is made from what is there")
            if kept.rcLocal == nil { kept.rcLocal = .some(rcLocal) }
            rcLocal = plan.rcLocal?.after
        case .restoreRcLocal: if let file = kept.rcLocal { rcLocal = file }
        case .daemonReload:
            units = units.mapValues { unit in
                var unit = unit
                unit.loaded = unit.file
                return unit
            }
        case .enable(let name):
            if units[name]?.file?.contains("[Install]") == true { units[name]?.isEnabled = true }
        case .disable(let name): units[name]?.isEnabled = false
        case .restart(let name): restart(name)
        case .stop(let name): units[name]?.process = nil
        case .retire(let name):
            units[name]?.isEnabled = false
            units[name]?.process = nil
        case .supervisorRestart(let service):
            let current = apps[service]?.current
            apps[service]?.supervised = current.map { .release($0) }
        case .supervisorStop(let service):
            // By the supervisor of the current release; without one nothing can have been started.
            if apps[service]?.current != nil { apps[service]?.supervised = nil }
        case .steadyUnit, .steadySupervised, .tcp, .command, .gap, .listensUnit,
            .listensSupervised, .http, .file:
            break
        }
    }

    /// Starts a unit by the text that systemd has read; who conflicts with it stops.
    private mutating func restart(_ name: String) {
        guard let text = units[name]?.loaded else { return }
        let started = process(startedBy: text)
        units[name]?.process = started
        for other in Array(units.keys) where other != name {
            let theirs = units[other]?.loaded ?? ""
            if text.contains("Conflicts=\(other)\n") || theirs.contains("Conflicts=\(name)\n") {
                units[other]?.process = nil
            }
        }
    }

    private func process(startedBy text: String) -> Process? {
        for (service, app) in apps where text.contains(HostLayout.current(service) + "/") {
            return app.current.map { Process(origin: .release($0), unit: text) }
        }
        return text.contains(HostLayout.base)
            ? nil : Process(origin: .outside, unit: text)
    }

    /// The host as it would be if everything that runs were started again: what can be gone back to
    /// where a process ran from files that are not the current ones any more.
    var settled: HostModel {
        var host = self
        for (name, unit) in units {
            host.units[name]?.loaded = unit.file
            if unit.process != nil, let file = unit.file {
                host.units[name]?.process = process(startedBy: file)
            }
        }
        for (name, app) in apps where app.supervised != nil {
            host.apps[name]?.supervised = app.current.map { .release($0) }
        }
        return host
    }

    /// Releases that nobody uses do no harm, nor does a unit that systemd knows of without a file.
    var essence: HostModel {
        var host = self
        for name in apps.keys { host.apps[name]?.releases = [:] }
        for (name, app) in host.apps where app == App() { host.apps[name] = nil }
        for (name, unit) in units where unit == Unit() { host.units[name] = nil }
        return host
    }
}
