import Foundation
import GeneratorCore
import TestSupport
import Testing

/// Every state with every event, and long random runs.
struct WalkTests {
    static func bench(in state: GeneratorState) -> Bench? {
        var bench = Bench(temper: state == .glowCranking ? .dead : .catches(after: .seconds(3)))
        bench.run(.seconds(3))
        switch state {
        case .off: return bench
        case .held:
            bench.send(.hold(Bench.hold(until: bench.now + .seconds(15)), by: Bench.two))
        case .runningWithoutCharger:
            guard bench.startAndReach(.charging) else { return nil }
            bench.send(.setRelays([.ignition], by: Bench.two))
        case .adopting:
            guard bench.startAndReach(.charging) else { return nil }
            bench.restart(adopting: true)
        case .manual:
            bench.send(.setRelays([.ignition], by: Bench.two))
        case .failed:
            bench.engine.temper = .dead
            guard bench.startAndReach(.failed) else { return nil }
        case .stopping:
            bench.writesFail = true
            bench.send(.stop(.coolingDown(.atEnd), by: Bench.two))
            bench.writesFail = false
        case .coolingDown:
            guard bench.startAndReach(.charging) else { return nil }
            bench.send(.stop(.coolingDown(.atEnd), by: Bench.two))
        case .preparing, .ignition, .cranking, .glowCranking, .verifying, .warmingUp, .stabilising,
            .charging:
            guard bench.startAndReach(state) else { return nil }
        }
        return bench.machine.state == state ? bench : nil
    }

    static let events: [Event] =
        [
            .start(.atEnd, by: Bench.one), .start(.atOnce, by: Bench.one),
            .stop(.coolingDown(.atEnd), by: Bench.one), .stop(.coolingDown(.atOnce), by: Bench.one),
            .stop(.now, by: Bench.one), .gone(Bench.one), .gone(Bench.two),
            .lease(.seconds(10), by: Bench.one), .lease(.zero, by: Bench.one),
            .reset(by: Bench.one), .release(owner: "bench", by: Bench.one),
            .release(owner: "other", by: Bench.one),
            .hold(Bench.hold(until: Instant(sinceOrigin: .seconds(2000))), by: Bench.one),
            .inputs(.unknown), .tick, .shutdown, .relayWrite([], .written),
            .relayWrite([], .failed),
        ]
        + (0...15).map { .setRelays(RelaySet(rawValue: $0), by: Bench.one) }
        + (0...15).map { .inputs(.valid(Inputs(rawValue: $0))) }

    @Test func everyStateTakesEveryEvent() async throws {
        for state in GeneratorState.allCases {
            for event in Self.events {
                // Long work: other tests, those against the clock above all, must get their turn.
                await Task.yield()
                var bench = try #require(Self.bench(in: state), "\(state) is not reached")
                bench.send(event)
                bench.run(.seconds(20))
                #expect(bench.broken == [], "\(state) with \(event)")
                bench.send(.stop(.coolingDown(.atEnd), by: Requester(id: 99)))
                bench.run(.seconds(190))
                #expect(bench.board == [], "\(state) with \(event) does not end")
                #expect(bench.broken == [], "\(state) with \(event), then STOP")
            }
        }
    }

    @Test func unknownInputsNeverEnergiseAnythingInAnyState() async throws {
        for state in GeneratorState.allCases {
            await Task.yield()
            var bench = try #require(Self.bench(in: state))
            bench.readsFail = true
            let starter = bench.board.contains(.start)
            let charger = bench.board.contains(.charger)
            for _ in 0..<800 {
                bench.run(.milliseconds(500))
                if !starter { #expect(!bench.board.contains(.start), "\(state)") }
                if !charger { #expect(!bench.board.contains(.charger), "\(state)") }
            }
            #expect(!bench.board.contains(.charger) && !bench.board.contains(.start), "\(state)")
        }
    }

    @Test func randomRunsKeepEveryRule() async {
        var random = SeededGenerator.fresh("randomRunsKeepEveryRule")
        for run in 0..<60 {
            var timings = Timings()
            _ = timings.set(.warmUp, milliseconds: 10_000, within: .site)
            _ = timings.set(.cooldown, milliseconds: 30_000, within: .site)
            if run % 5 == 0 { timings.crankDisconnect = .never }
            var bench = Bench(
                timings: timings,
                temper: run % 7 == 0
                    ? .dead : .catches(after: .milliseconds(Int64(random.below(9000)))))
            for _ in 0..<200 {
                await Task.yield()
                random.disturb(&bench)
                bench.run(.milliseconds(Int64(random.below(6000))))
                if !bench.broken.isEmpty { break }
            }
            #expect(bench.broken == [], "run \(run)")
            bench.writesFail = false
            bench.readsFail = false
            bench.send(.stop(.coolingDown(.atEnd), by: Bench.one))
            bench.run(.seconds(60))
            #expect(bench.board == [], "run \(run) does not end")
        }
    }
}

extension SeededGenerator {
    /// A number from 0 up to, not including, the limit.
    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }

    /// Does one thing to a bench that may happen to it.
    mutating func disturb(_ bench: inout Bench) {
        let who = Requester(id: UInt32(1 + below(3)))
        switch below(26) {
        case 0...5: bench.send(.start(.atEnd, by: who))
        case 6...8: bench.send(.stop(.coolingDown(.atEnd), by: who))
        case 9: bench.send(.setRelays(RelaySet(rawValue: UInt8(below(16))), by: who))
        case 10: bench.send(.gone(who))
        case 11: bench.readsFail = below(2) == 0
        case 12: bench.readsFail = false
        case 13:
            bench.writesFail = true
            bench.refusedWritesLand = below(2) == 0
        case 14, 15, 16: bench.writesFail = false
        case 17: bench.engine.stall()
        case 18: bench.read()
        case 19: bench.send(.stop(.now, by: who))
        case 20: bench.send(.lease(.seconds(Int64(below(100))), by: who))
        case 21: bench.send(.hold(Bench.hold(until: bench.now + .seconds(30)), by: who))
        case 22: bench.send(.release(owner: "bench", by: who))
        case 23, 24: bench.send(.reset(by: who))
        case 25: bench.restart(adopting: below(2) == 0)
        default: break
        }
    }
}
