import CLibSSH
import RemoteOps

/// What known_hosts files say about one host.
///
/// libssh's own check is not used: it accepts every key where a client configuration says
/// `StrictHostKeyChecking no`, passes over `@revoked` lines and gives up on a line with a key
/// type that it does not know. Its line parser, which knows hashed names and patterns, is.
struct KnownHosts {
    /// The system-wide file, read after the user's.
    static let systemPath = "/etc/ssh/ssh_known_hosts"
    /// A known_hosts file larger than this is refused.
    static let sizeLimit = 16 << 20
    /// A longer line is passed over, as libssh does.
    static let lineLimit = 8192

    /// One line that names the host.
    struct Entry {
        var key: HostKey
        var file: String
        var line: Int
    }

    /// What the files say about a key that a host shows.
    enum Verdict {
        case known
        case unknown
        /// Other keys are known; where each is written.
        case changed([Entry])
        /// An `@revoked` line names this very key.
        case revoked(file: String, line: Int)
    }

    /// The user's file, then the system-wide one.
    var files: [String]

    /// The files of these settings.
    init(_ settings: SSHSettings) {
        files = [Self.userPath(settings), Self.systemPath]
    }

    /// The user's file of these settings.
    static func userPath(_ settings: SSHSettings) -> String {
        SSHTrust.knownHostsPath(settings)
    }

    /// How known_hosts names a host: `name`, or `[name]:port` where the port is not 22.
    static func label(host: String, port: Int) -> String {
        let name = host.lowercased()
        return port == 22 ? name : "[\(name)]:\(port)"
    }

    /// Compares a key with what is known.
    func verdict(on key: HostKey, host: String, port: Int) -> Verdict {
        let label = Self.label(host: host, port: port)
        let wanted = Array(label.utf8)
        let base64 = key.base64
        var others: [Entry] = []
        var isKnown = false
        for file in files {
            guard let bytes = readFile(file, limit: Self.sizeLimit) else { continue }
            var number = 0
            for content in bytes.split(
                separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            {
                number += 1
                let line = KnownHostsLine(content)
                guard content.count < Self.lineLimit, !line.isVoid else { continue }
                guard !line.isMarked else {
                    // Whatever hosts the line is for: a revoked key is good for none.
                    if line.names.elementsEqual("@revoked".utf8), let base64,
                        line.contains(word: base64)
                    {
                        return .revoked(file: file, line: number)
                    }
                    continue
                }
                guard line.mayName(wanted), let known = Self.key(in: line.text, for: label)
                else { continue }
                if known.matches(key) {
                    isKnown = true
                } else {
                    others.append(Entry(key: known, file: file, line: number))
                }
            }
        }
        if isKnown { return .known }
        return others.isEmpty ? .unknown : .changed(others)
    }

    /// The key of a line that names `label`; nil for every other line.
    static func key(in line: String, for label: String) -> HostKey? {
        var entry: UnsafeMutablePointer<ssh_knownhosts_entry>?
        guard ssh_known_hosts_parse_line(label, line, &entry) == 0, let entry else { return nil }
        // The key is taken out of the entry, which would free it.
        let handle = entry.pointee.publickey
        entry.pointee.publickey = nil
        ssh_knownhosts_entry_free(entry)
        return handle.map { HostKey(owning: $0) }
    }
}

extension SSHSession {
    /// The key that the host showed in the key exchange.
    func presentedKey() throws(RemoteError) -> (key: HostKey, fingerprint: HostKeyFingerprint) {
        var handle: ssh_key?
        guard ssh_get_server_publickey(self.handle, &handle) == 0, let handle else {
            throw hop.error(.connectionLost, detail: "the server showed no key: \(errorText)")
        }
        let key = HostKey(owning: handle)
        guard let fingerprint = key.fingerprint else {
            throw hop.error(.badSetting, detail: "the host key cannot be hashed")
        }
        return (key, fingerprint)
    }

    /// Accepts the host's key where a pin or, without pins, known_hosts knows it; throws in every
    /// other case. Nothing else accepts a key.
    func verifyHostKey() throws(RemoteError) {
        let (key, presented) = try presentedKey()
        guard settings.hostKeyPins.isEmpty else {
            if settings.hostKeyPins.contains(presented.sha256) { return }
            throw hop.error(
                .hostKeyChanged(
                    presented: presented,
                    expected: settings.hostKeyPins.map {
                        HostKeyFingerprint(type: "", sha256: $0)
                    }),
                detail: "pinned in the inventory (host_key)")
        }
        let verdict = KnownHosts(settings).verdict(
            on: key, host: hostName, port: settings.port)
        switch verdict {
        case .known: return
        case .unknown: throw hop.error(.hostKeyUnknown(presented: presented))
        case .changed(let entries):
            throw hop.error(
                .hostKeyChanged(
                    presented: presented, expected: entries.compactMap { $0.key.fingerprint }),
                detail: entries.map { "\($0.file):\($0.line)" }.joined(separator: ", "))
        case .revoked(let file, let line):
            throw hop.error(
                .hostKeyChanged(presented: presented, expected: []),
                detail: "\(file):\(line) marks this very key @revoked")
        }
    }
}
