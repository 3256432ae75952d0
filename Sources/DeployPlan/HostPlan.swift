import Inventory
import RemoteOps

/// What must be done on one host, from what it must be and what it is. Pure: facts in, plan out.
public struct HostPlan: Sendable, Equatable {
    /// The host.
    public var host: HostName
    /// What changes of each service; services that are as they must be are here too.
    public var services: [ServiceChange]
    /// Reasons why nothing may be done; where there is one, the steps are not carried out.
    public var refusals: [Refusal]
    /// The steps in order; empty where there is nothing to do.
    public var steps: [Step]
    /// What leads back to the state before, whole, from after any of the steps.
    public var undo: [Step]
    /// The text that `/etc/rc.local` gets, where that changes.
    public var rcLocal: RcLocalChange?
    /// What `/etc/rc.local` gets for good before the first step of any deploy, where it lacks that:
    /// the line that takes an interrupted deploy back at boot.
    public var rcLocalHook: RcLocalChange?
    /// What starts the host's services.
    public var initSystem = Host.InitSystem.systemd
    /// Texts of units that are installed without a release, by name.
    public var units: [String: String] = [:]

    /// Nothing to send and nothing to do.
    public var isEmpty: Bool { steps.isEmpty && services.allSatisfy { $0.transfer == nil } }
}

/// The new text of `/etc/rc.local` and what it was made from.
public struct RcLocalChange: Sendable, Equatable {
    /// The hash of the text before; nil where there was no file.
    public var sha256Before: String?
    /// The lines before; nil where there was no file.
    public var before: [String]?
    /// The whole file after.
    public var after: [UInt8]
}

/// What changes of one service on one host.
public struct ServiceChange: Sendable, Equatable {
    /// The service's name.
    public var service: String
    /// The release in use before; nil where there is none.
    public var from: ReleaseID?
    /// The release that must be in use.
    public var to: ReleaseID
    /// What must be sent to the host.
    public var transfer: Transfer?
    /// Files of the current release against those of the wanted one.
    public var files: [FileChange]
    /// Texts that change, for the diff.
    public var texts: [TextChange]
    /// Why the service is restarted; nil where it is not.
    public var restart: RestartReason?
    /// Other things that are put right, in words.
    public var repairs: [String]
    /// What differs and is left for a person, in words.
    public var notes: [String] = []
}

/// The files of a release that the host lacks, and those that it has in another release.
public struct Transfer: Sendable, Equatable {
    /// Paths to send.
    public var sent: [String]
    /// Files taken over on the host: path in the new release, path and release that have it.
    public var reused: [Reuse]

    /// One file taken over.
    public struct Reuse: Sendable, Equatable {
        /// Path in the new release.
        public var path: String
        /// The release that has a file with these bytes at `oldPath`.
        public var release: ReleaseID
        /// Path in that release.
        public var oldPath: String
    }
}

/// One file that differs between the release in use and the wanted one.
public struct FileChange: Sendable, Equatable {
    /// How it differs.
    public enum Kind: String, Sendable, Equatable { case added, changed, removed }
    /// Path in the release.
    public var path: String
    /// How it differs.
    public var kind: Kind
    /// The first digits of the hash before.
    public var hashBefore: String?
    /// The first digits of the hash after.
    public var hashAfter: String?
    /// Bytes after; nil where the file goes, and where the size is not known.
    public var size: Int?
}

/// A text that changes.
public struct TextChange: Sendable, Equatable {
    /// What it is, for the diff's head line: a path.
    public var name: String
    /// Lines before; nil where the file is new.
    public var before: [String]?
    /// Lines after.
    public var after: [String]
}

/// Why a service must be restarted.
public enum RestartReason: String, Sendable, Equatable {
    /// It does not run.
    case notRunning = "it does not run"
    /// It runs from another release, or from outside any.
    case otherRelease = "it runs another release"
    /// Its unit changed.
    case unitChanged = "its unit changed"
    /// Its files on the host were damaged and are replaced.
    case damaged = "its files on the host differ from the release"
}

/// Why a plan may not be carried out.
public enum Refusal: Sendable, Equatable {
    /// The probe did not run as root.
    case notRoot(user: String)
    /// The host lacks programs that the scripts need.
    case toolsMissing([String])
    /// The inventory says one init system, the host runs another.
    case otherInit(expected: Host.InitSystem)
    /// A declared port is held by something else.
    case portHeld(service: String, Listener)
    /// The disk has less room than the transfer needs, in bytes; so much of it older releases take.
    case diskFull(needed: Int, free: Int, removable: Int)
    /// The disk has room for fewer files than the transfer brings.
    case filesFull(needed: Int, free: Int)
    /// The service has no release on the host that its unit could start.
    case notDeployed(service: String)
    /// `/etc/rc.local` could not be read exactly, or is no shell script.
    case rcLocalUnreadable(String)
    /// No release was in use before the current one, or it is not there any more.
    case noPreviousRelease(service: String)
    /// The wanted release is not on the host.
    case releaseMissing(service: String, release: ReleaseID)
    /// The files of the wanted release are not those that it is named after.
    case releaseDamaged(service: String, release: ReleaseID)
    /// The wanted release holds no unit for this service: it was made for a host without systemd.
    case releaseWithoutUnit(service: String, release: ReleaseID)
}
