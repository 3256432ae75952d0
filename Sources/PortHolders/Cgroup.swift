/// Where a process belongs, from /proc/PID/cgroup (cgroups(7)): version 2, version 1, or both.
public struct Cgroup: Sendable, Equatable {
    /// What kind of place it is.
    public enum Kind: Sendable, Equatable {
        /// A service of the system's manager, by the unit's name.
        case service(String)
        /// A login session, by the scope's name: processes here were started by hand.
        case session(String)
        /// A user's own manager, by its unit's name.
        case userManager(String)
        /// Another scope, by its name, such as a container's.
        case scope(String)
        /// The manager itself, the kernel, or a machine without any.
        case root
        /// Nothing that is understood.
        case unknown
    }

    /// The path in the hierarchy that systemd manages, without a slash at its end.
    public var path: String
    /// What kind of place that is.
    public var kind: Kind

    /// Reads the file; nil where it has no line that systemd's hierarchy could be.
    public init?(_ text: [UInt8]) {
        var unified: ArraySlice<UInt8>?
        var named: ArraySlice<UInt8>?
        for line in text.split(separator: 0x0A) {
            let parts = line.split(separator: 0x3A, maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            if parts[1].elementsEqual("name=systemd".utf8) {
                named = parts[2]
            } else if parts[0].elementsEqual("0".utf8), parts[1].isEmpty {
                unified = parts[2]
            }
        }
        // On a host with both, systemd manages the named one, and the other may be empty; or the
        // named one is the kernel's or the machine's around a container, with all at its root.
        guard let bytes = named ?? unified else { return nil }
        self.init(path: bytes)
        if kind == .root, let unified { self.init(path: unified) }
    }

    /// A place by its path.
    public init(path bytes: ArraySlice<UInt8>) {
        let parts = bytes.split(separator: 0x2F)
        path = parts.reduce(into: "") { $0 += "/" + String(decoding: $1, as: UTF8.self) }
        kind = Self.kind(parts)
    }

    /// The outermost unit decides: what a service starts below itself is that service's, and what
    /// runs below a user's manager is that user's, service or not.
    private static func kind(_ parts: [ArraySlice<UInt8>]) -> Kind {
        guard !parts.isEmpty else { return .root }
        for part in parts {
            let name = String(decoding: part, as: UTF8.self)
            if ends(part, ".service") {
                return starts(part, "user@") ? .userManager(name) : .service(name)
            }
            if ends(part, ".scope") {
                if name == "init.scope" { return .root }
                return starts(part, "session-") ? .session(name) : .scope(name)
            }
        }
        return .unknown
    }

    private static func ends(_ part: ArraySlice<UInt8>, _ text: StaticString) -> Bool {
        part.count > text.utf8CodeUnitCount
            && part.suffix(text.utf8CodeUnitCount).elementsEqual(bytes(text))
    }

    private static func starts(_ part: ArraySlice<UInt8>, _ text: StaticString) -> Bool {
        part.prefix(text.utf8CodeUnitCount).elementsEqual(bytes(text))
    }

    private static func bytes(_ text: StaticString) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    }
}
