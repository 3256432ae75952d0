import CLibSSH
import Glibc
import RemoteOps

/// One libssh session: its handle, its settings and the calls that are made while it connects.
///
/// Confined to one thread: made, used and freed on the session's own thread, which is why it is
/// not Sendable. libssh never blocks here; each call that answers SSH_AGAIN is repeated after a
/// wait in poll(2) that also hears the wake descriptor.
final class SSHSession {
    let hop: Hop
    let settings: SSHSettings
    let handle: ssh_session
    private let wake: Wake

    /// The name that host keys are known under: `address`, or what `HostName` of the client
    /// configuration makes of it.
    private(set) var hostName: String
    /// A ProxyCommand or ProxyJump that the configuration names and that is not followed.
    private(set) var ignoredProxy: String?
    /// The first key file that the configuration names, or libssh's default for one.
    private(set) var configuredIdentity: String?

    /// A session with its options set and nothing sent.
    init(_ settings: SSHSettings, hop: Hop, wake: Wake) throws(RemoteError) {
        guard let handle = ssh_new() else { throw hop.error(.badSetting, detail: "out of memory") }
        self.handle = handle
        self.hop = hop
        self.settings = settings
        self.wake = wake
        hostName = settings.address
        try readConfiguration()
        try setOptions()
        ssh_set_blocking(handle, 0)
    }

    /// Closes the socket too. ssh_disconnect is not called: it forgets, unclosed, a socket that
    /// was given to it.
    deinit { ssh_free(handle) }

    /// libssh's words for what went wrong last.
    var errorText: String {
        ssh_get_error(UnsafeMutableRawPointer(handle)).map { String(cString: $0) } ?? ""
    }

    /// True once the link is gone or libssh has given the session up.
    var isDead: Bool {
        ssh_is_connected(handle) == 0
            || ssh_get_status(handle) & (SSH_CLOSED | SSH_CLOSED_ERROR) != 0
    }

    // MARK: Options

    private func readConfiguration() throws(RemoteError) {
        try set(SSH_OPTIONS_HOST, settings.address, "address")
        // Also where no file is read: libssh would otherwise read the standard ones by itself.
        var processes: CBool = false
        _ = ssh_options_set(handle, SSH_OPTIONS_PROCESS_CONFIG, &processes)
        let code: Int32
        switch settings.configFile {
        case .none: code = 0
        case .standard: code = ssh_options_parse_config(handle, nil)
        case .file(let path): code = ssh_options_parse_config(handle, path)
        }
        guard code == 0 else {
            throw hop.error(.badSetting, detail: "the ssh client configuration: \(errorText)")
        }
        hostName = get(SSH_OPTIONS_HOST) ?? settings.address
        if let proxy = get(SSH_OPTIONS_PROXYCOMMAND) {
            ignoredProxy = proxy
            try set(SSH_OPTIONS_PROXYCOMMAND, "none", "ProxyCommand")
        }
        configuredIdentity = get(SSH_OPTIONS_IDENTITY)
    }

    private func setOptions() throws(RemoteError) {
        try set(SSH_OPTIONS_USER, settings.user, "user")
        var port = UInt32(clamping: settings.port)
        guard (1...65535).contains(settings.port),
            ssh_options_set(handle, SSH_OPTIONS_PORT, &port) == 0
        else { throw hop.error(.badSetting, detail: "port \(settings.port)") }
        // The files that the verdict is made from also decide which key type is asked for first.
        let path = KnownHosts.userPath(settings).replacing("%", with: "%%")
        try set(SSH_OPTIONS_KNOWNHOSTS, path, "known_hosts file")
        try set(SSH_OPTIONS_GLOBAL_KNOWNHOSTS, KnownHosts.systemPath, "known_hosts file")
        // `StrictHostKeyChecking no` in the configuration would make libssh accept every key.
        var on: Int32 = 1
        _ = ssh_options_set(handle, SSH_OPTIONS_STRICTHOSTKEYCHECK, &on)
        _ = ssh_options_set(handle, SSH_OPTIONS_NODELAY, &on)
        var off: Int32 = 0
        _ = ssh_options_set(handle, SSH_OPTIONS_GSSAPI_AUTH, &off)
        for (option, list) in AlgorithmLists.wanted(settings.legacyAlgorithms) {
            try set(option, list.text, list.kind)
        }
        for (option, name) in AlgorithmLists.named(settings.legacyAlgorithms) {
            try refuseUnknown(option, name)
        }
    }

    /// libssh drops names that it does not know from a list without a word; a misspelt one must
    /// not end as a puzzling refusal by the server.
    private func refuseUnknown(_ option: ssh_options_e, _ name: String) throws(RemoteError) {
        guard let trial = ssh_new() else { throw hop.error(.badSetting, detail: "out of memory") }
        defer { ssh_free(trial) }
        guard ssh_options_set(trial, option, name) == 0 else {
            throw hop.error(.badSetting, detail: "libssh knows no algorithm \(name)")
        }
    }

    /// Sets a text option; `label` names the setting in the error.
    func set(_ option: ssh_options_e, _ text: String, _ label: String) throws(RemoteError) {
        guard !text.utf8.contains(0), ssh_options_set(handle, option, text) == 0 else {
            throw hop.error(.badSetting, detail: "\(label) \(text): \(errorText)")
        }
    }

    private func get(_ option: ssh_options_e) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard ssh_options_get(handle, option, &text) == 0, let text else { return nil }
        defer { ssh_string_free_char(text) }
        return String(cString: text)
    }

    // MARK: Waiting

    /// Repeats a call that answers SSH_AGAIN until it answers something else, waiting for the
    /// socket in between.
    func settle(
        _ dialler: Dialler, _ stage: String, again: Int32 = SSH_AGAIN, _ call: () -> Int32
    ) throws(RemoteError) -> Int32 {
        while true {
            let code = call()
            guard code == again else { return code }
            // After a disconnect libssh goes on saying that it waits.
            if isDead { return SSH_ERROR }
            try dialler.check(stage)
            waitForSocket(until: dialler.deadline)
        }
    }

    /// Waits until the socket is ready for what libssh wants of it, the thread is woken or the
    /// time has come.
    func waitForSocket(until deadline: Deadline) {
        let socket = ssh_get_fd(handle)
        if socket >= 0 { setNonblocking(socket) }
        wait(for: socket, wantedEvents, until: deadline)
    }

    /// Waits until a socket is ready, the thread is woken or the time has come.
    func wait(for socket: Int32, _ events: Int16, until deadline: Deadline) {
        // poll(2) passes over a negative number.
        var set = [
            pollfd(fd: wake.number, events: Int16(POLLIN), revents: 0),
            pollfd(fd: socket, events: events, revents: 0),
        ]
        _ = poll(&set, nfds_t(set.count), deadline.pollMilliseconds)
        if set[0].revents != 0 { wake.clear() }
    }

    /// What libssh waits for on its socket.
    var wantedEvents: Int16 {
        let hasOutput = ssh_get_poll_flags(handle) & SSH_WRITE_PENDING != 0
        return Int16(POLLIN) | (hasOutput ? Int16(POLLOUT) : 0)
    }
}
