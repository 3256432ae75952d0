@testable import ChargePolicy

/// One thing that can happen to a policy in the walk.
enum PolicyMove: Sendable, Equatable {
    /// The state of charge in percent, and mV, from an inverter whose registers move.
    case read(Int?, Int)
    /// The last reading again, bit for bit.
    case readAgain
    case see(GeneratorView.Activity?, namesStates: Bool)
    case start(CommandAnswer)
    case stop(CommandAnswer)
    case wish(charge: Bool, stop: Bool)
    case minute(Int?)
    /// So many minutes pass.
    case pass(Int)
    /// The process dies, and the next one begins where it was; orderly or not.
    case restart(Leave)

    static func views(_ activities: [GeneratorView.Activity]) -> [PolicyMove] {
        [.see(nil, namesStates: true)] + activities.map { .see($0, namesStates: true) }
    }
    static var wishes: [PolicyMove] {
        [
            .wish(charge: false, stop: false), .wish(charge: true, stop: false),
            .wish(charge: false, stop: true), .wish(charge: true, stop: true),
        ]
    }
}

/// A policy and the books about it.
struct PolicyWorld {
    /// Times are told apart up to here, in minutes: longer than any setting of a walk.
    static let stepsMax: Int64 = 3

    var policy: ChargePolicy
    var keeper: RuleKeeper
    var now: Duration = .seconds(864_000)
    private var last = BatteryReading(soc: nil)

    init(_ settings: ChargeSettings) {
        policy = ChargePolicy(settings, at: now)
        keeper = RuleKeeper(at: now)
    }

    mutating func make(_ move: PolicyMove) {
        switch move {
        case .read(let soc, let millivolts):
            last = BatteryReading(
                soc: soc, millivolts: millivolts, milliamperes: -20_000, dischargeWatts: 1_000,
                chargeWatts: 0, solarWatts: 0, loadWatts: 1_000,
                fingerprint: last.fingerprint ^ 1)
            send(.reading(last))
        case .readAgain: send(.reading(last))
        case .see(let activity, let namesStates): send(.view(view(activity, namesStates)))
        case .start(let answer): send(.startAnswered(answer))
        case .stop(let answer): send(.stopAnswered(answer))
        case .wish(let charge, let stop):
            send(.wishes(ManualWishes(forceCharge: charge, forceStop: stop)))
        case .minute(let minute): send(.minuteOfDay(minute))
        case .pass(let minutes):
            now += .seconds(60 * minutes)
            send(.tick)
        case .restart(let leave):
            let memory = policy.memory(at: now, leave).aged(by: .zero)
            if policy.state == .error, leave == .orderly { keeper.forgive() }
            policy = ChargePolicy(policy.settings, remembering: memory, at: now)
            keeper.restarted(memory, at: now)
            send(.tick)
        }
    }

    private func view(_ activity: GeneratorView.Activity?, _ namesStates: Bool) -> GeneratorView? {
        activity.map {
            GeneratorView(
                $0, chargerIsClosed: $0 == .unclear ? nil : $0 == .charging,
                namesStates: namesStates)
        }
    }

    private mutating func send(_ event: ChargePolicy.Event) {
        _ = keeper.handle(event, by: &policy, at: now)
    }
}

/// Visits every state that a policy can come to by some moves, breadth first, with every move in
/// each of them.
struct PolicyWalk: Sendable {
    private(set) var transitions = 0
    private(set) var failure: String?
    /// No state was left out.
    private(set) var isWhole = true
    /// How often each state of the policy was met.
    private(set) var met: [ChargePolicy.State: Int] = [:]
    private let moves: [PolicyMove]
    private var places: Set<PolicyKey> = []
    private var origins: [(place: Int32, move: UInt8)] = []

    init(_ moves: [PolicyMove]) { self.moves = moves }

    var states: Int { origins.count }

    mutating func run(_ settings: ChargeSettings, limit: Int) {
        var layer: [(world: PolicyWorld, place: Int32)] = []
        visit(PolicyWorld(settings), (-1, 0), &layer)
        while !layer.isEmpty, failure == nil {
            var next: [(world: PolicyWorld, place: Int32)] = []
            for (world, place) in layer {
                for (index, move) in moves.enumerated() {
                    var after = world
                    after.make(move)
                    transitions += 1
                    visit(after, (place, UInt8(index)), &next)
                    if failure != nil { return }
                }
            }
            layer = next
            if states > limit {
                isWhole = false
                return
            }
        }
    }

    private mutating func visit(
        _ world: PolicyWorld, _ origin: (place: Int32, move: UInt8),
        _ layer: inout [(world: PolicyWorld, place: Int32)]
    ) {
        if let broken = world.keeper.broken {
            failure = broken + "\n" + way(origin) + "\nends in \(world.policy.phase)"
            return
        }
        guard places.insert(PolicyKey(world)).inserted else { return }
        met[world.policy.state, default: 0] += 1
        layer.append((world, Int32(origins.count)))
        origins.append(origin)
    }

    private func way(_ last: (place: Int32, move: UInt8)) -> String {
        var lines: [String] = []
        var origin = last
        while origin.place >= 0 {
            lines.append("  \(moves[Int(origin.move)])")
            origin = origins[Int(origin.place)]
        }
        return lines.reversed().joined(separator: "\n")
    }
}
