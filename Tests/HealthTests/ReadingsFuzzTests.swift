import Foundation
import Health
import Reports
import TestSupport
import Testing

/// Hostile answers: nothing of them traps, hangs, or reaches a terminal raw.
@Suite struct ReadingsFuzzTests {
    static let isLong = ProcessInfo.processInfo.environment["FLEET_LONG_TESTS"] != nil
    static let count = isLong ? 1_000_000 : 50_000

    @Test(.timeLimit(.minutes(60))) func spoiltAnswersDoNoHarm() throws {
        let seed = SeededGenerator.seedOfThisRun("hostile readings")
        var random = SeededGenerator(seed: seed)
        let samples = [try Sample(), try Sample(host: "olimex")]
        // Each part of an answer is spoilt as often as all others together.
        let parts = samples.map { sample in Self.parts(of: sample.lines) }
        var readable = 0
        for round in 0..<Self.count {
            let which = round % 2
            let bytes =
                round % 16 < 2
                ? Self.spoilt(samples[which].bytes, &random)
                : Self.spoilt(parts[which], &random)
            // What cannot be read is refused with an error; anything else is judged.
            guard let readings = try? ReadingsParser.parse(bytes) else { continue }
            readable += 1
            let health = Self.judged(samples[which], readings, hasPast: round % 8 < 4)
            #expect(Self.isHarmless(health), "seed \(seed), round \(round)")
            // Printing is looked at now and then: it is slow.
            guard round % 100 < 2 else { continue }
            let isPrintable = try Self.texts(health).allSatisfy(\.terminalControls.isEmpty)
            #expect(isPrintable, "seed \(seed), round \(round)")
        }
        #expect(readable > Self.count / 2)
    }

    // MARK: Judging

    /// Judged alone, or with a history of each series that the checks ask for.
    private static func judged(
        _ sample: Sample, _ readings: HostReadings, hasPast: Bool
    ) -> HostHealth {
        var past = HealthPast()
        if hasPast {
            let samples = HealthJudge.samples(sample.subject, readings, sample.asked)
            let now = Sample.now.timeIntervalSince1970
            for series in HealthPast.wanted(samples) {
                past.series[series] = (1...8).map {
                    MetricPoint(time: now - Double(9 - $0) * 80_000, value: Double($0) / 10)
                }
            }
        }
        return HealthJudge.health(of: sample.subject, readings, past: past, asked: sample.asked)
    }

    /// Whether everything that is said of a host is text that a terminal shows as it is.
    private static func isHarmless(_ health: HostHealth) -> Bool {
        health.verdicts.allSatisfy { verdict in
            [verdict.summary, verdict.object ?? "", verdict.advice ?? ""].allSatisfy {
                $0.terminalControls.isEmpty
            }
        }
    }

    /// A host's health in every form that is printed.
    private static func texts(_ health: HostHealth) throws -> [String] {
        let fleet = FleetHealth(fleet: "f", takenAt: Sample.now, hosts: [health])
        return HealthTable.lines(fleet, now: Sample.now) + [
            HealthNagios.line(fleet), PrometheusText(fleet).rendered(),
            String(decoding: try JSONEncoder().encode(HealthDocument(fleet)), as: UTF8.self),
        ]
    }

    /// Megabytes of one kind, as a host that lies would send them.
    @Test func megabytesAreBounded() throws {
        let sample = try Sample()
        for filler in [
            "proc/mounts:/dev/x /m ext4 rw 0 0\n", "|Id=a.service\n|\n", "unread\tx\ty\n",
            "\u{1B}[2J\n", "service\tx\t-\n", String(repeating: "A", count: 100_000) + "\n",
            "sys/fs/ext4/a/errors_count:1\n", "\0\0\0\n",
        ] {
            let middle = String(repeating: filler, count: (2 << 20) / filler.utf8.count)
            let bytes = Array((Sample.pi.dropLast(3) + middle + "end").utf8)
            let start = ContinuousClock.now
            // More lines than any host has are refused: that is bounded too.
            if let readings = try? ReadingsParser.parse(bytes) {
                let health = HealthJudge.health(
                    of: sample.subject, readings, past: HealthPast(), asked: sample.asked)
                #expect(health.verdicts.count <= 500)
            }
            #expect(ContinuousClock.now - start < .seconds(60), "\(filler.prefix(20))")
        }
    }

    // MARK: Spoiling

    /// The first line, the last, and about a dozen runs of lines between them.
    private static func parts(of lines: [String]) -> [[UInt8]] {
        stride(from: 1, to: lines.count - 1, by: 8).map { start in
            let piece = lines[start..<min(start + 8, lines.count - 1)]
            return Array((piece.joined(separator: "\n") + "\n").utf8)
        }
    }

    /// A few parts of an answer, spoilt, between its first line and its last.
    private static func spoilt(_ parts: [[UInt8]], _ random: inout SeededGenerator) -> [UInt8] {
        var body: [UInt8] = []
        for _ in 0..<(1 + random.below(3)) { body += parts[random.below(parts.count)] }
        body = spoilt(body, &random)
        return Array("\(ReadingsParser.head)\n".utf8) + body + Array("\nend\n".utf8)
    }

    /// An answer with bytes changed, cut out, doubled and put elsewhere.
    private static func spoilt(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var body = bytes
        for _ in 0..<(1 + random.below(6)) where !body.isEmpty {
            let place = random.below(body.count)
            switch random.below(6) {
            case 0: body[place] = UInt8(truncatingIfNeeded: random.next())
            case 1: body.remove(at: place)
            case 2: body.insert(contentsOf: Self.pieces[random.below(pieces.count)].utf8, at: place)
            case 3: body.removeSubrange(place..<min(body.count, place + random.below(40)))
            case 4:
                body.insert(
                    contentsOf: body[place..<min(body.count, place + random.below(200))], at: place)
            default: body[place] = [0x0A, 0x09, 0x7C, 0x3D, 0x3A, 0x00][random.below(6)]
            }
        }
        return body
    }

    private static let pieces = [
        "99999999999999999999", "-1", "1e999", "nan", "0x", "\u{1B}[31m", "\u{202E}", "%", "\\040",
        "\n|", "\nend\n", "18446744073709551615", "9223372036854775807", "[1,2,3]", "{", "\"",
        ",,,,", "\u{0}", "é", "proc/1/status:VmRSS:\t", " -> ", "throttled\t0xFFFFFFFF\n",
    ]
}

extension SeededGenerator {
    /// A number from 0 to below the limit.
    fileprivate mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
}
