import Foundation

/// A Swift release, as the compiler names itself.
struct SwiftVersion: Sendable, Equatable, Comparable {
    var major: Int
    var minor: Int

    /// The oldest that builds the daemons: 6.2 lacks parts of Embedded Swift's library.
    static let needed = SwiftVersion(major: 6, minor: 3)

    /// Reads `Swift version 6.3.1 (swift-6.3.1-RELEASE)`, with or without words before it; nil
    /// where no version follows.
    init?(compilerVersion text: String) {
        let marker = "Swift version "
        guard let start = text.range(of: marker)?.upperBound else { return nil }
        let numbers = text[start...].split(
            maxSplits: 2, omittingEmptySubsequences: false, whereSeparator: { $0 == "." })
        guard numbers.count >= 2, let major = Int(numbers[0]),
            let minor = Int(numbers[1].prefix(while: \.isNumber))
        else { return nil }
        self.init(major: major, minor: minor)
    }

    init(major: Int, minor: Int) {
        self.major = major
        self.minor = minor
    }

    static func < (left: SwiftVersion, right: SwiftVersion) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }
}
