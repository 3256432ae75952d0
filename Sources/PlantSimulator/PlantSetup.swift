/// What a plant is made of. The defaults are the site's, as far as its recordings show it.
public struct PlantSetup: Sendable, Equatable {
    /// Capacity of all packs together, in Ah. Between two charges the site's battery loses 29 % of
    /// its charge for 113 Ah.
    public var capacityAmpereHours = 400.0
    /// Packs side by side; the inverter's registers speak of one of them.
    public var packs = 2
    /// Internal resistance of battery and cables, in Ohm.
    public var resistanceOhms = 0.016
    /// State of charge at the beginning, in percent.
    public var stateOfChargePercent = 60.0
    /// What the charger behind the generator gives at most, in A. The site's battery gains 72 A
    /// while the house takes 22 A.
    public var chargerAmperes = 95.0
    /// Where charging goes over to constant voltage, in V.
    public var absorptionVolts = 56.4
    /// What the inverter takes for itself, in W: the site's discharge power less its load.
    public var ownWatts = 75.0
    /// What the strings would give with the sun in the zenith, in W.
    public var solarPeakWatts = 2400.0
    /// Latitude in degrees, north positive.
    public var latitudeDegrees = 46.0
    /// Day of the year at the beginning, 0 to 364; 361 is 28 December.
    public var dayOfYear = 361
    /// Seconds since midnight at the beginning.
    public var secondOfDay = 0.0
    /// The engine and its tank.
    public var engine = PlantEngine.Setup()

    /// The site.
    public init() {}
}
