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
        for round in 0..<Self.count {
            let which = round % 2
            let sample = samples[which]
            let bytes = Self.spoilt(parts[which], &random)
            guard let readings = try? ReadingsParser.parse(bytes) else { continue }
            let health = HealthJudge.health(
                of: sample.subject, readings, past: HealthPast(), asked: sample.asked)
            // Judging is looked at each time, printing now and then: it is slow.
            guard round % 100 < 2 else { continue }
            let fleet = FleetHealth(fleet: "f", takenAt: Sample.now, hosts: [health])
            let text =
                HealthTable.lines(fleet, now: Sample.now).joined() + HealthNagios.line(fleet)
            let isPrintable = text.unicodeScalars.allSatisfy {
                $0.value >= 0x20 && $0.value != 0x7F
            }
            #expect(isPrintable, "seed \(seed), round \(round)")
            _ = try JSONEncoder().encode(HealthDocument(fleet))
        }
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

    /// A few parts of an answer, with bytes changed, cut out, doubled and put elsewhere.
    private static func spoilt(_ parts: [[UInt8]], _ random: inout SeededGenerator) -> [UInt8] {
        var body: [UInt8] = []
        for _ in 0..<(1 + random.below(3)) { body += parts[random.below(parts.count)] }
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
        return Array("\(ReadingsParser.head)\n".utf8) + body + Array("\nend\n".utf8)
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
