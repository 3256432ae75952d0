import Testing

@testable import FleetCommands

/// The limit on open files is raised as far as it helps, and never lowered.
@Suite struct DescriptorLimitTests {
    @Test(
        arguments: [
            (soft: 1024, hard: 524_288, wanted: 4096), (1024, 2048, 2048), (1024, 1024, 1024),
            (20_000, 20_000, 20_000), (1024, .max, 4096), (.max, .max, .max),
        ] as [(soft: UInt, hard: UInt, wanted: UInt)])
    func softGoesTowardsHard(_ row: (soft: UInt, hard: UInt, wanted: UInt)) {
        #expect(DescriptorLimit.wanted(soft: row.soft, hard: row.hard) == row.wanted)
    }
}
