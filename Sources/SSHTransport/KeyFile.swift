/// A look at a private key's file before anything connects with it.
public enum KeyFile {
    /// What keeps a key file from being used.
    public enum Problem: Sendable, Equatable {
        /// There is none, or its folder cannot be entered.
        case missing
        /// Others may read it.
        case openToOthers
        /// It has a passphrase: only an agent can use it.
        case needsPassphrase
        /// It is no private key that libssh can read.
        case unreadable
    }

    /// What keeps the file at a path from being used; nil where nothing does. `~` is expanded.
    public static func problem(at path: String) -> Problem? {
        guard SSHLibrary.problem == nil else { return .unreadable }
        do throws(Identity.Problem) {
            _ = try Identity(path: UserPath.expanded(path))
            return nil
        } catch {
            switch error {
            case .missing: return .missing
            case .tooOpen: return .openToOthers
            case .encrypted: return .needsPassphrase
            case .unreadable: return .unreadable
            }
        }
    }

    /// The files that are tried where the inventory names none, those that are there.
    public static func usual() -> [String] {
        ["id_ed25519", "id_ecdsa", "id_rsa"].map { "~/.ssh/" + $0 }
            .filter { problem(at: $0) != .missing }
    }
}
