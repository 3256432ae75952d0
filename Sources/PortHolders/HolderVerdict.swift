/// What is right to do about a process that holds a port which a service wants.
public enum HolderVerdict: Sendable, Equatable {
    /// It is the service's own: leave it.
    case own
    /// It belongs to another service: a conflict between units, for a person to decide.
    case otherService(String)
    /// It is the service's program, started outside of any service: it may be stopped.
    case orphan(startedIn: String)
    /// It is something else outside of any service: name it, and leave it.
    case stranger
    /// It is not known where it belongs: name it, and leave it.
    case unclear
}

/// Who is who on this machine.
public struct HolderJudge: Sendable {
    /// The service's unit, such as `renogy-bt-proxy.service`.
    public var unit: String
    /// The name of its program or script; empty where nothing is ever to be stopped.
    public var program: String
    /// Processes that a supervisor without cgroups has started, and for which service.
    public var supervised: [Supervised]

    /// A process that the rc.local supervisor has recorded.
    public struct Supervised: Sendable, Equatable {
        /// Whose it is.
        public var service: String
        /// Its number.
        public var pid: Int32
        /// When it was started, in the kernel's ticks.
        public var startTicks: UInt64

        /// A record from its parts.
        public init(service: String, pid: Int32, startTicks: UInt64) {
            self.service = service
            self.pid = pid
            self.startTicks = startTicks
        }
    }

    /// A judge from its parts.
    public init(unit: String, program: String, supervised: [Supervised] = []) {
        self.unit = unit
        self.program = program
        self.supervised = supervised
    }

    /// What is right to do about a process.
    public func verdict(_ process: PortProcess) -> HolderVerdict {
        if let record = supervised.first(where: {
            $0.pid == process.pid && $0.startTicks == process.startTicks
        }) {
            return record.service + ".service" == unit ? .own : .otherService(record.service)
        }
        switch process.cgroup?.kind {
        case .service(let name):
            if name == unit { return .own }
            // What these have started belongs to nobody: it is not what they are for.
            return Self.launchers.contains(name) && isProgram(process)
                ? .orphan(startedIn: name) : .otherService(name)
        case .session(let name), .userManager(let name): return outside(process, name)
        // No systemd, or not below it: the supervisor's records have been asked already.
        case .root, nil: return outside(process, "no service")
        case .scope, .unknown: return .unclear
        }
    }

    private func outside(_ process: PortProcess, _ place: String) -> HolderVerdict {
        isProgram(process) ? .orphan(startedIn: place) : .stranger
    }

    private func isProgram(_ process: PortProcess) -> Bool {
        !program.isEmpty && process.runs(program)
    }

    /// Services that start programs for others: cron, at, rc.local, and an sshd without sessions.
    private static var launchers: [String] {
        [
            "cron.service", "crond.service", "atd.service", "rc-local.service", "ssh.service",
            "sshd.service",
        ]
    }
}
