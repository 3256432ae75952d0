import PortHolders

/// Services that listen on every address though they are told to be local.
enum ListenCheck {
    static func findings(_ view: AuditView) -> [Finding] {
        view.subject.services.filter(\.isLocal).flatMap { service in
            view.facts.sockets.filter { $0.isOnAllAddresses }.compactMap { socket in
                let process = (view.facts.holders[socket.inode] ?? []).lazy
                    .compactMap { view.facts.processes[$0]?.core }
                    .first { $0.cgroup?.kind == .service(service.unitName) }
                guard let process else { return nil }
                let port = "\(socket.proto.isTCP ? "tcp" : "udp")/\(socket.port)"
                var found = view.finding(
                    "listens-on-all-addresses", .ports, .warning, port,
                    "\(service.name.text) listens on \(port) on every address, and the inventory"
                        + " says local",
                    why: "Whoever reaches the machine can talk to it.",
                    fix: "fleetctl deploy --service \(service.name.text)")
                found.evidence = view.evidence(process)
                found.evidence.port = port
                found.evidence.inode = socket.inode
                return found
            }
        }
    }
}
