import Testing

@testable import Health

/// Numbers that a service writes are its own words: taken where they are whole, else passed over.
@Suite struct PrometheusReaderTests {
    private static func samples(_ lines: String...) -> [MetricSample] {
        PrometheusReader.samples(in: lines.map { Array($0.utf8)[...] })
    }

    @Test(
        arguments: [
            ("volts 13.25", MetricSample("volts", 13.25)),
            ("volts -1e3", MetricSample("volts", -1000)),
            ("volts  7 1800000000000", MetricSample("volts", 7)),
            (#"volts{battery="48"} 1"#, MetricSample("volts", 1, labels: ["battery": "48"])),
            (
                #"volts { a = "x" } 1"#,  // Prometheus allows no blanks there.
                nil
            ),
            (
                #"volts{a="x",b="y\\\"z",} 1"#,
                MetricSample("volts", 1, labels: ["a": "x", "b": #"y\"z"#])
            ),
            (#"volts{} 2"#, MetricSample("volts", 2)),
        ] as [(String, MetricSample?)])
    func aLineIsANumberUnderItsName(line: String, sample: MetricSample?) {
        #expect(Self.samples(line) == [sample].compactMap { $0 })
    }

    @Test(arguments: [
        "", "# HELP volts the battery", "volts", "volts ", "volts NaN", "volts +Inf", "volts 0x10",
        "volts 1,2", "9volts 1", "vo-lts 1", #"volts{a="x" 1"#, #"volts{a="x} 1"#,
        #"volts{a="x",a="y"} 1"#, #"volts{a=x} 1"#, #"volts{a="x"b="y"} 1"#, #"volts{="x"} 1"#,
        #"volts{a="x\"#, "volts 1e999", "volts " + String(repeating: "1", count: 40),
        String(repeating: "v", count: 81) + " 1",
        "volts{" + (0..<20).map { "l\($0)=\"x\"" }.joined(separator: ",") + "} 1",
    ])
    func whatIsNoNumberIsPassedOver(line: String) {
        #expect(Self.samples(line, "last 1") == [MetricSample("last", 1)])
    }

    @Test func aFileHasAnEnd() {
        let lines = (0..<1000).map { Array("v\($0) 1".utf8)[...] }
        #expect(PrometheusReader.samples(in: lines).count == PrometheusReader.samplesMax)
    }

    @Test func controlsInALabelNeverReachAnybody() {
        let found = Self.samples("v{a=\"\u{1B}[2J\\n\"} 1")
        #expect(found == [MetricSample("v", 1, labels: ["a": "\u{FFFD}[2J\u{FFFD}"])])
    }

    @Test func aServicesNumbersArePartOfItsHostsHealth() throws {
        var sample = try Sample()
        let health = try sample.health()
        #expect(
            health.samples.contains(
                MetricSample(
                    "reported_renogy_battery_volts", 13.1,
                    labels: ["battery": "49", "service": "proxy"])))
        #expect(
            health.facts.contains(
                Fact("proxy", "renogy_battery_volts 48", .known("13.2"))))
        // Old numbers are shown with their age, and not passed on.
        sample.replace("metrics", with: "metrics\t1799990000")
        let old = try sample.health()
        #expect(!old.samples.contains { $0.name.hasPrefix("reported_") })
        #expect(old.facts.contains(Fact("proxy", "readings' age", .known("3 h"))))
    }
}
