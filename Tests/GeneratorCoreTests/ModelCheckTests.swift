import TestSupport
import Testing

@testable import GeneratorCore

/// Every state that the machine can come to, with every event that can happen in it.
struct ModelCheckTests {
    /// Limits so small that the states can be counted, in steps.
    static let limits = Limits(
        readingAge: ModelWorld.steps(2), inputsGrace: ModelWorld.steps(1),
        blindCrank: ModelWorld.steps(2), blindRun: ModelWorld.steps(3),
        engineLoss: ModelWorld.steps(1), writeRetry: ModelWorld.steps(1),
        writeFailing: ModelWorld.steps(2), stopReply: ModelWorld.steps(2),
        starterRelease: ModelWorld.steps(2), waiters: 1)

    static func timings() -> Timings {
        var timings = Timings()
        timings.reset = ModelWorld.steps(1)
        timings.ignition = ModelWorld.steps(1)
        timings.crank = ModelWorld.steps(2)
        timings.glowCrank = ModelWorld.steps(1)
        timings.coast = ModelWorld.steps(1)
        timings.warmUp = ModelWorld.steps(1)
        timings.stabilise = ModelWorld.steps(1)
        timings.cooldown = ModelWorld.steps(2)
        timings.runMax = ModelWorld.steps(8)
        timings.rest = ModelWorld.steps(1)
        timings.crankDisconnect = .after(ModelWorld.steps(1))
        return timings
    }

    static func steps(_ values: [UInt8]) -> [Move] {
        [.step(.none), .step(.unknown)] + values.map { .step(.seen($0)) }
    }

    /// What every client and every bus may do to one start and one stop.
    @Test func startsAndStops() async throws {
        let moves =
            Self.steps([0, 2, 3, 11])
            + [
                .start(.atEnd), .stop(.coolingDown(.atEnd)), .stop(.now), .starterGone, .waiterGone,
                .reset,
            ]
        try await check("startsAndStops", moves)
    }

    /// The same with the older controller's crank, and with inputs that are seldom seen.
    @Test func cranksOfFullLength() async throws {
        var timings = Self.timings()
        timings.crankDisconnect = .never
        let moves =
            Self.steps([0, 3, 8, 1])
            + [.start(.atEnd), .stop(.coolingDown(.atEnd)), .stop(.coolingDown(.atOnce)), .reset]
        try await check("cranksOfFullLength", moves, timings)
    }

    /// Processes come and go, and take engines over.
    @Test func restarts() async throws {
        let moves =
            Self.steps([0, 3])
            + [
                .start(.atOnce), .stop(.coolingDown(.atOnce)), .reset, .restart(.never),
                .restart(.offered),
            ]
        var timings = Self.timings()
        timings.rest = ModelWorld.steps(4)
        try await check("restarts", moves, timings)
    }

    /// The process is told to leave, or killed, with clients waiting and two ways to be off.
    @Test func leaving() async throws {
        let moves =
            Self.steps([0, 2, 3])
            + [
                .start(.atEnd), .stop(.coolingDown(.atEnd)), .stop(.now), .relays([.ignition]),
                .reset, .shutdown, .restart(.offered),
            ]
        var timings = Self.timings()
        timings.warmUp = ModelWorld.steps(3)
        timings.rest = ModelWorld.steps(4)
        var limits = Self.limits
        limits.inputsGrace = ModelWorld.steps(3)
        try await check("leaving", moves, timings, limits, writesFail: false)
    }

    /// Relays by hand, on a board that takes every write.
    @Test func hands() async throws {
        let moves =
            Self.steps([0, 2, 3])
            + [
                .start(.atEnd), .stop(.coolingDown(.atEnd)), .relays([]), .relays([.ignition]),
                .relays([.ignition, .charger]), .relays([.glow]), .relays([.ignition, .start]),
                .waiterGone, .reset,
            ]
        try await check("hands", moves, writesFail: false)
    }

    /// Relays by hand, on a board that may refuse any write.
    @Test func handsOnABadBoard() async throws {
        let moves =
            Self.steps([0, 3])
            + [
                .stop(.coolingDown(.atOnce)), .relays([]), .relays([.ignition]),
                .relays([.ignition, .charger]), .reset,
            ]
        try await check("handsOnABadBoard", moves, clients: 1)
    }

    /// Holds, leases and the longest run, over restarts.
    @Test func holdsAndLeases() async throws {
        var timings = Self.timings()
        timings.runMax = ModelWorld.steps(5)
        let moves =
            Self.steps([0, 3])
            + [
                .start(.atOnce), .stop(.coolingDown(.atOnce)), .hold("a"), .hold("b"),
                .release("a"), .lease(3), .lease(0), .relays([.ignition]), .restart(.offered),
                .reset,
            ]
        try await check("holdsAndLeases", moves, timings, writesFail: false)
    }

    private func check(
        _ name: String, _ moves: [Move], _ timings: Timings = Self.timings(),
        _ limits: Limits = Self.limits,
        writesFail: Bool = true, clients: UInt32 = 2, limit: Int = 2_000_000,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let checker = try await onThread {
            var checker = ModelChecker(moves, writesFail: writesFail)
            let world = ModelWorld(timings: timings, limits: limits, clients: clients)
            _ = checker.run(from: world, limit: limit)
            return checker
        }
        print(
            "\(name): \(checker.states) states, \(checker.transitions) transitions, settled after",
            "at most \(checker.longestWay) steps, off after STOP in \(checker.longestStop)")
        #expect(checker.failure == nil, sourceLocation: sourceLocation)
    }
}
