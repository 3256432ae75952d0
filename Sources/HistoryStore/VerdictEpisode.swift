import Foundation
import Health

/// A time during which a check said the same of the same thing.
public struct VerdictEpisode: Sendable, Equatable {
    /// What the verdict is about.
    public var subject: Verdict.Key
    /// How grave it was, in the word of `HealthLevel`.
    public var level: String
    /// What was said last.
    public var summary: String
    /// When it was first said.
    public var since: Date
    /// When it was last said.
    public var seen: Date
    /// When something else was said for the first time; nil while it holds.
    public var ended: Date?
}
