import Glibc
import RemoteOps

/// Making a host's key known, on somebody's word.
public enum SSHTrust {
    /// Why a key could not be written down.
    public struct WriteError: Error, Sendable, Equatable {
        /// The known_hosts file.
        public var path: String
        /// The system's words.
        public var detail: String
    }

    /// The key that a host shows now. Nothing is trusted and no credential is sent.
    public static func hostKey(
        of settings: SSHSettings, via jump: SSHHost? = nil
    ) async throws(RemoteError) -> PresentedHostKey {
        let hop = Hop(name: settings.name, via: jump?.name)
        let opening = try await Opening(
            settings, hop: hop, via: jump, until: .now + settings.connectTimeout)
        let result: Result<PresentedHostKey, RemoteError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                opening.start(.key { continuation.resume(returning: $0) }) { _ in }
            }
        } onCancel: {
            opening.ticket.cancel()
        }
        return try result.get()
    }

    /// The known_hosts file that these settings use.
    public static func knownHostsPath(_ settings: SSHSettings) -> String {
        knownHostsPath(named: settings.knownHosts)
    }

    /// The known_hosts file that an inventory means by this; the usual one where it names none.
    public static func knownHostsPath(named path: String?) -> String {
        UserPath.expanded(path ?? "~/.ssh/known_hosts")
    }

    /// Adds a key's line to a known_hosts file: a temporary file beside it, fsync, rename; made
    /// with mode 0600 where it was missing, with its mode kept where it was there. A symbolic
    /// link is followed.
    public static func remember(
        _ key: PresentedHostKey, in path: String
    ) throws(WriteError) {
        let target = resolved(path)
        var text = readFile(target, limit: KnownHosts.sizeLimit)
        var mode: mode_t = 0o600
        var status = stat()
        if stat(target, &status) == 0 {
            guard text != nil else {
                throw WriteError(path: path, detail: "it cannot be read, or is too large")
            }
            mode = status.st_mode & 0o777
        } else {
            text = []
            try makeFolder(of: target, path)
        }
        var bytes = text ?? []
        if let last = bytes.last, last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
        bytes += Array((key.knownHostsLine + "\n").utf8)
        try replace(target, with: bytes, mode: mode, path)
    }

    private static func resolved(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }

    private static func makeFolder(of target: String, _ path: String) throws(WriteError) {
        guard let slash = target.lastIndex(of: "/"), slash != target.startIndex else { return }
        let folder = String(target[..<slash])
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
            throw WriteError(path: path, detail: "\(folder): \(errnoText(errno))")
        }
    }

    private static func replace(
        _ target: String, with bytes: [UInt8], mode: mode_t, _ path: String
    ) throws(WriteError) {
        let temporary = "\(target).fleetctl-\(getpid())"
        let number = open(
            temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard number >= 0 else { throw WriteError(path: path, detail: errnoText(errno)) }
        let file = Descriptor(owning: number)
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(file.number, $0.baseAddress, $0.count) }
            guard count > 0 else { throw discard(temporary, path) }
            rest = rest.dropFirst(count)
        }
        guard fchmod(file.number, mode) == 0, fsync(file.number) == 0,
            rename(temporary, target) == 0
        else { throw discard(temporary, path) }
    }

    private static func discard(_ temporary: String, _ path: String) -> WriteError {
        let detail = errnoText(errno)
        _ = unlink(temporary)
        return WriteError(path: path, detail: detail)
    }
}
