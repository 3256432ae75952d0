/// Whoever waits for an answer; the shell's own number for a connection.
public struct Requester: Sendable, Hashable {
    /// The number.
    public let id: UInt32
    /// The requester of that number.
    public init(id: UInt32) { self.id = id }
}

/// What happens to the machine.
public enum Event: Sendable, Equatable {
    /// Somebody wants the engine to run.
    case start(by: Requester)
    /// Somebody wants it to stop. Always wins.
    case stop(by: Requester)
    /// Somebody wants the relays as given.
    case setRelays(RelaySet, by: Requester)
    /// The requester has gone, or no longer waits for the answer.
    case gone(Requester)
    /// The inputs were read, or could not be.
    case inputs(InputReading)
    /// How the write of an earlier ``Action/writeRelays(_:)`` went.
    case relayWrite(RelaySet, WriteResult)
    /// Time has passed.
    case tick
    /// The process is about to leave: relays off, nothing starts any more.
    case shutdown
}

/// How a relay write went.
public enum WriteResult: Sendable, Equatable {
    /// The board has acknowledged it.
    case written
    /// It has not; what the relays are now is not known.
    case failed
}
