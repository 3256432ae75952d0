@testable import GeneratorCore

/// Visits every state that the machine can come to by the given moves, breadth first, so that the
/// way to a broken rule is a shortest one. Each relay write goes each way that it can.
struct ModelChecker {
    let moves: [Move]
    /// Whether relay writes may fail.
    let writesFail: Bool
    private(set) var transitions = 0
    /// The longest that an undisturbed world took to come to rest or to a steady run, in steps.
    private(set) var longestWay = 0
    /// The same to relays off after a STOP.
    private(set) var longestStop = 0
    /// What was broken first, and the way there.
    private(set) var failure: String?

    private var places: [ModelKey: Int32] = [:]
    private var origins: [Origin] = []
    private var isSettled: [Bool] = []
    private var isAtRest: [Bool] = []
    /// Where an honest board leads in one step, with an engine that catches and one that does not.
    private var onward: [[Int32]] = [[], []]
    /// Where a STOP leads.
    private var stopped: [Int32] = []
    private var next: [(world: ModelWorld, place: Int32)] = []

    private struct Origin {
        var place: Int32
        var move: UInt8
        var script: UInt8
    }

    var states: Int { origins.count }

    init(_ moves: [Move], writesFail: Bool = true) {
        self.moves = moves
        self.writesFail = writesFail
    }

    /// Goes on until there is nothing new; false where `limit` states did not suffice or a rule was
    /// broken.
    mutating func run(from start: ModelWorld, limit: Int) -> Bool {
        _ = visit(start, from: Origin(place: -1, move: 0, script: 0))
        while !next.isEmpty, failure == nil {
            let layer = next
            next = []
            for (world, place) in layer {
                expand(world, place)
                if failure != nil { return false }
            }
            if states > limit {
                failure = "more than \(limit) states"
                return false
            }
        }
        checkEnds()
        return failure == nil
    }

    private mutating func expand(_ world: ModelWorld, _ place: Int32) {
        let honest = [true, false].map { shown(world.honestSight(catching: $0)) }
        for (index, move) in moves.enumerated() {
            var scripts = 1
            var script = 0
            while script < scripts {
                var after = world
                guard let writes = after.make(move, writes: script) else { break }
                if script == 0, writesFail { scripts = [1, 3, 9, 27][min(writes, 3)] }
                transitions += 1
                let origin = Origin(
                    place: place, move: UInt8(index), script: UInt8(truncatingIfNeeded: script))
                let there = visit(after, from: origin)
                if failure != nil { return }
                if script == 0 { note(move, honest, from: place, to: there) }
                script += 1
            }
        }
    }

    /// The sighting, or what comes nearest to it where the moves do not have it.
    private func shown(_ value: UInt8) -> UInt8 {
        moves.contains(.step(.seen(value))) ? value : value & 1 != 0 ? 3 : 0
    }

    private mutating func note(_ move: Move, _ honest: [UInt8], from place: Int32, to there: Int32)
    {
        switch move {
        case .step(.seen(let value)):
            for engine in 0..<2 where honest[engine] == value {
                onward[engine][Int(place)] = there
            }
        case .stop(.coolingDown): stopped[Int(place)] = there
        default: break
        }
    }

    private mutating func visit(_ world: ModelWorld, from origin: Origin) -> Int32 {
        if let broken = world.monitor.broken {
            failure = broken + "\n" + way(origin) + "\nends in \(world.machine.state)"
            return -1
        }
        let key = ModelKey(world)
        if let place = places[key] { return place }
        let place = Int32(origins.count)
        places[key] = place
        origins.append(origin)
        isSettled.append(world.isSettled)
        isAtRest.append(world.isAtRest)
        onward[0].append(-1)
        onward[1].append(-1)
        stopped.append(-1)
        var kept = world
        kept.machine.actions = []
        next.append((kept, place))
        return place
    }

    /// The moves that lead there.
    private func way(_ last: Origin) -> String {
        var lines: [String] = []
        var origin = last
        while origin.place >= 0 {
            let writes = origin.script == 0 ? "" : "  writes by \(origin.script)"
            lines.append("  \(moves[Int(origin.move)])" + writes)
            origin = origins[Int(origin.place)]
        }
        return lines.reversed().joined(separator: "\n")
    }

    // Left alone with an honest board every state leads to an end; after a STOP, to relays off.
    private mutating func checkEnds() {
        for engine in 0..<2 {
            let settling = distances(onward[engine], to: isSettled)
            let resting = distances(onward[engine], to: isAtRest)
            for place in origins.indices {
                guard settling[place] >= 0 else {
                    return fail("never comes to an end", at: place, engine)
                }
                longestWay = max(longestWay, Int(settling[place]))
                let stop = Int(stopped[place])
                guard stop >= 0 else { continue }
                guard resting[stop] >= 0 else {
                    return fail("relays not off after a STOP", at: stop, engine)
                }
                longestStop = max(longestStop, Int(resting[stop]))
            }
        }
    }

    private mutating func fail(_ text: String, at place: Int, _ engine: Int) {
        failure =
            text + (engine == 0 ? " (engine catches)" : " (engine dead)") + "\n"
            + way(origins[place])
    }

    /// How many steps each state is from one that is an end; -1 where it never comes to one.
    private func distances(_ next: [Int32], to ends: [Bool]) -> [Int32] {
        let open: Int32 = -2
        let never: Int32 = -1
        var found = [Int32](repeating: open, count: next.count)
        for start in next.indices {
            var path: [Int] = []
            var place = start
            while found[place] == open, !ends[place], next[place] >= 0 {
                found[place] = never  // until it is known better: whoever comes back here circles
                path.append(place)
                place = Int(next[place])
            }
            if found[place] == open { found[place] = ends[place] ? 0 : never }
            var distance = found[place]
            for step in path.reversed() {
                distance = distance < 0 ? never : distance + 1
                found[step] = distance
            }
        }
        return found
    }
}
