/// Findings as SARIF 2.1.0 (OASIS), which code hosts and editors show beside the lines.
public struct Sarif: Sendable, Encodable {
    /// A text for people.
    public struct Message: Sendable, Encodable {
        /// What it says.
        public var text: String
    }

    /// A rule as SARIF describes it (reportingDescriptor, 3.49).
    public struct Rule: Sendable, Encodable {
        struct Configuration: Sendable, Encodable { var level: String }
        var id: String
        var shortDescription: Message
        var fullDescription: Message
        var help: Message
        var defaultConfiguration: Configuration
    }

    /// The tool and its rules (toolComponent, 3.19).
    public struct Driver: Sendable, Encodable {
        var name: String
        var version: String
        var rules: [Rule]
    }

    /// The tool (3.18).
    public struct Tool: Sendable, Encodable { var driver: Driver }

    /// A place in a file (location, 3.28).
    public struct Location: Sendable, Encodable {
        struct Artifact: Sendable, Encodable { var uri: String }
        struct Region: Sendable, Encodable { var startLine: Int }
        struct Physical: Sendable, Encodable {
            var artifactLocation: Artifact
            var region: Region?
        }
        var physicalLocation: Physical
    }

    /// One finding (result, 3.27).
    public struct Result: Sendable, Encodable {
        var ruleId: String
        var ruleIndex: Int
        var level: String
        var message: Message
        var locations: [Location]
    }

    /// One run of the tool (3.14).
    public struct Run: Sendable, Encodable {
        var tool: Tool
        /// Lines are counted in code points where columns are; none are given.
        var columnKind = "unicodeCodePoints"
        var results: [Result]
    }

    private enum CodingKeys: String, CodingKey { case schema = "$schema", version, runs }

    /// Where the format is described.
    public let schema = "https://json.schemastore.org/sarif-2.1.0.json"
    /// The format's version.
    public let version = "2.1.0"
    /// One run.
    public var runs: [Run]

    /// The findings of one run, with the rules that they name.
    ///
    /// - Parameter version: of fleetctl.
    public init(_ findings: [LintFinding], version: String) {
        var rules = LintRule.all.map(Rule.init)
        for finding in findings where !rules.contains(where: { $0.id == finding.rule }) {
            // The linter's own, about suppressions.
            rules.append(Rule(finding))
        }
        let results = findings.map { finding in
            Result(
                ruleId: finding.rule,
                ruleIndex: rules.firstIndex { $0.id == finding.rule } ?? 0,
                level: finding.severity.rawValue,
                message: Message(text: "\(finding.unit): \(finding.message). Fix: \(finding.fix)."),
                locations: [Location(finding)])
        }
        let driver = Driver(name: "fleetctl units lint", version: version, rules: rules)
        runs = [Run(tool: Tool(driver: driver), results: results)]
    }
}

extension Sarif.Rule {
    init(_ rule: LintRule) {
        self.init(
            id: rule.name, shortDescription: .init(text: rule.name),
            fullDescription: .init(text: rule.explanation),
            help: .init(text: "\(rule.fix). See \(rule.source)."),
            defaultConfiguration: Configuration(level: rule.severity.rawValue))
    }

    init(_ finding: LintFinding) {
        self.init(
            id: finding.rule, shortDescription: .init(text: finding.rule),
            fullDescription: .init(text: "A suppression that does nothing, or does not say why."),
            help: .init(text: finding.fix),
            defaultConfiguration: Configuration(level: finding.severity.rawValue))
    }
}

extension Sarif.Location {
    init(_ finding: LintFinding) {
        self.init(
            physicalLocation: Physical(
                artifactLocation: Artifact(uri: Self.uri(finding.path)),
                region: finding.line.flatMap { $0 > 0 ? Region(startLine: $0) : nil }))
    }

    /// A path as a URI reference: what RFC 3986 does not allow in a path is percent-encoded.
    private static func uri(_ path: String) -> String {
        var result = ""
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "-"),
                UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "@"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.count < 2 ? "0" : "") + digits
            }
        }
        return path.hasPrefix("/") ? "file://" + result : result
    }
}
