/// What can be wrong with a plant.
public enum PlantFault: Sendable, Equatable {
    /// Register 5 says this many percent, whatever the battery holds.
    case bogusSOC(Int)
    /// The registers stay as they are now.
    case frozenRegisters
    /// The inverter says nothing.
    case noAnswer
    /// The inverter refuses: 1 function, 2 address, 3 value, 4 read failed, 6 busy.
    case exception(UInt8)
    /// The starter turns and turns.
    case engineWillNotCatch
    /// Each time the engine has run for this long, it dies.
    case stall(after: Duration)
    /// The tank is empty.
    case fuelOut
}
