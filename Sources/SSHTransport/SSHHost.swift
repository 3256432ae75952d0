import RemoteOps

/// A host reached over SSH: one session on a thread of its own, any number of commands, streams
/// and tunnels through it at once.
public final class SSHHost: RemoteHost {
    /// What was learnt while connecting.
    struct Facts: Sendable {
        var ignoredProxy: String?
    }

    /// The host's name in the inventory.
    public let name: String
    /// A ProxyCommand or ProxyJump of the ssh client configuration that was not followed: only
    /// the inventory's `via` leads through another host.
    public let ignoredProxy: String?
    private let hop: Hop
    private let thread: SessionThread

    private init(_ settings: SSHSettings, hop: Hop, facts: Facts, thread: SessionThread) {
        name = settings.name
        ignoredProxy = facts.ignoredProxy
        self.hop = hop
        self.thread = thread
    }

    deinit { thread.stop() }

    /// Connects, verifies the host's key and authenticates, all within
    /// `settings.connectTimeout`; through `jump`'s own session where one is given.
    public static func connect(
        _ settings: SSHSettings, via jump: SSHHost? = nil
    ) async throws(RemoteError) -> SSHHost {
        let hop = Hop(name: settings.name, via: jump?.name)
        let deadline = Deadline.now + settings.connectTimeout
        var pause = busyPause
        var busy: RemoteError?
        while true {
            do throws(RemoteError) {
                return try await attempt(settings, hop: hop, via: jump, until: deadline)
            } catch {
                // What the server said tells more than that the time ran out on the last attempt.
                if error.code == .connectTimedOut, let busy { throw busy }
                let jittered = pause * Double.random(in: 0.5...1.5)
                guard isBusy(error), Deadline.now + jittered < deadline, !Task.isCancelled else {
                    throw error
                }
                busy = error
                pause *= 2
                // Ends early only where the task is cancelled, which the next attempt sees.
                try? await Task.sleep(for: jittered)
            }
        }
    }

    /// First pause before a server that is too busy is asked again.
    private static let busyPause: Duration = .milliseconds(250)

    /// Whether sshd only has too many logins under way (MaxStartups), which passes.
    private static func isBusy(_ error: RemoteError) -> Bool {
        if case .notSSH(let received) = error.code {
            return received.hasPrefix("Exceeded MaxStartups")
        }
        return false
    }

    private static func attempt(
        _ settings: SSHSettings, hop: Hop, via jump: SSHHost?, until deadline: Deadline
    ) async throws(RemoteError) -> SSHHost {
        let opening = try await Opening(settings, hop: hop, via: jump, until: deadline)
        let result: Result<Facts, RemoteError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                opening.start(.serve) { continuation.resume(returning: $0) }
            }
        } onCancel: {
            opening.ticket.cancel()
        }
        return SSHHost(settings, hop: hop, facts: try result.get(), thread: opening.thread)
    }

    /// Runs one command to its end on an exec channel of its own. See `RemoteHost.run`.
    public func run(
        _ command: RemoteCommand, input: ByteSource, options: RunOptions
    ) async throws(RemoteError) -> CommandResult {
        let ticket = Ticket(wake: thread.wake)
        let id = thread.nextID()
        let hop = hop
        let deadline = Deadline.now + options.deadline
        let result: Result<CommandResult, RemoteError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let request = ExecOperation.Request(
                    command: command, options: options, source: input, ticket: ticket,
                    deadline: deadline, finish: { continuation.resume(returning: $0) })
                let end = thread.post { $0.execute(request, id: id) }
                if let end { request.finish(.failure(hop.error(end.code, detail: end.detail))) }
            }
        } onCancel: {
            ticket.cancel()
        }
        return try result.get()
    }

    /// Opens a TCP connection from the host. See `RemoteHost.connect`.
    public func connect(
        to address: String, port: Int, timeout: Duration
    ) async throws(RemoteError) -> any RemoteStream {
        let ticket = Ticket(wake: thread.wake)
        let id = thread.nextID()
        let deadline = Deadline.now + timeout
        let hop = hop
        let result: Result<UInt64, RemoteError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let end = thread.post {
                    $0.stream(to: address, port: port, id: id, ticket: ticket, deadline: deadline) {
                        continuation.resume(returning: $0)
                    }
                }
                if let end {
                    continuation.resume(
                        returning: .failure(hop.error(end.code, detail: end.detail)))
                }
            }
        } onCancel: {
            ticket.cancel()
        }
        return SSHStream(id: try result.get(), hop: hop, thread: thread)
    }

    /// Ends the session and everything under way on it, and waits for its thread's end.
    public func close() async {
        thread.stop()
        await withCheckedContinuation { continuation in
            thread.whenEnded { continuation.resume() }
        }
    }

    /// A socket whose other end is a TCP connection from this host to `address`:`port`.
    func openTunnel(
        to address: String, port: Int, for target: Hop, deadline: Deadline
    ) async throws(RemoteError) -> Descriptor {
        let ticket = Ticket(wake: thread.wake)
        let id = thread.nextID()
        let via = name
        let result: Result<Descriptor, RemoteError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let request = BridgeOperation.Request(
                    host: address, port: port, hop: target, ticket: ticket, deadline: deadline,
                    finish: { continuation.resume(returning: $0) })
                let end = thread.post { $0.bridge(request, id: id) }
                if let end {
                    let detail = "the session to \(via): \(end.detail)"
                    request.finish(.failure(target.error(end.code, detail: detail)))
                }
            }
        } onCancel: {
            ticket.cancel()
        }
        return try result.get()
    }
}

/// A connection about to be made: its thread, its time and its way.
struct Opening {
    let thread: SessionThread
    let ticket: Ticket
    private let settings: SSHSettings
    private let hop: Hop
    private let way: SessionStart.Way
    private let deadline: Deadline

    init(
        _ settings: SSHSettings, hop: Hop, via jump: SSHHost?, until deadline: Deadline
    ) async throws(RemoteError) {
        if let problem = SSHLibrary.problem { throw hop.error(.badSetting, detail: problem) }
        guard let thread = SessionThread() else {
            throw hop.error(.badSetting, detail: "no more descriptors: raise ulimit -n")
        }
        self.settings = settings
        self.hop = hop
        self.thread = thread
        ticket = Ticket(wake: thread.wake)
        self.deadline = deadline
        if let jump {
            // What HostName of the configuration makes of the address holds for the jump as well.
            let session = try SSHSession(settings, hop: hop, wake: thread.wake)
            way = .tunnel(
                try await jump.openTunnel(
                    to: session.hostName, port: settings.port, for: hop, deadline: deadline))
        } else {
            way = .dial
        }
    }

    /// Starts the thread; `ready` is called once, except where the purpose has a call of its own.
    func start(
        _ purpose: SessionStart.Purpose,
        ready: @escaping @Sendable (Result<SSHHost.Facts, RemoteError>) -> Void
    ) {
        let start = SessionStart(
            settings: settings, hop: hop, way: way, thread: thread, ticket: ticket,
            deadline: deadline, ready: ready)
        let hasStarted = startThread("ssh \(settings.name)") { start.run(purpose) }
        guard !hasStarted else { return }
        let error = hop.error(.badSetting, detail: "no more threads: raise ulimit -u")
        switch purpose {
        case .serve: ready(.failure(error))
        case .key(let finish): finish(.failure(error))
        }
    }
}
