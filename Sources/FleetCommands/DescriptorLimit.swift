import Glibc

/// How many files this process may have open: a session has up to four, and the usual limit of 1024
/// is reached before the hosts that `--parallel` allows are.
public enum DescriptorLimit {
    /// As many are enough, and not more than programs that fleetctl starts can be given.
    static let enough: rlim_t = 4096

    /// Raises the soft limit towards the hard one, as setrlimit(2) lets every process do. Where the
    /// system refuses, the limit stays: a host for which nothing is left is reported as such.
    public static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = wanted(soft: limit.rlim_cur, hard: limit.rlim_max)
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// The soft limit to have: never less than it is, never more than the hard one.
    static func wanted(soft: rlim_t, hard: rlim_t) -> rlim_t {
        max(soft, min(hard, enough))
    }
}
