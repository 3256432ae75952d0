import Inventory
import UnitLint

/// Findings that somebody has accepted, with a reason, until a day.
public struct Baseline: Sendable, Equatable {
    /// One accepted finding.
    public struct Entry: Sendable, Equatable {
        /// The finding's kind.
        public var finding: String
        /// The host; `*` for every host.
        public var host: String
        /// The finding's subject; `*` for any.
        public var subject: String
        /// Why it is right there; empty where nobody said.
        public var reason: String
        /// The last day on which it counts, as `2027-01-31`; empty where nobody said.
        public var expires: String
        /// Where it stands.
        public var line: Int

        func covers(_ finding: Finding) -> Bool {
            self.finding == finding.id && [finding.host, "*"].contains(host)
                && [finding.subject, "*"].contains(subject)
        }
    }

    /// A finding that an entry accepts.
    public struct Accepted: Sendable, Equatable, Encodable {
        /// What was found.
        public var finding: Finding
        /// Why it is right.
        public var reason: String
        /// The last day on which that counts.
        public var expires: String
    }

    /// The entries, in the order of the file.
    public var entries: [Entry] = []
    private var file = ""

    /// Nothing is accepted.
    public init() {}

    /// The findings that are left, those that entries accept, and what is wrong with entries: they
    /// must give a reason and a day, and accept nothing without, or after it.
    ///
    /// - Parameter today: such as `2026-11-21`; days compare as texts.
    public func sorted(
        _ findings: [Finding], today: String
    ) -> (left: [Finding], accepted: [Accepted]) {
        var left: [Finding] = []
        var accepted: [Accepted] = []
        let valid = entries.filter { fault(of: $0, today: today) == nil }
        for finding in findings {
            if let entry = valid.first(where: { $0.covers(finding) }) {
                accepted.append(
                    Accepted(finding: finding, reason: entry.reason, expires: entry.expires))
            } else {
                left.append(finding)
            }
        }
        left += entries.compactMap { entry in
            fault(of: entry, today: today).map { complaint(entry, $0.id, $0.what) }
        }
        return (left, accepted)
    }

    private func fault(of entry: Entry, today: String) -> (id: String, what: String)? {
        if entry.reason.isEmpty { return ("baseline-without-reason", "gives no reason") }
        if entry.expires.isEmpty { return ("baseline-without-expiry", "gives no day of expiry") }
        // Bytes, as days are written with ASCII digits.
        if entry.expires.utf8.lexicographicallyPrecedes(today.utf8) {
            return ("baseline-expired", "expired on \(entry.expires)")
        }
        return nil
    }

    private func complaint(_ entry: Entry, _ id: String, _ what: String) -> Finding {
        var found = Finding(
            id: id, aspect: .drift, host: entry.host, severity: .warning, subject: entry.finding,
            what: "the baseline's entry for \(entry.finding) of \(entry.subject) \(what), and so"
                + " accepts nothing",
            why: "What is accepted for ever, or for no reason, is forgotten.",
            fix: "mend what it accepts, or renew the entry in \(file)")
        found.evidence.path = file
        found.evidence.line = entry.line
        return found
    }
}

extension Baseline {
    private static let keys = ["finding", "host", "what", "reason", "expires"]

    /// The baseline in a file's tree: `accepted:`, a list of entries.
    ///
    /// - Throws: every problem at once, each with its place.
    public init(_ tree: Node, file: String) throws(InventoryProblems) {
        self.file = file
        var problems: [Problem] = []
        func complain(_ node: Node, _ sentence: String) {
            problems.append(
                Problem(file: file, position: node.position, path: "accepted", sentence: sentence))
        }
        if case .mapping(let top) = tree.content {
            for item in top {
                guard case .scalar("accepted", _) = item.key.content else {
                    complain(item.key, "the only key here is 'accepted'")
                    continue
                }
                guard case .sequence(let nodes) = item.value.content else {
                    complain(item.value, "a list of accepted findings is expected")
                    continue
                }
                for node in nodes {
                    if let entry = Self.entry(node, complain) { entries.append(entry) }
                }
            }
        } else {
            complain(tree, "a mapping with the key 'accepted' is expected")
        }
        if !problems.isEmpty { throw InventoryProblems(problems) }
    }

    private static func entry(_ node: Node, _ complain: (Node, String) -> Void) -> Entry? {
        guard case .mapping(let pairs) = node.content else {
            complain(node, "an entry with finding, host, what, reason and expires is expected")
            return nil
        }
        var values: [String: String] = [:]
        for pair in pairs {
            guard case .scalar(let key, _) = pair.key.content, keys.contains(key) else {
                complain(pair.key, "the keys of an entry are \(keys.joined(separator: ", "))")
                continue
            }
            guard case .scalar(let value, _) = pair.value.content, values[key] == nil else {
                complain(pair.value, "one text for '\(key)' is expected")
                continue
            }
            values[key] = value
        }
        for key in ["finding", "host", "what"] where values[key, default: ""].isEmpty {
            complain(node, "'\(key)' is missing")
        }
        let expires = values["expires", default: ""]
        if !expires.isEmpty, !isDay(expires) {
            complain(node, "'expires' takes a day such as 2027-01-31")
        }
        return Entry(
            finding: values["finding", default: ""], host: values["host", default: ""],
            subject: values["what", default: ""], reason: values["reason", default: ""],
            expires: expires, line: node.position.line)
    }

    private static func isDay(_ text: String) -> Bool {
        let parts = text.utf8.split(
            separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.map(\.count) == [4, 2, 2], let month = Int(Substring(parts[1])),
            let day = Int(Substring(parts[2])), Int(Substring(parts[0])) != nil
        else { return false }
        return (1...12).contains(month) && (1...31).contains(day)
    }
}
