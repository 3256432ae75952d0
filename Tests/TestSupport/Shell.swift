import Foundation

/// Runs real programs for the tests, with files as their standard streams so that nothing can block.
public enum Shell {
    /// What a program left behind.
    public struct Result: Sendable {
        /// Its exit status; negative for a signal.
        public var status: Int32
        /// Standard output.
        public var output: [UInt8]
        /// Standard error.
        public var errorOutput: [UInt8]
        /// Standard output as text.
        public var text: String { String(decoding: output, as: UTF8.self) }
        /// Standard error as text.
        public var errorText: String { String(decoding: errorOutput, as: UTF8.self) }
    }

    /// Runs `argv` to its end; a program that takes longer than `timeout` seconds is killed.
    public static func run(
        _ argv: [String], input: [UInt8] = [], in folder: String? = nil,
        environment: [String: String] = [:], timeout: Int = 60
    ) async throws -> Result {
        let scratch = try TemporaryFolder()
        let file = { (name: String) in scratch.path + "/" + name }
        try Data(input).write(to: URL(fileURLWithPath: file("in")))
        var settings = ChildSettings()
        settings.input = .file(file("in"))
        settings.output = .file(file("out"))
        settings.errorOutput = .file(file("err"))
        settings.environment = environment
        let start = ["env"] + (folder.map { ["-C", $0] } ?? [])
        let child = try startChild(
            start + ["timeout", "-k", "1", String(timeout)] + argv, settings)
        let status = try await onThread {
            var status: Int32 = 0
            while waitpid(child, &status, 0) < 0, errno == EINTR {}
            return status
        }
        let signal = status & 0x7F
        func read(_ name: String) throws -> [UInt8] {
            [UInt8](try Data(contentsOf: URL(fileURLWithPath: file(name))))
        }
        return Result(
            status: signal == 0 ? (status >> 8) & 0xFF : -signal, output: try read("out"),
            errorOutput: try read("err"))
    }

    /// The shells that remote scripts must work in.
    public static let shells: [[String]] = [["dash"], ["busybox", "ash"]]
}

/// A folder that goes when the last reference to it does.
public final class TemporaryFolder: Sendable {
    /// Its path.
    public let path: String

    /// A new, empty folder.
    public init() throws {
        path = NSTemporaryDirectory() + "fleet-test-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file below the folder, with the folders on its way.
    public func write(_ name: String, _ text: String, mode: Int = 0o644) throws {
        let file = path + "/" + name
        try FileManager.default.createDirectory(
            atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
    }

    /// A file's text below the folder.
    public func read(_ name: String) throws -> String {
        try String(contentsOfFile: path + "/" + name, encoding: .utf8)
    }

    /// Whether there is a file of that name.
    public func has(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: path + "/" + name)
    }
}

/// A seeded generator (SplitMix64, Steele et al. 2014), so that a failing run can be repeated.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// A generator that always yields the same numbers for the same seed.
    public init(seed: UInt64) { state = seed }

    /// The next number of the sequence.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A generator with the seed of this run.
    public static func fresh(_ test: String) -> SeededGenerator {
        SeededGenerator(seed: seedOfThisRun(test))
    }

    /// The seed from FLEET_TEST_SEED, else a new one under `make test-long`, else the test's own, so
    /// that a change is judged by the same lives as the one before it. Printed, to be repeated.
    public static func seedOfThisRun(_ test: String) -> UInt64 {
        let environment = ProcessInfo.processInfo.environment
        let isLong = environment["FLEET_LONG_TESTS"] != nil
        let own = test.utf8.reduce(14_695_981_039_346_656_037) { hash, byte in
            (hash ^ UInt64(byte)) &* 1_099_511_628_211
        }
        let seed =
            environment["FLEET_TEST_SEED"].flatMap(UInt64.init)
            ?? (isLong ? UInt64.random(in: 0...UInt64.max) : own)
        print("\(test): FLEET_TEST_SEED=\(seed)")
        return seed
    }
}
