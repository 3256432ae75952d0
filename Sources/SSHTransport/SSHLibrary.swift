import CLibSSH
import Logging

/// The library as a whole: started once, checked once, heard through swift-log.
public enum SSHLibrary {
    /// The oldest libssh that the transport works with.
    public static let oldestVersion = "0.10.6"

    /// Debian 12's revision that carries the security fixes; older ones are named by `advice`.
    static let oldestBookwormRevision = 3

    /// libssh's own version text, such as `0.10.6/openssl/zlib`.
    public static var version: String {
        ssh_version(0).map { String(cString: $0) } ?? "unknown"
    }

    /// Starts the library (ssh_init), once for the process. nil where it is fit for use, else
    /// what is wrong and what to do.
    public static let problem: String? = start()

    /// What the system's package manager says against the installed build; nil where it says
    /// nothing or cannot be asked.
    public static func advice() -> String? {
        guard let installed = DebianPackage.installedVersion(of: "libssh-4") else { return nil }
        let stem = "0.10.6-0+deb12u"
        guard installed.hasPrefix(stem),
            let revision = Int(installed.dropFirst(stem.count).prefix { $0.isNumber }),
            revision < oldestBookwormRevision
        else { return nil }
        return "libssh-4 \(installed) lacks security fixes of "
            + "\(stem)\(oldestBookwormRevision): apt-get install --only-upgrade libssh-4"
    }

    /// Sends libssh's own log to `logger` from now on, at trace level; nil ends it. Sessions
    /// opened before keep what they had.
    public static func setLogger(_ logger: Logger?) { LogTap.shared.set(logger) }

    private static func start() -> String? {
        guard ssh_version((0 << 16) | (10 << 8) | 6) != nil else {
            return "libssh \(version) is too old: \(oldestVersion) or later is needed "
                + "(Debian 12: apt-get install libssh-4)"
        }
        guard ssh_init() == 0 else { return "libssh could not be started (ssh_init)" }
        return nil
    }
}
