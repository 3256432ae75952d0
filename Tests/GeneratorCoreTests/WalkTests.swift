import Foundation
import GeneratorCore
import Testing

/// Every state with every event, and long random runs.
struct WalkTests {
    static func bench(in state: GeneratorState) -> Bench? {
        var bench = Bench(temper: state == .glowCranking ? .dead : .catches(after: .seconds(3)))
        bench.run(.seconds(3))
        switch state {
        case .off: return bench
        case .manual:
            bench.send(.setRelays([.ignition], by: Bench.two))
        case .failed:
            bench.readsFail = true
            bench.send(.start(by: Bench.two))
            bench.run(.seconds(10))
            bench.readsFail = false
        case .stopping:
            bench.writesFail = true
            bench.send(.stop(by: Bench.two))
            bench.writesFail = false
        case .coolingDown:
            guard bench.startAndReach(.charging) else { return nil }
            bench.send(.stop(by: Bench.two))
        case .preparing, .ignition, .cranking, .glowCranking, .verifying, .warmingUp, .stabilising,
            .charging:
            guard bench.startAndReach(state) else { return nil }
        }
        return bench.machine.state == state ? bench : nil
    }

    static let events: [Event] =
        [
            .start(by: Bench.one), .stop(by: Bench.one), .gone(Bench.one), .gone(Bench.two),
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
                bench.send(.stop(by: Requester(id: 99)))
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
        let seed = Splitmix.seed()
        print("seed \(seed)")
        var random = Splitmix(state: seed)
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
            #expect(bench.broken == [], "seed \(seed), run \(run)")
            bench.writesFail = false
            bench.readsFail = false
            bench.send(.stop(by: Bench.one))
            bench.run(.seconds(60))
            #expect(bench.board == [], "seed \(seed), run \(run) does not end")
        }
    }
}

/// A small seeded generator, so that a failing run can be had again.
struct Splitmix {
    var state: UInt64

    /// A new seed, or the one in FLEET_SEED to run a failure again.
    static func seed() -> UInt64 {
        ProcessInfo.processInfo.environment["FLEET_SEED"].flatMap { UInt64($0) }
            ?? UInt64.random(in: 0...UInt64.max)
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }

    mutating func disturb(_ bench: inout Bench) {
        let who = Requester(id: UInt32(1 + below(3)))
        switch below(20) {
        case 0...5: bench.send(.start(by: who))
        case 6...8: bench.send(.stop(by: who))
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
        default: break
        }
    }
}
