import CLibSSH
import Glibc
import RemoteOps

/// A private key from a file, freed with its owner. Confined to the session's thread.
final class Identity {
    /// Why a file gives no key.
    enum Problem: Error {
        case missing
        case tooOpen
        case encrypted
        case unreadable
    }

    /// Key files larger than this are refused.
    static let sizeLimit = 1 << 20

    let handle: ssh_key

    /// Reads the key at `path`.
    init(path: String) throws(Problem) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .missing }
        guard status.st_mode & 0o077 == 0 else { throw .tooOpen }
        guard let text = readTextFile(path, limit: Self.sizeLimit) else { throw .unreadable }
        guard !Self.isEncrypted(text) else { throw .encrypted }
        var handle: ssh_key?
        guard ssh_pki_import_privkey_base64(text, nil, nil, nil, &handle) == 0, let handle else {
            throw .unreadable
        }
        self.handle = handle
    }

    deinit { ssh_key_free(handle) }

    /// Whether a key file's text needs a passphrase: PEM says so in its header; OpenSSH's own
    /// format names the cipher first, `none` where there is no passphrase.
    static func isEncrypted(_ text: String) -> Bool {
        let lines = text.split(whereSeparator: \.isNewline)
        guard let header = lines.firstIndex(of: "-----BEGIN OPENSSH PRIVATE KEY-----"),
            header + 1 < lines.count
        else {
            return lines.contains { $0.utf8.count < 100 && $0.hasSuffix("ENCRYPTED") }
                || lines.first == "-----BEGIN ENCRYPTED PRIVATE KEY-----"
        }
        // base64 of "openssh-key-v1\\0", the length 4 and "none".
        return !lines[header + 1].hasPrefix("b3BlbnNzaC1rZXktdjEAAAAABG5vbmU")
    }
}
