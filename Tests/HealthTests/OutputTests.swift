import Foundation
import Health
import Reports
import TestSupport
import Testing

/// Golden files, and the schema that the documentation names.
@Suite struct OutputTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Two hosts with troubles, one of them silent.
    private func fleet() throws -> FleetHealth {
        var pi = try Sample()
        pi.replace("|/dev/mmcblk0p2    30000000", with: "|/dev/mmcblk0p2 100000 95000 5000 95% /")
        pi.replace("|alarms=", with: "|alarms=no-charging")
        pi.past.verdicts[Verdict.Key(host: "pi", check: "disk-space", object: "/")] =
            VerdictMemory(level: .critical, since: Sample.now.addingTimeInterval(-90_000))
        let board = HealthJudge.health(
            of: try Sample(host: "olimex").subject,
            unanswered: .unreachable("it did not answer in time \u{1B}[2J|"), past: HealthPast(),
            at: Sample.now, seconds: 15)
        return FleetHealth(fleet: "sample", takenAt: Sample.now, hosts: [try pi.health(), board])
    }

    private func table(_ fleet: FleetHealth) -> String {
        HealthTable.lines(fleet, now: Sample.now).joined(separator: "\n") + "\n"
    }

    @Test func theTable() throws {
        let fleet = try fleet()
        try Golden.expect("health/table.txt", table(fleet))
        let well = FleetHealth(
            fleet: "sample", takenAt: Sample.now, hosts: [try Sample().health()])
        try Golden.expect("health/well.txt", table(well))
    }

    @Test func theNagiosLine() throws {
        let fleet = try fleet()
        let line = HealthNagios.line(fleet)
        try Golden.expect("health/nagios.txt", line + "\n")
        #expect(line.count { $0 == "|" } == 1)
        #expect(HealthNagios.code(fleet.level) == 2)
    }

    @Test func theJSON() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let data = try encoder.encode(HealthDocument(try fleet()))
        try Golden.expect("health/health.json", String(decoding: data, as: UTF8.self) + "\n")
    }

    /// By a validator of another maker: Debian's python3-jsonschema.
    @Test func theJSONIsAsItsSchemaSays() async throws {
        let folder = try TemporaryFolder()
        let encoder = JSONEncoder()
        let schema = Self.root.appendingPathComponent("Documentation/health.schema.json").path
        try folder.write(
            "good", String(decoding: try encoder.encode(HealthDocument(fleet())), as: UTF8.self))
        try folder.write("bad", #"{"version":1,"fleet":"x","level":"fine","hosts":[]}"#)
        let check = """
            import json, sys, jsonschema
            schema = json.load(open(sys.argv[1]))
            jsonschema.Draft7Validator.check_schema(schema)
            jsonschema.Draft7Validator(schema).validate(json.load(open(sys.argv[2])))
            """
        for (name, isGood) in [("good", true), ("bad", false)] {
            let result = try await Shell.run(
                ["python3", "-c", check, schema, folder.path + "/" + name])
            #expect((result.status == 0) == isGood, "\(name): \(result.errorText)")
        }
    }
}
