/// What the machine wants done. In one answer a relay write always comes first.
public enum Action: Sendable, Equatable {
    /// Write this to the board now and report back with ``Event/relayWrite(_:_:)``.
    case writeRelays(RelaySet)
    /// Answer the requester.
    case reply(to: Requester, Outcome)
    /// Something worth a line in the log.
    case log(Note)
}

/// The answer to a command.
public enum Outcome: Sendable, Equatable {
    /// Running, charger closed.
    case started
    /// The start has begun; how it ends is in the state.
    case startBegun
    /// Nothing to start.
    case alreadyRunning
    /// Somebody else's start is under way.
    case startInProgress
    /// Cranked, but the inputs did not show a running engine.
    case failedToStart(Inputs)
    /// Relays off; after how much cooldown, nil where none was needed.
    case stopped(cooldown: Duration?)
    /// The stop has begun; how much cooldown comes first, nil where none is needed.
    case stopBegun(cooldown: Duration?)
    /// An earlier stop is cooling the engine down.
    case stopInProgress(left: Duration)
    /// Relays are as asked.
    case relaysSet(RelaySet)
    /// Nothing starts for so long.
    case held(Duration)
    /// The hold has ended, or there was none.
    case released
    /// This run is vouched for.
    case leased(Duration)
    /// This run is no longer vouched for; the longest run time counts.
    case leaseGivenUp
    /// Starts are allowed again.
    case reset
    /// Nothing had failed.
    case nothingToReset
    /// Not while the hold lasts.
    case refusedByHold(Hold, left: Duration)
    /// Not before a reset.
    case refusedUntilReset(Problem)
    /// Not before the starter has rested.
    case starterRests(left: Duration)
    /// Not done, or not finished.
    case refused(Problem)
}

/// Why something was not done or went wrong.
public enum Problem: Sendable, Hashable, CaseIterable {
    /// Two equal valid readings were not to be had.
    case inputsUnknown
    /// The inputs could no longer be read in mid-sequence.
    case inputsLost
    /// IN4 shows the starter engaged before it was asked for.
    case starterEngaged
    /// IN4 shows the starter engaged after its release.
    case starterNotReleased
    /// The board does not take relay writes.
    case relayWriteFailed
    /// After the crank the inputs did not show a running engine.
    case didNotStart
    /// IN1 fell although nobody asked for a stop.
    case engineStopped
    /// The longest run time has passed.
    case runTimeOver
    /// Whoever vouched for this run no longer does.
    case leaseLapsed
    /// The engine that was to be taken over is not seen running.
    case notAdopted
    /// Something is energised, running or under way.
    case notIdle
    /// A stop came first.
    case cancelledByStop
    /// A start came during the cooldown.
    case cancelledByStart
    /// RELAY came in between.
    case cancelledByRelay
    /// Relays are not set by hand while a sequence is under way.
    case sequenceUnderWay
    /// The starter is energised by START only, with its deadline.
    case starterByHand
    /// The charger is closed only on an engine that has run warm, and with ignition alone.
    case chargerByHand
    /// Ignition is not taken from a loaded engine except by RELAY 00.
    case engineLoaded
    /// The engine is not seen running while it cools down.
    case engineNotSeen
    /// Too many wait for the same stop.
    case tooManyWaiting
    /// The process is leaving.
    case shuttingDown
}

/// A line for the log.
public enum Note: Sendable, Equatable {
    /// The machine went from one state to another.
    case state(from: GeneratorState, to: GeneratorState)
    /// Something is wrong.
    case problem(Problem)
    /// A relay write failed, for the how manieth time in a row.
    case writeFailed(RelaySet, attempt: Int)
    /// A relay write succeeded after failures.
    case writeRecovered(RelaySet, afterAttempts: Int)
}
