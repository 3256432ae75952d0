import Foundation
import LabSupport
import TestSupport
import Testing

/// Deploys that are broken off at every point: the host is whole afterwards, every time.
@Suite(.lab) struct CrashMatrixTests {
    private static let isLong = ProcessInfo.processInfo.environment["FLEET_LONG_TESTS"] != nil

    /// Every point (or every third) by a power cut; of the other faults some, or with FLEET_LONG_TESTS=1 all.
    private static func run(
        _ matrix: CrashMatrix, _ title: String, every stride: Int = 1
    ) async throws {
        let points = try await matrix.points()
        #expect(points.count >= 12, "\(points)")
        var expected = 0
        for (index, name) in points.enumerated() where isLong || index % stride == 0 {
            var faults: [CrashMatrix.Fault] = [.powerCut]
            if isLong {
                faults += [.clientKilled, .linkCut, .scriptKilled]
            } else if stride == 1,
                index % 6 == 2 || name == "journal switched" || name == "journal confirmed"
            {
                faults += [.clientKilled]
            }
            // Among them the one between a link and its rename.
            if !isLong, stride == 1, index % 6 == 4 { faults += [.scriptKilled] }
            for fault in faults {
                try await matrix.breakOff(at: index + 1, named: name, by: fault)
                expected += 1
            }
        }
        matrix.printTable(title)
        #expect(matrix.rows.count == expected)
    }

    @Test(.sharesLab, .timeLimit(.minutes(30))) func aSystemdHostIsWholeAfterACrashAnywhere()
        async throws
    {
        try await FreshHost.with { fresh in
            let host = CrashHost(lab: fresh.lab, name: fresh.name, kind: .systemd)
            try await Self.run(CrashMatrix(host, fresh.site), "systemd")
        }
    }

    @Test(.sharesLab, .timeLimit(.minutes(30))) func aFirstDeployThatTakesOverIsWholeToo()
        async throws
    {
        try await FreshHost.with { fresh in
            let host = CrashHost(lab: fresh.lab, name: fresh.name, kind: .systemd)
            try await Self.run(CrashMatrix(host, fresh.site, .takeover), "takeover", every: 3)
        }
    }

    @Test(.faultsLab, .timeLimit(.minutes(30))) func theBoardIsWholeAfterACrashAnywhere()
        async throws
    {
        try await BoardHost.with { lab, site in
            let host = CrashHost(lab: lab, name: "olimex", kind: .board)
            try await Self.run(CrashMatrix(host, site), "rc.local")
        }
    }
}
