import DeployPlan
import Inventory
import RemoteOps

/// What the host must know to close the gates of a plan: a line a service, for gate.sh.
struct GateLines: Sendable {
    /// How long a hold lasts where nobody ends it: whoever dies, the generator is free again then.
    static let holdSeconds = 600
    /// What a hold's reason begins with, by which gate.sh knows one of an earlier deploy.
    static let reasonStart = "fleetctl deploy of "

    /// A gated service of the plan that is restarted.
    struct Gated: Sendable {
        var service: Service
        var port: Int
        var line: String
    }

    let gated: [Gated]

    /// The lines, for the transfer.
    var lines: [String] { gated.map(\.line) }

    /// The gated services of a plan that are started or restarted, or whose older units are
    /// stopped. Whether one of them runs is
    /// looked at on the host, just before.
    ///
    /// - Throws: where a service names no port to ask it on.
    init(
        _ plan: HostPlan, _ desired: [DesiredService], owner: String, policy: GatePolicy
    ) throws(DeployError) {
        var gated: [Gated] = []
        for (service, change) in zip(desired, plan.services) {
            guard service.service.gate == .generatorIdle,
                change.restart != nil || plan.retires(anyOf: service.service.replaces)
            else { continue }
            guard let port = service.service.ports.first(where: { $0.transport == .tcp })?.number
            else {
                throw .gateClosed(
                    service: service.name, host: plan.host.text,
                    reason: "the inventory names no port to ask it on")
            }
            let words = [
                service.name, service.unitsOfGate, String(port), HoldOwnerOption.sanitized(owner),
                String(Self.holdSeconds), policy.force == nil ? "idle" : "force",
                Self.reasonStart + service.release.text,
            ]
            gated.append(
                Gated(
                    service: service.service, port: port, line: words.joined(separator: " ")))
        }
        self.gated = gated
    }
}

extension HostPlan {
    /// Whether one of these units is stopped for good.
    fileprivate func retires(anyOf units: [String]) -> Bool {
        steps.contains { step in
            if case .retire(let unit) = step { units.contains(unit) } else { false }
        }
    }
}

extension DesiredService {
    /// The units whose processes may have the port, as gate.sh takes them.
    fileprivate var unitsOfGate: String {
        switch start {
        case .unit(let name, _): ([name] + service.replaces).joined(separator: ",")
        case .supervisor: "-"
        }
    }
}
