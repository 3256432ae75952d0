import RemoteOps

/// A host's key as it was shown, not yet trusted.
public struct PresentedHostKey: Sendable {
    /// What is known of a key so far.
    public enum Standing: Sendable, Equatable {
        /// Already trusted.
        case known
        /// Never seen.
        case unknown
        /// Other keys are trusted for this host; where each is written, as `file:line`.
        case changed(places: [String], expected: [HostKeyFingerprint])
    }

    /// Type and SHA-256.
    public var fingerprint: HostKeyFingerprint
    /// What the pins or known_hosts say of it.
    public var standing: Standing
    /// The line that would make it known, without a line end.
    public var knownHostsLine: String

    init(fingerprint: HostKeyFingerprint, standing: Standing, knownHostsLine: String) {
        self.fingerprint = fingerprint
        self.standing = standing
        self.knownHostsLine = knownHostsLine
    }

    init(_ session: SSHSession) throws(RemoteError) {
        let (key, fingerprint) = try session.presentedKey()
        guard let base64 = key.base64 else {
            throw session.hop.error(.badSetting, detail: "the host key cannot be written down")
        }
        let settings = session.settings
        let label = KnownHosts.label(host: session.hostName, port: settings.port)
        self.fingerprint = fingerprint
        knownHostsLine = "\(label) \(fingerprint.type) \(base64)"
        guard settings.hostKeyPins.isEmpty else {
            standing =
                settings.hostKeyPins.contains(fingerprint.sha256)
                ? .known
                : .changed(
                    places: ["host_key in the inventory"],
                    expected: settings.hostKeyPins.map {
                        HostKeyFingerprint(type: "", sha256: $0)
                    })
            return
        }
        let verdict = KnownHosts(settings).verdict(
            on: key, host: session.hostName, port: settings.port)
        switch verdict {
        case .known: standing = .known
        case .unknown: standing = .unknown
        case .changed(let entries):
            standing = .changed(
                places: entries.map { "\($0.file):\($0.line)" },
                expected: entries.compactMap { $0.key.fingerprint })
        case .revoked(let file, let line):
            standing = .changed(places: ["\(file):\(line) (@revoked)"], expected: [])
        }
    }
}
