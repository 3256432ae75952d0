import Inventory
import PortHolders

/// Ports that the inventory declares: each held by its own unit, and by nobody else.
enum PortCheck {
    private static let why =
        "Only one process gets the port; the service fails to start, or another answers for it."

    static func findings(_ view: AuditView) -> [Finding] {
        view.subject.services.flatMap { service in
            service.ports.flatMap { findings(service, $0, view) }
        }
    }

    private static func findings(
        _ service: Service, _ claim: PortClaim, _ view: AuditView
    ) -> [Finding] {
        let isTCP = claim.transport == .tcp
        let sockets = view.facts.sockets.filter {
            Int($0.port) == claim.number && $0.proto.isTCP == isTCP
        }
        guard !sockets.isEmpty else {
            // Without the table nothing is known.
            guard view.facts.tables.contains(isTCP ? .tcp : .udp) else { return [] }
            return [nobody(service, claim, view)]
        }
        var seen: Set<Int32> = []
        return sockets.flatMap { socket -> [Finding] in
            let pids = view.facts.holders[socket.inode] ?? []
            guard !pids.isEmpty else { return [unseen(service, socket, claim, view)] }
            return pids.filter { seen.insert($0).inserted }.compactMap { pid in
                guard let process = view.facts.processes[pid]?.core else {
                    return unseen(service, socket, claim, view)
                }
                return judged(service, socket, process, claim, view)
            }
        }
    }

    private static func nobody(
        _ service: Service, _ claim: PortClaim, _ view: AuditView
    ) -> Finding {
        var found = view.finding(
            "port-unheld", .ports, .error, claim.text,
            "nobody listens on \(claim.text), which is \(service.name.text)'s",
            why: "The service does not run, or not as it should: nothing answers there.",
            fix: "fleetctl logs \(service.name.text); then fleetctl deploy --service"
                + " \(service.name.text)")
        found.evidence.port = claim.text
        found.evidence.unit = service.unitName
        return found
    }

    private static func unseen(
        _ service: Service, _ socket: ListeningSocket, _ claim: PortClaim, _ view: AuditView
    ) -> Finding {
        var found = view.finding(
            "port-holder-unknown", .ports, .warning, claim.text,
            "\(claim.text), which is \(service.name.text)'s, is held by a process that cannot be"
                + " seen", why: why, fix: "audit as root, as the inventory's sudo: says")
        found.evidence.port = claim.text
        found.evidence.inode = socket.inode
        found.evidence.user = view.facts.users[socket.uid] ?? String(socket.uid)
        return found
    }

    private static func judged(
        _ service: Service, _ socket: ListeningSocket, _ process: PortProcess, _ claim: PortClaim,
        _ view: AuditView
    ) -> Finding? {
        let verdicts = service.programs.map {
            HolderJudge(unit: service.unitName, program: $0, supervised: view.supervised)
                .verdict(process)
        }
        let orphaned = verdicts.first { if case .orphan = $0 { true } else { false } }
        let what: String
        let id: String
        var stop: AuditView.Mending = (AuditView.look(at: process), nil, nil)
        switch orphaned ?? verdicts.first ?? .unclear {
        case .own: return nil
        case .otherService(let name):
            id = "port-held-by-other-unit"
            what = "is held by \(name)"
            stop = view.disabling(name)
        case .orphan(let place):
            id = "port-held-outside-unit"
            what = "is held by an orphan that was started in \(place)"
            stop = view.stopping(process)
        case .stranger, .unclear:
            id = "port-held-outside-unit"
            what = "is held by process \(process.pid), which is no service's"
        }
        var found = view.finding(
            id, .ports, .error, claim.text,
            "\(claim.text), which is \(service.name.text)'s, \(what)", why: why, fix: stop.fix)
        found.evidence = view.evidence(process)
        found.evidence.port = claim.text
        found.evidence.inode = socket.inode
        (found.remedy, found.controller) = (stop.remedy, stop.controller)
        return found
    }
}

extension PortClaim {
    /// Such as `tcp/6053`.
    var text: String { "\(transport.rawValue)/\(number)" }
}
