import CLibSSH
import RemoteOps

/// What a session thread does from its start to its end.
struct SessionStart: Sendable {
    /// How the socket comes about.
    enum Way: Sendable {
        case dial
        /// Through a jump host: the far end of its bridge.
        case tunnel(Descriptor)
    }

    /// What is wanted of the session.
    enum Purpose: Sendable {
        case serve
        /// Only the host's key, without trusting it.
        case key(@Sendable (Result<PresentedHostKey, RemoteError>) -> Void)
    }

    var settings: SSHSettings
    var hop: Hop
    var way: Way
    var thread: SessionThread
    var ticket: Ticket
    var deadline: Deadline
    /// Called once, when the session is ready or has failed.
    var ready: @Sendable (Result<SSHHost.Facts, RemoteError>) -> Void

    /// The thread's body.
    func run(_ purpose: Purpose) {
        LogTap.shared.attachToThisThread()
        do throws(RemoteError) {
            let session = try SSHSession(settings, hop: hop, wake: thread.wake)
            let dialler = Dialler(hop: hop, ticket: ticket, wake: thread.wake, deadline: deadline)
            try session.handshake(over: try socket(for: session, dialler), dialler)
            switch purpose {
            case .key(let finish):
                finish(.success(try PresentedHostKey(session)))
                end(SessionEnd(code: .cancelled, detail: "only the host key was wanted"))
            case .serve:
                try session.verifyHostKey()
                var authentication = Authentication(session, dialler)
                try authentication.run()
                try serve(session)
            }
        } catch {
            end(SessionEnd(code: error.code, detail: error.detail))
            switch purpose {
            case .serve: ready(.failure(error))
            case .key(let finish): finish(.failure(error))
            }
        }
        thread.reportEnd()
    }

    private func socket(
        for session: SSHSession, _ dialler: Dialler
    ) throws(RemoteError) -> Descriptor {
        switch way {
        case .tunnel(let socket): return socket
        case .dial:
            do throws(RemoteError) {
                return try dialler.dial(session.hostName, port: settings.port)
            } catch {
                guard session.ignoredProxy != nil else { throw error }
                var error = error
                error.detail +=
                    "; the ssh client configuration names a ProxyJump or ProxyCommand, which is "
                    + "not followed: name the jump host as `via` in the inventory"
                throw error
            }
        }
    }

    private func serve(_ session: SSHSession) throws(RemoteError) {
        guard let loop = SessionLoop(session, thread: thread) else {
            throw hop.error(.connectionLost, detail: "out of memory")
        }
        ready(.success(SSHHost.Facts(ignoredProxy: session.ignoredProxy)))
        loop.run()
    }

    private func end(_ end: SessionEnd) {
        // Jobs cannot have come in before the session was ready.
        _ = thread.close(end)
    }
}
