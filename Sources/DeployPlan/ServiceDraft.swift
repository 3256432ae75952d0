import Inventory
import RemoteOps

/// The part of a host's plan that belongs to one service.
struct ServiceDraft {
    var change: ServiceChange
    /// Steps by phase, in the order of the phases.
    var retire: [Step] = []
    var files: [Step] = []
    var start: [Step] = []
    var checks: [Step] = []
    /// What leads back: what must stop, then files, then, behind a reload, what must run again.
    var undoStop: [Step] = []
    var undoFiles: [Step] = []
    var undoStart: [Step] = []
    /// Whether systemd must read its units again.
    var needsReload = false

    private let desired: DesiredService
    private let found: ServiceFacts

    init(desired: DesiredService, found: ServiceFacts) {
        self.desired = desired
        self.found = found
        change = ServiceChange(
            service: desired.name, from: found.current, to: desired.release, files: [], texts: [],
            repairs: [])
        compareFiles()
        planFiles()
        switch desired.start {
        case .unit(let name, let text): planUnit(name, text)
        case .supervisor: planSupervisor()
        }
    }

    /// Whether the wanted release is on the host, whole.
    private var isIntact: Bool {
        guard let installed = found.releases[desired.release] else { return false }
        let wanted = desired.manifest.files.map {
            InstalledFile(path: $0.path, sha256: $0.sha256, mode: $0.mode)
        }
        return Set(installed) == Set(wanted)
    }

    private mutating func compareFiles() {
        let current = found.current.flatMap { found.releases[$0] } ?? []
        let before = Dictionary(
            current.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        if found.current != desired.release || !isIntact {
            change.files = FileChange.between(before, desired.manifest)
        }
        for (path, text) in desired.configTexts.sorted(by: { $0.key < $1.key }) {
            let old = found.configTexts[path]?.lines
            let new = text.lines
            if old != new { change.texts.append(TextChange(name: path, before: old, after: new)) }
        }
    }

    private mutating func planFiles() {
        if !isIntact {
            change.transfer = Transfer(desired.manifest, from: found.releases)
            if found.current == desired.release { change.restart = .damaged }
        }
        guard found.current != desired.release else { return }
        files.append(.switchRelease(service: desired.name, to: desired.release))
        if let before = found.current {
            undoFiles.append(.switchRelease(service: desired.name, to: before))
        } else {
            undoFiles.append(.unlink(service: desired.name))
        }
    }

    private mutating func planUnit(_ unit: String, _ text: String) {
        let properties = found.unitProperties
        for old in found.replaced where old.isInTheWay {
            retire.append(.retire(old.name))
            change.repairs.append("\(old.name) is stopped and disabled: \(unit) takes its place")
            if old.unitFileState.hasPrefix("enabled") {
                undoFiles.append(.enable(old.name))
                needsReload = true
            }
            if old.activeState == "active" { undoStart.append(.restart(old.name)) }
        }
        if found.unitFile?.lines != text.lines {
            change.texts.append(
                TextChange(
                    name: "/etc/systemd/system/\(unit)", before: found.unitFile?.lines,
                    after: text.lines))
            files.append(
                .installUnit(service: desired.name, release: desired.release, unit: unit))
            undoFiles.append(.restoreUnit(unit))
            needsReload = true
            change.restart = change.restart ?? .unitChanged
        } else if properties["NeedDaemonReload"] == "yes" {
            needsReload = true
            change.restart = change.restart ?? .unitChanged
            change.repairs.append("systemd has an older \(unit) loaded than the one on the disk")
        }
        let isEnabled = properties["UnitFileState"] == "enabled"
        if !isEnabled, text.lines.contains("[Install]") {
            files.append(.enable(unit))
            needsReload = true
            undoStop.append(.disable(unit))
            change.repairs.append("\(unit) is enabled")
        }
        let isActive = properties["ActiveState"] == "active"
        decideRestart(isRunning: isActive)
        guard change.restart != nil else { return }
        start.append(.restart(unit))
        start += desired.service.gapSteps(change.restart)
        checks = desired.service.healthSteps(unit: unit)
        // A unit of this name that runs, runs again, also one that was made by hand.
        if isActive {
            undoStart.insert(.restart(unit), at: 0)
        } else {
            undoStop.insert(.stop(unit), at: 0)
        }
    }

    private mutating func planSupervisor() {
        let isRunning = found.supervisor?.hasPrefix("running") == true
        decideRestart(isRunning: isRunning)
        guard change.restart != nil else { return }
        start.append(.supervisorRestart(service: desired.name))
        start += desired.service.gapSteps(change.restart)
        checks = desired.service.healthSteps {
            .steadySupervised(service: desired.name, seconds: $0)
        } listens: {
            .listensSupervised(service: desired.name, $0, seconds: $1)
        }
        if found.current != nil, isRunning {
            undoStart = [.supervisorRestart(service: desired.name)]
        } else {
            undoStop = [.supervisorStop(service: desired.name)]
        }
    }

    private mutating func decideRestart(isRunning: Bool) {
        if !isRunning {
            change.restart = .notRunning
        } else if change.restart == nil,
            found.process?.release(of: desired.name) != desired.release
        {
            change.restart = .otherRelease
        }
    }
}

extension FileChange {
    /// Digits of a hash that are shown.
    static let digitsShown = 12

    /// The files that differ.
    static func between(_ before: [String: InstalledFile], _ after: ReleaseManifest) -> [FileChange]
    {
        var changes: [FileChange] = []
        for file in after.files {
            let old = before[file.path]
            guard old?.sha256 != file.sha256 || old?.mode != file.mode else { continue }
            changes.append(
                FileChange(
                    path: file.path, kind: old == nil ? .added : .changed,
                    hashBefore: old.map { String($0.sha256.prefix(digitsShown)) },
                    hashAfter: String(file.sha256.prefix(digitsShown)), size: file.size))
        }
        for (path, old) in before.sorted(by: { $0.key < $1.key }) where after[path: path] == nil {
            changes.append(
                FileChange(
                    path: path, kind: .removed,
                    hashBefore: String(old.sha256.prefix(digitsShown)), hashAfter: nil, size: nil))
        }
        return changes
    }
}

extension Transfer {
    /// What must be sent where the host has these releases: bytes that it has already, in a file
    /// of the same mode, are taken over there. Files with blanks in their paths are not of
    /// fleetctl's making, and the list that the host reads is split at blanks.
    init(_ manifest: ReleaseManifest, from releases: [ReleaseID: [InstalledFile]]) {
        sent = []
        reused = []
        var known: [String: Reuse] = [:]
        for (release, files) in releases.sorted(by: { $0.key.text < $1.key.text }) {
            for file in files where !file.path.contains(where: \.isWhitespace) {
                known["\(file.sha256) \(file.mode ?? -1)"] = Reuse(
                    path: "", release: release, oldPath: file.path)
            }
        }
        for file in manifest.files {
            if var reuse = known["\(file.sha256) \(file.mode)"] {
                reuse.path = file.path
                reused.append(reuse)
            } else {
                sent.append(file.path)
            }
        }
    }
}

extension String {
    /// The text's lines without their ends; a last line end begins no further line.
    var lines: [String] {
        // By bytes: CR and LF are one character.
        var lines = utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(Substring($0)) }
        if lines.last == "" { lines.removeLast() }
        return lines
    }
}
