import GeneratorCore
import Platform

/// What gen-server drives: the board, or an engine that exists in memory only.
public struct RelayBus {
    private enum Kind {
        case board(ModIOBoard)
        case simulated(SimulatedEngine)
    }

    private var kind: Kind

    /// A real board, for example at `/dev/i2c-0` and 0x58.
    public init(path: String, address: UInt8) throws(PosixError) {
        kind = .board(try ModIOBoard(path: path, address: address))
    }

    /// No board.
    public init(simulating engine: SimulatedEngine) { kind = .simulated(engine) }

    /// Whether there is no board.
    public var isSimulated: Bool {
        switch kind {
        case .board: false
        case .simulated: true
        }
    }

    /// Sets the relays.
    public mutating func write(_ relays: RelaySet, at now: Instant) -> WriteResult {
        switch kind {
        case .board(let board): return board.write(relays)
        case .simulated(var engine):
            engine.apply(relays, at: now)
            kind = .simulated(engine)
            return .written
        }
    }

    /// Reads the inputs.
    public mutating func readInputs(at now: Instant) -> InputReading {
        switch kind {
        case .board(let board): return board.readInputs()
        case .simulated(var engine):
            let inputs = engine.inputs(at: now)
            kind = .simulated(engine)
            return .valid(inputs)
        }
    }
}
