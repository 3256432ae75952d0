/// One installation of battery, panels and generator, as the files of one monitor tell of it.
public struct Plant: Sendable {
    /// Whose files they are, for people: `pi, pigenny-monitor`.
    public var name: String
    /// What the files say.
    public var record: PlantRecord
    /// What the reader must know of the files: that older ones were left out.
    public var notes: [String]

    /// A plant from its parts.
    public init(name: String, record: PlantRecord, notes: [String] = []) {
        self.name = name
        self.record = record
        self.notes = notes
    }
}
