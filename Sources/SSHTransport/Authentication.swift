import CLibSSH
import Glibc
import RemoteOps

/// Proving who we are: the credentials that the settings name, in order; where they name none,
/// the agent and then the usual key files. No `none` request and no probing of keys that we hold:
/// each saves a round trip.
struct Authentication {
    /// One way to prove it.
    private enum Credential {
        case key(Identity, path: String)
        case agent
        case password(SSHSettings.SecretSource)

        var label: String {
            switch self {
            case .key(_, let path): "key \(path)"
            case .agent: "agent"
            case .password: "password"
            }
        }
    }

    let session: SSHSession
    let dialler: Dialler
    private var tried: [String] = []
    private var notes: [String] = []

    init(_ session: SSHSession, _ dialler: Dialler) {
        self.session = session
        self.dialler = dialler
    }

    private var hop: Hop { session.hop }
    private var handle: ssh_session { session.handle }

    /// Authenticates or throws `authenticationRefused` with what was tried and what the server
    /// offers.
    mutating func run() throws(RemoteError) {
        let credentials = try credentials()
        // First, so that the server's list of signature algorithms (RFC 8308), which comes before
        // the answer, is known when an RSA key chooses between SHA-2 and SHA-1.
        let service = try session.settle(dialler, "authentication service") {
            ssh_service_request(handle, "ssh-userauth")
        }
        guard service == SSH_OK else { throw lost("asking for authentication") }
        for credential in credentials {
            let code: Int32
            switch credential {
            case .key(let identity, _):
                guard mayUse(SSH_AUTH_METHOD_PUBLICKEY) else { continue }
                tried.append(credential.label)
                code = try attempt("publickey") {
                    ssh_userauth_publickey(handle, nil, identity.handle)
                }
            case .agent:
                guard mayUse(SSH_AUTH_METHOD_PUBLICKEY) else { continue }
                guard let answer = try askAgent() else { continue }
                tried.append(credential.label)
                code = answer
            case .password(let source):
                code = try offerPassword(source)
            }
            if code == SSH_AUTH_SUCCESS.rawValue { return }
        }
        throw refused()
    }

    // MARK: Credentials

    private mutating func credentials() throws(RemoteError) -> [Credential] {
        let settings = session.settings
        guard settings.namesCredentials else { return usualCredentials() }
        var list: [Credential] = []
        var wantsAgent = false
        for path in settings.identities.map(UserPath.expanded) {
            do throws(Identity.Problem) {
                list.append(.key(try Identity(path: path), path: path))
            } catch {
                switch error {
                case .encrypted where settings.usesAgent && agentPath != nil:
                    notes.append("\(path) has a passphrase, so the agent was asked")
                    wantsAgent = true
                case _ where settings.password != nil: notes.append(advice(on: path, error))
                default: throw hop.error(.badSetting, detail: advice(on: path, error))
                }
            }
        }
        if wantsAgent { list.append(.agent) }
        if let password = settings.password { list.append(.password(password)) }
        return list
    }

    private mutating func usualCredentials() -> [Credential] {
        var list: [Credential] = []
        if session.settings.usesAgent, agentPath != nil { list.append(.agent) }
        var paths = ["~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa"]
        if let configured = session.configuredIdentity, !configured.contains("%") {
            paths.insert(configured, at: 0)
        }
        var seen: Set<String> = []
        for path in paths.map(UserPath.expanded) where seen.insert(path).inserted {
            do throws(Identity.Problem) {
                list.append(.key(try Identity(path: path), path: path))
            } catch {
                if case .missing = error { continue }
                notes.append(advice(on: path, error))
            }
        }
        return list
    }

    private func advice(on path: String, _ problem: Identity.Problem) -> String {
        switch problem {
        case .missing: "key \(path): no such file"
        case .tooOpen: "key \(path) can be read by others: chmod 600 it"
        case .encrypted: "key \(path) has a passphrase and no agent is running: ssh-add \(path)"
        case .unreadable: "key \(path) cannot be read as a private key"
        }
    }

    // MARK: Attempts

    /// Whether the server offers a method, as far as it has said.
    private func mayUse(_ method: UInt32) -> Bool {
        let offered = UInt32(bitPattern: ssh_userauth_list(handle, nil))
        return offered == 0 || offered & method != 0
    }

    private func attempt(_ stage: String, _ call: () -> Int32) throws(RemoteError) -> Int32 {
        let code = try session.settle(
            dialler, "authentication: \(stage)", again: SSH_AUTH_AGAIN.rawValue, call)
        guard code == SSH_AUTH_ERROR.rawValue else { return code }
        // A server that has seen enough tries hangs up instead of answering.
        if session.isDead { throw tried.isEmpty ? lost(stage) : refused() }
        return code
    }

    private var agentPath: String? {
        if let path = session.settings.agentSocket { return path }
        guard let path = getenv("SSH_AUTH_SOCK"), path.pointee != 0 else { return nil }
        return String(cString: path)
    }

