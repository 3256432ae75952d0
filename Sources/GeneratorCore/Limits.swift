/// Limits that are no one's choice. A value, so that the model checker can take small ones.
struct Limits: Sendable, Hashable {
    /// Readings that must be equal before they are believed are at most this old.
    var readingAge: Duration = .seconds(2)
    /// How long a phase waits beyond its time for inputs that can be believed.
    var inputsGrace: Duration = .seconds(1)
    /// Blind for this long while cranking: the starter is released.
    var blindCrank: Duration = .seconds(1)
    /// Blind for this long while the engine runs: it is unloaded and stopped.
    var blindRun: Duration = .seconds(10)
    /// IN1 absent for this long, in at least two readings: the engine has stopped.
    var engineLoss: Duration = .milliseconds(200)
    /// Between two attempts of a relay write that failed.
    var writeRetry: Duration = .milliseconds(100)
    /// A write that energises something and fails for this long ends the sequence.
    var writeFailing: Duration = .seconds(1)
    /// Waiting for the relays to go off: then whoever asked is told that they would not.
    var stopReply: Duration = .seconds(5)
    /// IN4 seen this long after the release of the starter: the release is written again.
    var starterRelease: Duration = .seconds(1)
    /// Clients that can wait for the relays at once.
    var waiters = 16
}
