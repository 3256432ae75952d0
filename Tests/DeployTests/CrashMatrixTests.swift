import Foundation
import LabSupport
import TestSupport
import Testing

/// Deploys that are broken off at every point: the host is whole afterwards, every time.
@Suite(.lab, .sharesLab) struct CrashMatrixTests {
    /// What is deployed where, and how many hosts share that.
    struct Deploys: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var kind: CrashHost.Kind
        var change: CrashShard.Change
        var hosts: Int
        /// Only every so manieth point, where the tests are not to take long.
        var stride = 1
    }

    private static let isLong = ProcessInfo.processInfo.environment["FLEET_LONG_TESTS"] != nil

    private static let deploys = [
        Deploys(
            testDescription: "systemd, takeover", kind: .systemd, change: .takeover,
            hosts: 3, stride: 3),
        Deploys(
            testDescription: "systemd, update", kind: .systemd, change: .update, hosts: 4),
        Deploys(
            testDescription: "rc.local, update", kind: .board, change: .update, hosts: 2),
    ]
    private static let longDeploys = [
        Deploys(
            testDescription: "rc.local, first deploy", kind: .board, change: .takeover,
            hosts: 2)
    ]

    /// Power cut and client killed at every point of an update, and on the way back a power cut; the
    /// same at every third of a takeover. With FLEET_LONG_TESTS=1 all points of all, and also a cut
    /// link and a killed script.
    @Test(.timeLimit(.minutes(60)), arguments: isLong ? deploys + longDeploys : deploys)
    func aHostIsWholeAfterACrashAnywhere(_ deploys: Deploys) async throws {
        try await CrashShard.with(deploys.kind, deploys.change, count: deploys.hosts) {
            var matrix = CrashMatrix(deploys.testDescription, $0)
            if Self.isLong {
                try await matrix.run(
                    [.powerCut, .clientKilled, .linkCut, .scriptKilled],
                    back: [.powerCut, .scriptKilled])
            } else {
                try await matrix.run(
                    [.powerCut, .clientKilled], back: [.powerCut], every: deploys.stride)
            }
            // Two ways at twenty points, and some on the way back.
            #expect(matrix.expected >= 50 / deploys.stride)
            #expect(matrix.rows.count == matrix.expected)
        }
    }
}
