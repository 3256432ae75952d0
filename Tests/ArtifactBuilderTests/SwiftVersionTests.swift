import Testing

@testable import ArtifactBuilder

struct SwiftVersionTests {
    @Test(arguments: [
        ("Swift version 6.3.1 (swift-6.3.1-RELEASE)", 6, 3, true),
        ("Swift version 6.3 (swift-6.3-RELEASE)", 6, 3, true),
        ("Swift version 6.4-dev (LLVM 2f0f, Swift 8d1)", 6, 4, true),
        ("Swift version 7.0 (swift-7.0-RELEASE)", 7, 0, true),
        ("Apple Swift version 6.3.0.1 (swiftlang-6.3 clang-1)", 6, 3, true),
        ("Swift version 6.2.9 (swift-6.2.9-RELEASE)", 6, 2, false),
        ("Swift version 5.10.1 (swift-5.10.1-RELEASE)", 5, 10, false),
    ])
    func versionsAreReadAndJudged(_ text: String, major: Int, minor: Int, isEnough: Bool) throws {
        let version = try #require(SwiftVersion(compilerVersion: text))
        #expect(version == SwiftVersion(major: major, minor: minor))
        #expect((version >= .needed) == isEnough)
    }

    @Test(arguments: [
        "", "Swift version ", "Swift version six.three", "6.3.1", "Swift version 6",
        "Swift version .3", "Swift version 6.x", "Swift version 99999999999999999999.3",
    ])
    func whatIsNoVersionIsNone(_ text: String) {
        #expect(SwiftVersion(compilerVersion: text) == nil)
    }
}
