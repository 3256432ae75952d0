import CPlatform

/// A system call that failed.
public struct PosixError: Error, Sendable, Equatable {
    /// What was being done, for example `bind`.
    public var operation: String
    /// Its errno.
    public var code: Int32

    /// An error from its parts.
    public init(_ operation: String, code: Int32) {
        self.operation = operation
        self.code = code
    }

    /// `bind: Address already in use`.
    public var text: String {
        guard let words = strerror(code) else { return operation + ": error \(code)" }
        return operation + ": " + String(cString: words)
    }

    /// Every name that may be given is taken.
    public static func nameTaken(_ operation: String) -> PosixError {
        PosixError(operation, code: EEXIST)
    }

    /// The address is in use.
    public var isAddressInUse: Bool { code == EADDRINUSE }
    /// There is no such file or name.
    public var isNotFound: Bool { code == ENOENT }
    /// The user may not.
    public var isNotPermitted: Bool { code == EACCES || code == EPERM }
}

/// The result of a call, or the error that errno tells of where it is negative.
func checked(_ operation: String, _ result: Int32) throws(PosixError) -> Int32 {
    guard result < 0 else { return result }
    throw PosixError(operation, code: cp_errno())
}
