import CLibSSH
import RemoteOps

/// A public host key of libssh's, freed with its owner. Confined to the session's thread.
final class HostKey {
    let handle: ssh_key

    init(owning handle: ssh_key) { self.handle = handle }
    deinit { ssh_key_free(handle) }

    /// Type and SHA-256, as `ssh-keygen -l` prints them; nil where libssh cannot hash it.
    var fingerprint: HostKeyFingerprint? {
        var hash: UnsafeMutablePointer<UInt8>?
        var length = 0
        guard ssh_get_publickey_hash(handle, SSH_PUBLICKEY_HASH_SHA256, &hash, &length) == 0
        else { return nil }
        defer { ssh_clean_pubkey_hash(&hash) }
        guard let text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, length) else {
            return nil
        }
        defer { ssh_string_free_char(text) }
        let type = ssh_key_type_to_char(ssh_key_type(handle)).map { String(cString: $0) }
        return HostKeyFingerprint(type: type ?? "unknown", sha256: String(cString: text))
    }

    /// The key's bytes in base64, as known_hosts holds them.
    var base64: String? {
        var text: UnsafeMutablePointer<CChar>?
        guard ssh_pki_export_pubkey_base64(handle, &text) == 0, let text else { return nil }
        defer { ssh_string_free_char(text) }
        return String(cString: text)
    }

    /// Whether both are the same public key.
    func matches(_ other: HostKey) -> Bool {
        ssh_key_cmp(handle, other.handle, SSH_KEY_CMP_PUBLIC) == 0
    }
}
