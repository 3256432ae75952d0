/// Whoever waits for an answer; the shell's own number for a connection.
public struct Requester: Sendable, Hashable {
    /// The number.
    public let id: UInt32
    /// The requester of that number.
    public init(id: UInt32) { self.id = id }
}

/// When a START or STOP is answered.
public enum AnswerTime: Sendable, Hashable, CaseIterable {
    /// Once the sequence has ended, as old clients expect.
    case atEnd
    /// Once it has begun.
    case atOnce
}

/// How a running engine is stopped.
public enum StopKind: Sendable, Hashable {
    /// Charger off, cooldown after load, all off.
    case coolingDown(AnswerTime)
    /// All off this instant.
    case now
}

/// What happens to the machine.
public enum Event: Sendable, Equatable {
    /// Somebody wants the engine to run.
    case start(AnswerTime, by: Requester)
    /// Somebody wants it to stop. Always wins.
    case stop(StopKind, by: Requester)
    /// Somebody wants the relays as given.
    case setRelays(RelaySet, by: Requester)
    /// Somebody wants nothing to be started until the hold ends.
    case hold(Hold, by: Requester)
    /// The owner of a hold gives it up.
    case release(owner: String, by: Requester)
    /// Somebody vouches for this run for so long; zero gives the lease up.
    case lease(Duration, by: Requester)
    /// Somebody has looked at what failed: starts are allowed again.
    case reset(by: Requester)
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
