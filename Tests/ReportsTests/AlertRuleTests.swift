import Foundation
import Health
import TestSupport
import Testing

@testable import Reports

/// The alert rules that come with fleetctl, by Prometheus' own tool.
@Suite struct AlertRuleTests {
    private static let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    private static let rules = project.appendingPathComponent(
        "Documentation/prometheus/fleet-alerts.yml")
    private static let tests = project.appendingPathComponent(
        "Tests/Fixtures/prometheus/fleet-alerts-tests.yml")

    @Test(.timeLimit(.minutes(1))) func promtoolTakesThem() async throws {
        let result = try await Shell.run(["promtool", "check", "rules", Self.rules.path])
        #expect(result.status == 0, "\(result.text)\(result.errorText)")
    }

    @Test(.timeLimit(.minutes(1))) func theyFireWhenTheyShould() async throws {
        let folder = try TemporaryFolder()
        for file in [Self.rules, Self.tests] {
            try folder.write(
                file.lastPathComponent, try String(contentsOf: file, encoding: .utf8))
        }
        let result = try await Shell.run(
            ["promtool", "test", "rules", folder.path + "/" + Self.tests.lastPathComponent])
        #expect(result.status == 0, "\(result.text)\(result.errorText)")
    }

    /// A metric that was renamed would silence its alarm.
    @Test func everyMetricInThemExists() throws {
        let known = PrometheusText(PrometheusTextTests.fleet()).rendered()
        let exporter = [
            "fleet_exporter_round_age_seconds"
        ]
        let text = try String(contentsOf: Self.rules, encoding: .utf8)
        let names = text.matches(of: /fleet_[a-z_]+/).map { String($0.output) }
        #expect(names.count > 5)
        for name in names where !exporter.contains(name) {
            #expect(known.contains("# TYPE \(name) "), "\(name)")
        }
    }
}
