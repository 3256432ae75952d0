import Foundation
import LabSupport
import TestSupport
import Testing

/// A host on which deploys are broken off: how it is looked at, and where its scripts stop.
struct CrashHost: Sendable {
    /// What starts its services.
    enum Kind: Sendable { case systemd, board }

    let lab: Lab
    let name: String
    let kind: Kind

    /// Has the scripts stop at this point, from 1; at none where it is 0.
    func stop(at point: Int) async throws { try await stop(at: String(point)) }

    /// The same, also by the point's name.
    func stop(at point: String) async throws {
        try await sh(
            """
            rm -rf /run/points; mkdir -p /run/points; : >/run/points/log
            echo 0 >/run/points/count; echo '\(point)' >/run/points/stop
            """)
    }

    /// The points that were passed since.
    func passed() async throws -> [String] {
        try await sh("cat /run/points/log").split(separator: "\n").map(String.init)
    }

    /// Waits, in the host, until a process stops at a point.
    ///
    /// - Returns: that process and the point's name; nil where none stops in 30 s.
    func arrival() async throws -> (process: String, point: String)? {
        let line = try await lab.sh(
            name,
            """
            tries=0
            until [ -e /run/points/reached ]; do
                tries=$((tries + 1))
                [ "$tries" -lt 600 ] || exit 0
                sleep 0.05
            done
            cat /run/points/reached
            """
        ).output.trimmed
        guard let blank = line.firstIndex(of: " ") else { return nil }
        return (String(line[..<blank]), String(line[line.index(after: blank)...]))
    }

    /// The process that waits at a point; nil while none does.
    func waiting() async throws -> String? {
        let line = try await lab.sh(name, "cat /run/points/reached 2>/dev/null").output.trimmed
        return line.isEmpty ? nil : String(line.prefix { $0 != " " })
    }

    /// Counts points anew from the next one on, lets the process at a point go on to there.
    func goOn(to point: Int) async throws {
        try await sh(
            """
            : >/run/points/log
            echo 0 >/run/points/count; echo \(point) >/run/points/stop
            rm -f /run/points/reached
            """)
    }

    /// Lets the process at the point go on, and stops nobody any more.
    func goOn() async throws { try await sh("rm -f /run/points/stop /run/points/reached") }

    @discardableResult
    func sh(_ script: String) async throws -> String {
        let result = try await lab.sh(name, script)
        guard result.status == 0 else {
            throw LabError(message: "\(name): \(script): \(result.output)")
        }
        return result.output.trimmed
    }
}
