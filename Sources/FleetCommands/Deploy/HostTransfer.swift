import DeployPlan
import Foundation
import Inventory
import ReleasePacker
import RemoteOps

/// Everything that goes to one host for one plan: the scripts, the steps and the files.
struct HostTransfer {
    /// Names the folder on the host; never the same twice.
    let id: String
    let items: [TransferStream.Item]

    /// - Parameters:
    ///   - record: members of a JSON object, for the host's own log.
    ///   - about: members of a JSON object, kept beside each release that is sent.
    ///   - confirmTimeout: how long the host waits for the confirmation before it goes back.
    init(
        plan: HostPlan, desired: [DesiredService], contents: [String: ReleaseContent],
        owner: String, record: String, about: String, confirmTimeout: Duration,
        gates: [String] = []
    ) {
        id = UUID().uuidString.lowercased()
        var items = [
            TransferStream.Item(path: "stage.sh", mode: 0o755, text: RemoteScripts.stage),
            TransferStream.Item(path: "apply.sh", mode: 0o755, text: RemoteScripts.apply),
        ]
        items += RemoteScripts.applyParts.map { TransferStream.Item(path: $0.name, text: $0.text) }
        items += Self.hooks(plan)
        func add(_ path: String, _ lines: [String]) {
            let text = lines.map { $0 + "\n" }.joined()
            items.append(TransferStream.Item(path: path, text: Array(text.utf8)))
        }
        add("steps", plan.steps.map(\.lineAhead))
        add("undo", plan.undo.map(\.line))
        add("owner", [owner])
        add("record", [record])
        add("confirm-timeout", [String(confirmTimeout.components.seconds)])
        if !gates.isEmpty {
            items.append(
                TransferStream.Item(path: "gate.sh", mode: 0o755, text: RemoteScripts.gate))
            add("gates", gates)
        }
        if let rcLocal = plan.rcLocal {
            items.append(TransferStream.Item(path: "rc.local", text: rcLocal.after))
        }
        for (name, text) in plan.units.sorted(by: { $0.key < $1.key }) {
            items.append(TransferStream.Item(path: "units/\(name)", text: Array(text.utf8)))
        }
        var reuse: [String] = []
        var verify: [String] = []
        var groups: [String] = []
        var files: [TransferStream.Item] = []
        for (service, change) in zip(desired, plan.services) {
            guard let transfer = change.transfer, let content = contents[service.name] else {
                continue
            }
            let folder = "releases/\(service.name)/\(service.release)"
            add("about/\(service.name)", [about])
            groups += service.service.readers.map {
                "\(service.name) \(service.release) \($0)"
            }
            reuse += transfer.reused.map {
                "\(service.name) \(service.release) \($0.release) \($0.oldPath) \($0.path)"
            }
            for path in transfer.sent {
                guard let file = service.manifest[path: path], let origin = content.origins[path]
                else { preconditionFailure("\(path) is in a transfer but in no release") }
                files.append(
                    TransferStream.Item(path: "\(folder)/\(path)", file: file, origin: origin))
            }
            if case .unit(let name, _) = service.start {
                verify.append("\(service.name) \(service.release) \(name)")
            }
        }
        add("reuse", reuse)
        add("verify", verify)
        add("groups", groups)
        self.items = items + files + [TransferStream.Item(path: "complete", text: [])]
    }

    /// What looks after the deploy when nobody else does; the host installs what it lacks of it.
    private static func hooks(_ plan: HostPlan) -> [TransferStream.Item] {
        var items: [TransferStream.Item] = []
        switch plan.initSystem {
        case .systemd:
            items = RemoteScripts.hookUnits.map {
                TransferStream.Item(path: "hooks/\($0.name)", text: $0.text)
            }
        case .rcLocal:
            if let hook = plan.rcLocalHook {
                items = [
                    TransferStream.Item(path: "hooks/rc.local", text: hook.after),
                    TransferStream.Item(
                        path: "hooks/before",
                        text: Array("\(hook.sha256Before ?? "absent")\n".utf8)),
                ]
            }
        }
        #if DEBUG
            // Where the tests stop the host's scripts.
            if let file = ProcessInfo.processInfo.environment["FLEETCTL_TEST_POINTS"],
                let text = FileManager.default.contents(atPath: file)
            {
                items.append(TransferStream.Item(path: "points.sh", text: Array(text)))
            }
        #endif
        return items
    }

    /// Says in `stager` which process is at work in the folder: where that is gone, the folder is
    /// left over and the next transfer removes it. Whole at once, for others read it.
    private static let claim =
        "{ read -r s </proc/$$/stat; t() { echo \"$$ ${20}\"; }; t ${s##*) }; } >stager.new "
        + "&& mv stager.new stager"

    /// Unpacks the stream on standard input and turns it into releases.
    var stageCommand: RemoteCommand { unpacking("exec sh ./stage.sh") }

    /// The same, and carries out the steps: one exec less where nothing is to be asked in between.
    var wholeCommand: RemoteCommand {
        unpacking("sh ./stage.sh goes-on && exec sh ./apply.sh")
    }

    private func unpacking(_ next: String) -> RemoteCommand {
        // As long as it is empty another deploy may take it for left over, and remove it.
        let script =
            "umask 022; own() { mkdir -p \"$1\" && cd \"$1\" && \(Self.claim); }; "
            + "{ own \"$1\" 2>/dev/null || own \"$1\" 2>/dev/null || own \"$1\"; } && "
            + "{ gzip -dc | tar -xpf - && \(next); cd / && rm -rf \"$1\"; exit 1; }"
        return RemoteCommand(["sh", "-c", script, "stage", HostLayout.staging(id)], as: .root)
    }

    /// Carries out the steps.
    var applyCommand: RemoteCommand {
        let script = "cd \"$1\" && \(Self.claim) && exec sh ./apply.sh"
        return RemoteCommand(["sh", "-c", script, "apply", HostLayout.staging(id)], as: .root)
    }
}

extension Service {
    /// Who but root reads what only a group may: `group NAME`, or `user NAME` for that user's own
    /// group; empty where that is root.
    fileprivate var readers: [String] {
        if let group { return ["group \(group)"] }
        if let user, user != "root" { return ["user \(user)"] }
        return []
    }
}
