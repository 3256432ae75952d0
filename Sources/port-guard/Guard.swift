import Platform
import PortHolders

/// Looks at a port, decides about each holder, and frees the port of orphans.
struct Guard {
    /// How it ended; the exit status.
    enum Outcome: Int32 {
        case free = 0
        case failed = 1
        case otherService = 10
        case stranger = 11
        case unseen = 12
        case notFreed = 13
        case badOption = 64
    }

    private static var look: Int64 { 50_000 }

    private let options: Options
    private let judge: HolderJudge

    init(_ options: Options) {
        self.options = options
        judge = HolderJudge(
            unit: options.unit, program: options.program,
            supervised: ProcFS.supervised(options.records))
    }

    func run() throws(PosixError) -> Outcome {
        let sockets = try ProcFS.listening(on: options.port)
        guard !sockets.isEmpty else {
            say("is free")
            return .free
        }
        let (holders, hidden) = ProcFS.holders(of: sockets)
        var orphans: [PortProcess] = []
        // Several processes may share one socket; one that none of them has is somebody's as well.
        var worst = unseen(hidden, sockets)
        if holders.isEmpty, worst == .free { say("is free") }
        for holder in holders {
            switch judge.verdict(holder) {
            case .own: say("is held by " + options.unit + " itself: " + text(holder))
            case .otherService(let name):
                say(
                    "is held by " + name + ": " + text(holder) + "; left alone, stop it by its unit"
                )
                worst = .otherService
            case .orphan(let place):
                say("is held by an orphan started in " + place + ": " + text(holder))
                orphans.append(holder)
            case .stranger:
                say("is held outside any service: " + text(holder) + "; left alone")
                if worst != .otherService { worst = .stranger }
            case .unclear:
                say("is held from an unclear place: " + text(holder) + "; left alone")
                if worst != .otherService { worst = .stranger }
            }
        }
        // Where the service cannot start anyway, nobody is stopped for it.
        guard worst == .free else { return worst }
        return try free(of: orphans, sockets)
    }

    /// What is to be said of sockets that nobody seen has open.
    private func unseen(_ hidden: Set<UInt64>, _ sockets: [ListeningSocket]) -> Outcome {
        guard !hidden.isEmpty else { return .free }
        // They may have been closed between the two looks.
        let now = (try? ProcFS.listening(on: options.port)) ?? sockets
        guard let still = now.first(where: { hidden.contains($0.inode) }) else { return .free }
        say("is held by user \(still.uid), by a process that cannot be seen from here")
        return .unseen
    }

    private func free(
        of orphans: [PortProcess], _ sockets: [ListeningSocket]
    ) throws(PosixError) -> Outcome {
        guard !orphans.isEmpty else { return .free }
        if options.isDryRun {
            for orphan in orphans { say("would stop " + text(orphan)) }
            return .free
        }
        let inodes = Set(sockets.map { $0.inode })
        for orphan in orphans {
            guard try stop(orphan, inodes) else {
                say("is not free: " + text(orphan) + " does not end")
                return .notFreed
            }
        }
        let deadline = SystemClock.monotonic() + options.patience
        while true {
            if try ProcFS.listening(on: options.port).isEmpty {
                say("is free now")
                return .free
            }
            guard SystemClock.monotonic() < deadline else {
                say("is not free: somebody else has taken it")
                return .notFreed
            }
            SystemClock.pause(microseconds: Self.look)
        }
    }

    /// SIGTERM, and SIGKILL where that is not enough; false where neither ends it.
    private func stop(_ orphan: PortProcess, _ inodes: Set<UInt64>) throws(PosixError) -> Bool {
        // Before the look: it holds whoever has the number now, and the look tells who that is.
        let handle: ProcessHandle
        switch ProcessHandle.open(orphan.pid) {
        case .gone: return true
        case .failed(let error): throw error
        case .handle(let opened): handle = opened
        }
        var stop = OrphanStop(orphan, judge: judge, patience: options.patience)
        while true {
            let look = OrphanStop.Look(
                ProcFS.process(orphan.pid),
                holdsPort: !ProcFS.held(by: orphan.pid, of: inodes).isEmpty)
            switch stop.next(look, now: SystemClock.monotonic()) {
            case .terminate:
                say("SIGTERM to " + text(orphan))
                try handle.send(.terminate)
            case .kill:
                say("SIGKILL to " + text(orphan))
                try handle.send(.kill)
            case .wait: SystemClock.pause(microseconds: Self.look)
            case .ended: return true
            case .givenUp: return false
            }
        }
    }

    private func say(_ text: String) { Terminal.say("port-guard: port \(options.port) " + text) }

    /// `process 680 of user 1000, /usr/bin/python3.11 renogy_bt_proxy.py`, printable and not long.
    private func text(_ process: PortProcess) -> String {
        var text = "process \(process.pid)"
        if let uid = process.uid { text += " of user \(uid)" }
        let words = [process.executable ?? "unknown program"] + process.arguments.dropFirst()
        return text + ", " + Self.printable(words.joined(separator: " "))
    }

    private static var textMax: Int { 200 }

    /// A command line may contain anything, line ends and escape sequences included.
    private static func printable(_ text: String) -> String {
        let bytes = text.utf8.prefix(textMax).map { (0x20...0x7E).contains($0) ? $0 : 0x3F }
        return String(decoding: bytes, as: UTF8.self)
    }
}
