import Foundation
import RemoteOps

// How full file systems are, where that goes, and whether the memory below them is sound.

enum DiskChecks {
    static func all(_ scene: Scene) -> [Verdict] {
        guard let systems = scene.readings.fileSystems.value else {
            let reason = scene.readings.fileSystems.reason ?? ""
            return [
                scene.verdict(
                    "disk-space", .unknown, "how full its disks are is not known: \(reason)")
            ]
        }
        return systems.flatMap { space(scene, $0) + inodes(scene, $0) + readOnly(scene, $0) }
            + errors(scene) + wear(scene)
    }

    private static func space(_ scene: Scene, _ system: HostReadings.FileSystem) -> [Verdict] {
        // One that is meant to be read only is full by nature, and nobody writes there.
        guard let used = system.used, let size = system.size, size > 0, !system.isMeantReadOnly
        else { return [] }
        let level = scene.level(
            .diskUsed, used * 100, check: "disk-space", object: system.mount)
        let free = system.available.map { ", \(Amount.bytes($0)) free" } ?? ""
        var found = [
            scene.verdict(
                "disk-space", level, "\(system.mount) is \(Amount.percent(used)) full\(free)",
                object: system.mount, advice: advice(scene, system), runbook: "sd-card-full")
        ]
        if level < .critical, system.type != "tmpfs" { found += trend(scene, system, used) }
        return found
    }

    private static func advice(_ scene: Scene, _ system: HostReadings.FileSystem) -> String {
        "see what is large: fleetctl host exec --host \(scene.subject.host) -- du -xd1 "
            + ShellWord.quoted(system.mount)
    }

    /// Full in so many days, at the pace of the last week.
    private static func trend(
        _ scene: Scene, _ system: HostReadings.FileSystem, _ used: Double
    ) -> [Verdict] {
        let points = scene.points("disk_used_ratio", labels: ["mount": system.mount], now: used)
        guard let trend = Trend(points, spanMin: 12 * 3600), trend.slope > 0, trend.rising > 0.7,
            let seconds = trend.time(to: 1)
        else { return [] }
        let days = seconds / 86_400
        let level = scene.level(.diskFullIn, days, check: "disk-trend", object: system.mount)
        guard level > .ok else { return [] }
        return [
            scene.verdict(
                "disk-trend", level,
                "\(system.mount) grows by \(percentage(trend.slope * 86_400)) a day and is full in "
                    + Amount.time(seconds),
                object: system.mount, advice: advice(scene, system), runbook: "sd-card-full")
        ]
    }

    private static func percentage(_ ratio: Double) -> String { Amount.tenths(ratio * 100) + " %" }

    private static func inodes(_ scene: Scene, _ system: HostReadings.FileSystem) -> [Verdict] {
        guard let used = system.inodesUsed, !system.isMeantReadOnly else { return [] }
        let level = scene.level(.diskUsed, used * 100, check: "inodes", object: system.mount)
        guard level > .ok else { return [] }
        return [
            scene.verdict(
                "inodes", level,
                "\(system.mount) has \(Amount.percent(used)) of its inodes used: too many files",
                object: system.mount, advice: "find the folder with the many small files",
                runbook: "sd-card-full")
        ]
    }

    private static func readOnly(_ scene: Scene, _ system: HostReadings.FileSystem) -> [Verdict] {
        guard system.isReadOnly, !system.isMeantReadOnly, isDisk(system.type) else { return [] }
        return [
            scene.verdict(
                "read-only", .critical,
                "\(system.mount) is mounted read-only, and not by /etc/fstab",
                object: system.mount,
                advice: "the kernel does so after errors: save what matters, then check the medium",
                runbook: "restore-a-board")
        ]
    }

    private static func isDisk(_ type: String) -> Bool {
        [
            "ext2", "ext3", "ext4", "vfat", "exfat", "btrfs", "xfs", "f2fs", "jffs2", "ubifs",
            "overlay",
        ]
        .contains(type)
    }

    private static func errors(_ scene: Scene) -> [Verdict] {
        var found: [Verdict] = []
        for (device, count) in scene.readings.fileSystemErrors.sorted(by: { $0.key < $1.key })
        where count > 0 {
            found.append(
                scene.verdict(
                    "file-system-errors", .critical,
                    "the file system on \(device) counted \(count) errors", object: device,
                    advice: "save what matters, then have it checked: fsck at the next boot",
                    runbook: "restore-a-board"))
        }
        guard let lines = scene.readings.kernelLog.value else { return found }
        for kind in KernelTrouble.allCases {
            let hits = lines.filter { kind.isMeant(by: $0) }
            guard let last = hits.last else { continue }
            let count = hits.count == 1 ? "" : " (\(hits.count) lines)"
            found.append(
                scene.verdict(
                    kind.rawValue, kind.level, "\(kind.text)\(count): \(last)",
                    advice: kind.advice, runbook: kind.runbook))
        }
        return found
    }

    private static func wear(_ scene: Scene) -> [Verdict] {
        scene.readings.wear.compactMap { wear in
            guard wear.lifeTenths >= 9 else { return nil }
            let isOver = wear.lifeTenths > 10
            return scene.verdict(
                "flash-wear", isOver ? .critical : .warning,
                "\(wear.device) has used "
                    + (isOver ? "all" : "up to \(wear.lifeTenths * 10) %") + " of its life",
                object: wear.device, advice: "copy it to a new one soon",
                runbook: "restore-a-board")
        }
    }
}

/// What a line of the kernel's log means.
enum KernelTrouble: String, CaseIterable {
    case medium = "sd-card"
    case fileSystem = "file-system-log"
    case memory = "out-of-memory"
    case hang = "kernel-hang"
    case voltage = "under-voltage"

    func isMeant(by line: String) -> Bool {
        let line = line.lowercased()
        return words.contains { line.contains($0) }
            && KernelTrouble.allCases.first {
                kind in kind.words.contains { line.contains($0) }
            } == self
    }

    private var words: [String] {
        switch self {
        case .medium: ["mmc", "i/o error"]
        case .fileSystem: ["ext4-fs", "fat-fs", "remounting filesystem"]
        case .memory: ["out of memory", "oom-kill", "killed process"]
        case .hang: ["blocked for more than", "lockup"]
        case .voltage: ["under-voltage", "undervoltage"]
        }
    }

    var level: HealthLevel {
        switch self {
        case .medium, .fileSystem: .critical
        case .memory, .hang, .voltage: .warning
        }
    }

    var text: String {
        switch self {
        case .medium: "the kernel has trouble with a card or disk"
        case .fileSystem: "the kernel has trouble with a file system"
        case .memory: "the kernel ended processes for want of memory"
        case .hang: "the kernel saw processes hang"
        case .voltage: "the kernel saw too low a voltage"
        }
    }

    var advice: String {
        switch self {
        case .medium, .fileSystem: "save what matters, and replace the card"
        case .memory: "find what grows: fleetctl history --metric service_memory_bytes"
        case .hang: "look whether its disk or network hangs"
        case .voltage: "use a supply of 5.1 V and 3 A with a short, thick cable"
        }
    }

    var runbook: String? {
        switch self {
        case .medium, .fileSystem: "restore-a-board"
        case .memory: "thread-or-memory-leak"
        case .hang, .voltage: nil
        }
    }
}
