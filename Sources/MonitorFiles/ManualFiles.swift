// Control by files in a folder, as the operators know it: `touch` one, and the monitor obeys.
import Platform

/// What the files ask for.
public struct ManualWishes: Sendable, Equatable {
    /// The generator shall run for as long as the file is there.
    public var forceCharge = false
    /// The generator shall stop now; to be consumed once acted upon.
    public var forceStop = false

    /// Nothing is asked for.
    public init() {}
}

/// The files `pigenny_force_charge` and `pigenny_force_stop`. Only regular files count: a link
/// could be anybody's, and what it leads to is not what somebody touched here.
public struct ManualFiles {
    /// Where the older program looked.
    public static var usualFolder: String { "/tmp" }
    /// Present: a manual run. Removed: its end.
    public static var chargeName: String { "pigenny_force_charge" }
    /// Consumed once acted upon.
    public static var stopName: String { "pigenny_force_stop" }

    /// What there is to say about the files; each is said once, until it has ended.
    public enum Note: Sendable, Equatable {
        /// The folder cannot be looked into: what was wished stays wished.
        case unreadable(path: String, reason: String)
        /// It can again.
        case readable(path: String)
        /// Something other than a file bears the name and counts as nothing.
        case noFile(path: String)
        /// The stop file cannot be removed. It has acted; to act again it must be touched again.
        case notRemoved(path: String, reason: String)

        /// The same as a line.
        public var text: String {
            switch self {
            case .unreadable(let path, let reason):
                path + ": cannot be read, so what was wished by files stays as it was: " + reason
            case .readable(let path): path + ": can be read again"
            case .noFile(let path): path + ": is no regular file and counts as nothing"
            case .notRemoved(let path, let reason):
                path + ": cannot be removed; it has acted, and acts again only when touched: "
                    + reason
            }
        }
    }

    /// A name in the folder, and what is known of it.
    private struct Watched {
        let path: String
        var isStrange = false
        /// The file as it was when the latest look found it.
        var seen: FileIdentity?
        /// A file that has had its effect and could not be removed.
        var spent: FileIdentity?

        /// Whether the file is there and counts; a note where something else is.
        mutating func look(_ notes: inout [Note]) throws(PosixError) -> Bool {
            seen = nil
            do throws(PosixError) {
                seen = try FileIdentity(path)
            } catch {
                guard error.isNotFound else { throw error }
            }
            if seen?.isRegular == false {
                if !isStrange { notes.append(.noFile(path: path)) }
                isStrange = true
                return false
            }
            isStrange = false
            return seen != nil && seen != spent
        }
    }

    private let folder: String
    private var charge: Watched
    private var stop: Watched
    private var isUnreadable = false
    private var wishes = ManualWishes()

    /// Files in this folder.
    public init(folder: String = ManualFiles.usualFolder) {
        self.folder = folder
        charge = Watched(path: folder + "/" + Self.chargeName)
        stop = Watched(path: folder + "/" + Self.stopName)
    }

    /// Looks at the files. Where that cannot be done the wishes are those of the look before; where
    /// it never could, there are none.
    public mutating func read() -> (wishes: ManualWishes, notes: [Note]) {
        var notes: [Note] = []
        do throws(PosixError) {
            try FilePath.checkFolder(folder)
            let wishesCharge = try charge.look(&notes)
            let wishesStop = try stop.look(&notes)
            wishes.forceCharge = wishesCharge
            wishes.forceStop = wishesStop
            if isUnreadable { notes.append(.readable(path: folder)) }
            isUnreadable = false
        } catch {
            if !isUnreadable { notes.append(.unreadable(path: folder, reason: error.text)) }
            isUnreadable = true
        }
        return (wishes, notes)
    }

    /// Removes the stop file that ``read()`` found, after it has been acted upon. One that was
    /// touched since stays, and is the next read's. Where removing is refused (in a sticky folder
    /// only the owner may) the file is remembered, so that it acts once.
    public mutating func consumeForceStop() -> [Note] {
        wishes.forceStop = false
        guard let acted = stop.seen, acted.isRegular, acted != stop.spent else { return [] }
        do throws(PosixError) {
            guard try FileIdentity(stop.path) == acted else { return [] }
            try FilePath.remove(stop.path)
        } catch {
            if error.isNotFound { return [] }
            stop.spent = acted
            return [.notRemoved(path: stop.path, reason: error.text)]
        }
        return []
    }
}