    /// Lets the agent try its keys; nil where it cannot be reached. libssh waits for it without
    /// a limit, so its socket is ours and is shut down when time is up or the task is cancelled.
    private mutating func askAgent() throws(RemoteError) -> Int32? {
        guard let path = agentPath, let socket = UnixSocket.connect(to: path),
            let number = socket.duplicate()
        else {
            notes.append("the agent cannot be reached")
            return nil
        }
        guard ssh_set_agent_socket(handle, number) == SSH_OK else {
            _ = close(number)
            return nil
        }
        let ticket = dialler.ticket
        let deadline = dialler.deadline
        ticket.holdAgent(socket)
        let watch = Task {
            // Cancelled when the agent has answered; nothing is to be done then.
            guard (try? await Task.sleep(until: deadline, clock: .continuous)) != nil else {
                return
            }
            ticket.cutAgent()
        }
        defer {
            watch.cancel()
            ticket.holdAgent(nil)
        }
        let code = try attempt("agent") { ssh_userauth_agent(handle, nil) }
        try dialler.check("authentication: agent")
        return code
    }

    private mutating func offerPassword(
        _ source: @escaping SSHSettings.SecretSource
    ) throws(RemoteError) -> Int32 {
        guard mayUse(SSH_AUTH_METHOD_PASSWORD | SSH_AUTH_METHOD_INTERACTIVE) else {
            return SSH_AUTH_DENIED.rawValue
        }
        let secret = try fetch(source)
        var code = SSH_AUTH_DENIED.rawValue
        if mayUse(SSH_AUTH_METHOD_PASSWORD) {
            tried.append("password")
            code = try attempt("password") { ssh_userauth_password(handle, nil, secret) }
        }
        // Only where the server does not take `password` at all: a wrong one is not tried twice.
        if code == SSH_AUTH_DENIED.rawValue, !mayUse(SSH_AUTH_METHOD_PASSWORD),
            mayUse(SSH_AUTH_METHOD_INTERACTIVE)
        {
            tried.append("keyboard-interactive")
            code = try answerPrompts(secret)
        }
        return code
    }

    /// keyboard-interactive (RFC 4256) with one hidden prompt, answered once.
    private func answerPrompts(_ secret: String) throws(RemoteError) -> Int32 {
        /// Empty rounds (a banner, a thank-you) that are gone along with.
        let roundLimit = 4
        var hasAnswered = false
        for _ in 0..<roundLimit {
            let code = try attempt("keyboard-interactive") {
                ssh_userauth_kbdint(handle, nil, nil)
            }
            guard code == SSH_AUTH_INFO.rawValue else { return code }
            let prompts = ssh_userauth_kbdint_getnprompts(handle)
            guard prompts > 0 else { continue }
            var echoes: CChar = 0
            _ = ssh_userauth_kbdint_getprompt(handle, 0, &echoes)
            guard prompts == 1, echoes == 0, !hasAnswered,
                ssh_userauth_kbdint_setanswer(handle, 0, secret) == 0
            else { return SSH_AUTH_DENIED.rawValue }
            hasAnswered = true
        }
        return SSH_AUTH_DENIED.rawValue
    }

    /// Asks the caller for the secret, and waits for it as for the network.
    private func fetch(_ source: @escaping SSHSettings.SecretSource) throws(RemoteError) -> String {
        let answer = Answer<Result<String, SecretProblem>>(wake: dialler.wake)
        let task = Task {
            do {
                answer.give(.success(try await source()))
            } catch {
                answer.give(.failure(SecretProblem(text: String(describing: error))))
            }
        }
        defer { task.cancel() }
        switch try dialler.wait(for: answer, stage: "waiting for the password's source") {
        case .success(let secret): return secret
        case .failure(let problem): throw hop.error(.secretUnavailable, detail: problem.text)
        }
    }

    // MARK: Failure

    private func lost(_ stage: String) -> RemoteError {
        hop.error(.connectionLost, detail: "\(stage): \(session.errorText)")
    }

    private func refused() -> RemoteError {
        let methods: [(UInt32, String)] = [
            (SSH_AUTH_METHOD_PUBLICKEY, "publickey"), (SSH_AUTH_METHOD_PASSWORD, "password"),
            (SSH_AUTH_METHOD_INTERACTIVE, "keyboard-interactive"),
            (SSH_AUTH_METHOD_HOSTBASED, "hostbased"),
            (SSH_AUTH_METHOD_GSSAPI_MIC, "gssapi-with-mic"),
        ]
        let mask = UInt32(bitPattern: ssh_userauth_list(handle, nil))
        let offered = methods.filter { mask & $0.0 != 0 }.map(\.1)
        let words = (notes + [session.errorText]).filter { !$0.isEmpty }
        return hop.error(
            .authenticationRefused(tried: tried, offered: offered),
            detail: words.joined(separator: "; "))
    }
}

/// Why a secret's source failed, in its own words, which never hold the secret.
struct SecretProblem: Error {
    var text: String
}

/// Connecting to a socket of the file system.
enum UnixSocket {
    /// A connected, blocking socket; nil where nothing listens there.
    static func connect(to path: String) -> Descriptor? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path), !bytes.contains(0) else {
            return nil
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let kind = stream_socket
        let number = socket(AF_UNIX, kind, 0)
        guard number >= 0 else { return nil }
        let descriptor = Descriptor(owning: number)
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        return code == 0 ? descriptor : nil
    }
}
