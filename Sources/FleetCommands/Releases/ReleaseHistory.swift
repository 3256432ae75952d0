import Foundation
import RemoteOps

/// What a host's own notes say of the releases of one service: which was there before, which
/// failed, who brought it. The host is believed as far as its notes make sense.
struct ReleaseHistory: Sendable {
    /// What became of a release.
    enum State: String, Encodable, Sendable {
        case current
        /// In use before the current one; what a rollback goes to.
        case previous
        /// In use once.
        case deployed
        /// Tried last without success, and taken back.
        case failed
        /// Brought to the host and never switched to.
        case staged
    }

    /// One release, with what is known of it.
    struct Entry: Sendable {
        var stored: StoredRelease
        var state: State
        /// When it came, by the host's clock.
        var time: Date?
        var owner: String?
        var commit: String?
    }

    /// A line of the host's log.
    private struct LogLine: Decodable {
        struct Change: Decodable {
            var service: String
            var from: String?
            var to: String?
        }
        var time: Int?
        var outcome: String
        var owner: String?
        var commit: String?
        var services: [Change]?
    }

    /// What was noted when a release came.
    private struct About: Decodable {
        var time: Int?
        var owner: String?
        var commit: String?
    }

    /// One try to make a release the current one.
    private struct Attempt {
        var line: LogLine
        var from: ReleaseID?
        var release: ReleaseID
        var succeeded: Bool { line.outcome == "done" }
    }

    /// The releases, newest first.
    let entries: [Entry]
    /// What was in use before the current release, where it is still on the disk.
    let previous: ReleaseID?

    init(_ found: ServiceReleases, service: String) {
        let attempts = Self.attempts(found.log, service)
        let stored = Set(found.releases.map(\.id))
        let previous = Self.previous(of: found.current, attempts, stored)
        self.previous = previous
        entries = found.releases.map { release in
            let state: State =
                release.id == found.current
                ? .current
                : release.id == previous ? .previous : Self.state(of: release.id, attempts)
            return Self.entry(release, state, attempts)
        }
        .sorted {
            ($0.time ?? .distantPast, $0.stored.id.text)
                > ($1.time ?? .distantPast, $1.stored.id.text)
        }
    }

    private static func attempts(_ log: [String], _ service: String) -> [Attempt] {
        log.flatMap { text -> [Attempt] in
            // A line that is no such object tells nothing; the host is not trusted.
            guard let line = try? JSONDecoder().decode(LogLine.self, from: Data(text.utf8)) else {
                return []
            }
            return (line.services ?? []).filter { $0.service == service }.compactMap { change in
                guard let release = change.to.flatMap(ReleaseID.init) else { return nil }
                return Attempt(
                    line: line, from: change.from.flatMap(ReleaseID.init), release: release)
            }
        }
    }

    /// What the current release took the place of; where the log does not reach that far, the last
    /// other one that was in use.
    private static func previous(
        of current: ReleaseID?, _ attempts: [Attempt], _ stored: Set<ReleaseID>
    ) -> ReleaseID? {
        guard let current else { return nil }
        let switches = attempts.filter { $0.succeeded && $0.from != $0.release }
        let taken = switches.last { $0.release == current }
        if let from = taken?.from, stored.contains(from) { return from }
        return switches.last { $0.release != current && stored.contains($0.release) }?.release
    }

    private static func state(of release: ReleaseID, _ attempts: [Attempt]) -> State {
        guard let last = attempts.last(where: { $0.release == release }) else { return .staged }
        return last.succeeded ? .deployed : .failed
    }

    private static func entry(
        _ release: StoredRelease, _ state: State, _ attempts: [Attempt]
    ) -> Entry {
        // As above: a note that cannot be read tells nothing.
        let about = release.about.flatMap {
            try? JSONDecoder().decode(About.self, from: Data($0.utf8))
        }
        let first = attempts.first { $0.release == release.id }?.line
        let time = about?.time ?? first?.time ?? release.modified
        return Entry(
            stored: release, state: state,
            time: time.map { Date(timeIntervalSince1970: TimeInterval($0)) },
            owner: about?.owner ?? first?.owner, commit: about?.commit ?? first?.commit)
    }
}
