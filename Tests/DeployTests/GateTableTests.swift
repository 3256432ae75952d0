import Foundation
import GeneratorCore
import LabSupport
import TestSupport
import Testing

/// The gate's table, from fleetctl to the relays of the board: every state of the server, and every
/// way in which none can be known, by every way to deploy. Where it is refused, no relay was written
/// and the server is the same process. Each row plainly and some by the other ways; all of it with
/// FLEET_LONG_TESTS=1.
@Suite(.lab, .faultsLab, .serialized, .timeLimit(.minutes(40))) struct GateTableTests {
    private static let isLong = ProcessInfo.processInfo.environment["FLEET_LONG_TESTS"] != nil

    /// A way to deploy.
    enum Way: CaseIterable {
        case plain, wait, stopFirst, force

        var flags: [String] {
            switch self {
            case .plain: []
            case .wait: ["--wait=1s"]
            case .stopFirst: ["--stop-first"]
            case .force: ["--force", "--reason", "the table"]
            }
        }
    }

    /// What is to come of a row.
    enum Verdict: Equatable {
        case open
        /// Refused by every way that does not force or stop; after a stop it is open.
        case busy(String)
        /// Refused by every way but force.
        case closed(String)

        func reason(_ way: Way) -> String? {
            switch (self, way) {
            case (.open, _), (_, .force), (.busy, .stopFirst): nil
            case (.busy(let reason), .plain), (.busy(let reason), .wait),
                (.closed(let reason), .plain), (.closed(let reason), .wait):
                reason
            // The stop says in its own words why it could not be made.
            case (.closed, .stopFirst): ""
            }
        }
    }

    struct Row {
        var name: String
        /// The state of gen-server's that this row is for.
        var state: GeneratorState?
        var kind = GateBoard.Kind.own
        var timings = GateTableTests.quick()
        var engine = LabEngine.catches
        /// Lines for the board that bring the server there.
        var enter = ""
        /// Lasts so short that it is entered just before the gate is looked at.
        var isShort = false
        /// What must be done from outside of the board then.
        var outside: @Sendable (GateBoard) async throws -> Void = { _ in }
        var verdict: Verdict
        /// The exit status of a deploy that is forced. Where that is 1 it leaves a board that somebody
        /// must look at, and no row can come after it.
        var forced = 0
        /// In normal runs, too, by all ways.
        var isSample = false
    }

    /// Timings as short as can be, but for those that are named.
    private static func quick(_ more: (String, String)...) -> String {
        var all = [
            ("reset", "0.3"), ("ignition", "0.3"), ("crank", "2"), ("glow-crank", "0.2"),
            ("coast", "0.6"), ("warm-up", "0.2"), ("stabilise", "0.2"), ("cooldown", "10"),
        ]
        all.removeAll { entry in more.contains { $0.0 == entry.0 } }
        return (all + more).map { "--\($0.0), \($0.1)" }.joined(separator: ", ")
    }

    private static func starting(
        _ state: GeneratorState, _ name: String, _ timings: String, _ engine: LabEngine = .catches,
        isShort: Bool = false, isSample: Bool = false
    ) -> Row {
        Row(
            name: name, state: state, timings: timings, engine: engine,
            enter: "order 'START NOWAIT'; reach \(name)", isShort: isShort,
            verdict: .busy("a start is in progress"), isSample: isSample)
    }

    private static let charging = "order 'START NOWAIT'; reach CHARGING"
    private static let unknown = Verdict.closed("unknown counts as running")

    static let own: [Row] = [
        Row(name: "OFF", state: .off, enter: "reach OFF", verdict: .open, isSample: true),
        Row(
            name: "HELD", state: .held,
            enter: "say 'HOLD you@there 300 oil change'; reach HELD",
            verdict: .closed("it is held by you@there")),
        Row(
            name: "FAILED", state: .failed, engine: .dead,
            enter: "order 'START NOWAIT'; reach FAILED", verdict: .open),
        Row(
            name: "MANUAL", state: .manual, enter: "say 'RELAY 08'; reach MANUAL",
            verdict: .busy("relays are on")),
        Row(
            name: "CHARGING", state: .charging, enter: charging, verdict: .busy("the engine runs"),
            isSample: true),
        Row(
            name: "RUNNING_WITHOUT_CHARGER", state: .runningWithoutCharger,
            enter: "\(charging); say 'RELAY 08'; reach RUNNING_WITHOUT_CHARGER",
            verdict: .busy("the engine runs")),
        Row(
            name: "COOLING_DOWN", state: .coolingDown,
            enter: "\(charging); say 'STOP NOWAIT'; reach COOLING_DOWN", isShort: true,
            verdict: .busy("the engine runs")),
    ]

    /// The server or its board does not say how it is.
    static let unknowns: [Row] = [
        Row(
            name: "silent", enter: "reach OFF",
            outside: { board in
                try await board.onBoard(
                    "read -r pid _ </run/fleet/gen-server/process; kill -STOP \"$pid\"")
            }, verdict: unknown, isSample: true),
        Row(
            name: "unreachable", enter: "reach OFF",
            outside: { board in try await board.onBoard("ip link set lo down") },
            verdict: unknown, forced: 4),
        Row(
            name: "bus error", enter: "reach OFF",
            outside: { board in
                try board.lab.setDevice(.failing)
                try await board.onBoard("until shows INPUTS ERROR; do sleep 0.1; done")
            }, verdict: unknown, forced: 1),
    ]

    /// The board takes no write, so that a stop has no end.
    static let stopping: [Row] = [
        Row(
            name: "STOPPING", state: .stopping, enter: charging,
            outside: { board in
                try board.lab.setDevice(.failing)
                try await board.onBoard("say 'STOP NOW'; reach STOPPING")
            }, verdict: unknown, forced: 1)
    ]

    /// The rows with the same timings beside each other: the server is deployed anew for others.
    static let starts: [Row] = [
        starting(.preparing, "PREPARING", quick(("reset", "10")), isShort: true),
        starting(.ignition, "IGNITION", quick(("ignition", "10")), isShort: true),
        starting(.cranking, "CRANKING", quick(("crank", "15")), .dead, isShort: true),
        starting(.glowCranking, "GLOW_CRANKING", quick(("glow-crank", "5")), .dead, isShort: true),
        starting(.verifying, "VERIFYING", quick(("coast", "15")), isShort: true),
        starting(.warmingUp, "WARMING_UP", quick(("warm-up", "600"))),
        starting(.stabilising, "STABILISING", quick(("stabilise", "600"))),
        Row(
            name: "ADOPTING", state: .adopting, timings: quick() + ", --adopt",
            enter: """
                \(charging)
                read -r pid _ </run/fleet/gen-server/process; kill -KILL "$pid"; reach ADOPTING
                """, isShort: true, verdict: .busy("")),
    ]

    /// The older server has no states; these are its answers.
    static let legacy: [Row] = [
        Row(
            name: "legacy, idle", kind: .legacy,
            enter: "until shows RUNNING NO; do sleep 0.1; done",
            verdict: .open),
        Row(
            name: "legacy, starting", kind: .legacy,
            enter: "say START; until shows START_IN_PROGRESS YES; do sleep 0.1; done",
            isShort: true, verdict: .closed("")),
        Row(
            name: "legacy, running", kind: .legacy,
            enter: """
                say START; until shows START_IN_PROGRESS YES; do sleep 0.1; done
                until shows START_IN_PROGRESS NO; do sleep 0.1; done
                """, verdict: .busy("the engine runs")),
        Row(
            name: "legacy, cooling", kind: .legacy,
            enter: """
                say START; until shows START_IN_PROGRESS YES; do sleep 0.1; done
                until shows START_IN_PROGRESS NO; do sleep 0.1; done
                say STOP; until shows RELAYS 'IGN (0x08)'; do sleep 0.1; done
                """, isShort: true, verdict: .busy("the engine runs")),
        Row(
            name: "legacy, bus error", kind: .legacy,
            enter: """
                printf 'INPUTS: ERROR\\nRELAYS: OFF (0x00)\\nRUNNING: NO\\n\
                START_IN_PROGRESS: NO\\nI2C: ERROR\\nEND' >odd
                """, verdict: unknown),
        Row(
            name: "legacy, nonsense", kind: .legacy, enter: "printf 'what?\\nEND' >odd",
            verdict: .closed("")),
        Row(
            name: "legacy, silent", kind: .legacy,
            enter: "read -r pid _ </run/fleet/gen-server/process; kill -STOP \"$pid\"",
            verdict: unknown),
    ]

    @Test func everyStateIsOnceInTheTable() {
        #expect(
            Set((Self.own + Self.starts + Self.unknowns + Self.stopping).compactMap(\.state))
                .symmetricDifference(GeneratorState.allCases).isEmpty)
    }

    @Test func everyStateAtRestOrAtWork() async throws { try await Self.run(Self.own) }

    @Test func everyPhaseOfAStart() async throws { try await Self.run(Self.starts) }

    @Test func everyWayNotToKnow() async throws { try await Self.run(Self.unknowns) }

    @Test func aStopWithoutAnEnd() async throws { try await Self.run(Self.stopping) }

    @Test func theOlderServer() async throws { try await Self.run(Self.legacy) }

    private static func run(_ rows: [Row]) async throws {
        try await ProductDeployTests.cleaningUp { lab in
            let board = try GateBoard(lab)
            print("state | way | exit | verdict | relay writes | process | seconds")
            for row in rows {
                try await board.bring(row.kind, row.kind == .legacy ? "" : row.timings)
                for way in Way.allCases where way == .plain || row.isSample || isLong {
                    let begun = ContinuousClock.now
                    let line = try await run(row, way, board)
                    print("\(line) | \((ContinuousClock.now - begun).components.seconds)")
                    if way == .force, row.forced == 1 {
                        try lab.setDevice(.working)
                        return
                    }
                    try await board.rest()
                }
            }
        }
    }

    private static func run(_ row: Row, _ way: Way, _ board: GateBoard) async throws -> String {
        board.use(row.engine)
        // Those who ask from outside first need it to be there by then.
        let isAtGate = row.isShort && (way == .plain || way == .force)
        if !isAtGate { try await board.onBoard(row.enter) }
        try await row.outside(board)
        let outcome = try await board.attempt(way.flags, atGate: isAtGate ? row.enter : nil)
        let line = "\(row.name), \(way): exit \(outcome.exit), \(outcome.writes) \(outcome.error)"
        if let reason = row.verdict.reason(way) {
            #expect(outcome.exit == 75, "\(line)")
            #expect(reason.isEmpty || outcome.error.contains(reason), "\(line)")
            #expect(!outcome.isNewProcess, "\(line)")
            expectUntouched(row, way, outcome.writes, line)
        } else {
            #expect(outcome.exit == (way == .force ? row.forced : 0), "\(line)")
            #expect(outcome.isNewProcess, "\(line)")
        }
        let writes = outcome.writes.map { String(format: "%02X", $0) }.joined(separator: " ")
        return [
            row.name, "\(way)", "\(outcome.exit)",
            row.verdict.reason(way) == nil ? "allowed" : "refused",
            writes.isEmpty ? "none" : writes, outcome.isNewProcess ? "new" : "same",
        ].joined(separator: " | ")
    }

    /// A start or a stop that is under way goes on: what it writes then is its own.
    private static func expectUntouched(
        _ row: Row, _ way: Way, _ writes: [UInt8], _ line: String
    ) {
        let goesOn = row.isShort && way != .plain || row.name == "ADOPTING" || row.kind == .legacy
        if goesOn {
            let isStopping = row.name.hasSuffix("cooling") || row.name == "COOLING_DOWN"
            #expect(isStopping || !writes.contains(0), "\(line)")
        } else {
            #expect(writes.isEmpty, "\(line)")
        }
    }
}
