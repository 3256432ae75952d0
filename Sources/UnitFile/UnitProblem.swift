/// Something in a unit file that systemd warns of, or that keeps it from loading the unit.
public struct UnitProblem: Sendable, Equatable {
    /// What kind of thing is wrong.
    public enum Kind: Sendable, Equatable {
        /// A line is neither empty, a comment, a section nor an assignment; systemd ignores it.
        case missingEquals
        /// An assignment has no name before its `=`; systemd ignores it.
        case missingKey
        /// An assignment stands before the first section; systemd ignores it.
        case outsideSection
        /// A section's heading has no `]`; systemd reads no further and does not load the unit.
        case unclosedSection
        /// A section's name has quotes, backslashes or control characters; systemd reads no
        /// further and does not load the unit.
        case badSectionName
        /// A section has no name; systemd ignores it.
        case emptySectionName
        /// A line is no UTF-8; systemd ignores it.
        case notUTF8
        /// A line, with those that continue it, is longer than `UnitFile.lineLimit`.
        case lineTooLong
        /// systemd ignores the whole section.
        case unknownSection(String)
        /// systemd ignores the assignment.
        case unknownKey(String, section: String)
        /// The key is known in this other section only.
        case misplacedKey(String, section: String, belongsTo: String)
    }

    /// What is wrong.
    public var kind: Kind
    /// Where the thing begins, counted from 1.
    public var line: Int

    /// Whether systemd gives the file up.
    public var isFatal: Bool {
        switch kind {
        case .unclosedSection, .badSectionName, .lineTooLong: true
        case .missingEquals, .missingKey, .outsideSection, .emptySectionName, .notUTF8,
            .unknownSection, .unknownKey, .misplacedKey:
            false
        }
    }
}

extension UnitProblem.Kind: CustomStringConvertible {
    /// The problem as a sentence without a full stop.
    public var description: String {
        switch self {
        case .missingEquals: "there is no '=', no section and no comment"
        case .missingKey: "there is no name before the '='"
        case .outsideSection: "the assignment stands before the first section"
        case .unclosedSection: "the section's ']' is missing"
        case .badSectionName: "the section's name holds quotes, backslashes or control characters"
        case .emptySectionName: "the section has no name"
        case .notUTF8: "the line is no UTF-8"
        case .lineTooLong: "the line is longer than \(UnitFile.lineLimit) bytes"
        case .unknownSection(let name): "systemd knows no section [\(name)] here"
        case .unknownKey(let key, let section): "systemd knows no \(key)= in [\(section)]"
        case .misplacedKey(let key, let section, let place):
            "\(key)= belongs in [\(place)]; in [\(section)] systemd ignores it"
        }
    }
}
