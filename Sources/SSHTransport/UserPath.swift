import Glibc

/// Paths as people write them.
enum UserPath {
    /// `~` and `~/…` expanded to this user's home; other paths as they are.
    static func expanded(_ path: String) -> String {
        guard path == "~" || path.hasPrefix("~/"), let home else { return path }
        return home + path.dropFirst()
    }

    /// HOME, or what the password database says.
    static var home: String? {
        if let home = getenv("HOME"), home.pointee != 0 { return String(cString: home) }
        guard let entry = getpwuid(getuid()), let directory = entry.pointee.pw_dir else {
            return nil
        }
        return String(cString: directory)
    }
}
