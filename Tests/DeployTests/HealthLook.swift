import Foundation
import LabSupport
import TestSupport
import Testing

/// A run, and what is wrong by it: `HOST CHECK OBJECT`.
struct HealthLook: CustomStringConvertible {
    var run: Site.Run
    var troubles: [String: [String: Any]] = [:]
    var description: String { "\(troubles.keys.sorted())\n\(run.talk)" }

    init(_ run: Site.Run) throws {
        self.run = run
        let hosts = try #require(try run.json()["hosts"] as? [[String: Any]], "\(run)")
        for host in hosts {
            for verdict in try #require(host["verdicts"] as? [[String: Any]])
            where verdict["level"] as? String != "ok" {
                let words = [host["host"], verdict["check"], verdict["object"]]
                troubles[words.compactMap { $0 as? String }.joined(separator: " ")] = verdict
            }
        }
    }

    func has(_ name: String, level: String = "critical") -> Bool {
        troubles[name]?["level"] as? String == level
    }

    /// The hosts of the lab share the machine's load, memory and speed: what those say is the
    /// machine's, and is judged in other tests.
    static let lenient =
        "health: {load: {warning: 90000, critical: 99999}, memory_used: {warning: 99, critical: 100},"
        + " answer_time: {warning: 30, critical: 60}, temperature: {warning: 150, critical: 160}}"

    /// Nothing sets the clocks of the lab's hosts; here it is said that something does.
    static let timesync =
        "mkdir -p /run/systemd/timesync && touch /run/systemd/timesync/synchronized\n"
}
