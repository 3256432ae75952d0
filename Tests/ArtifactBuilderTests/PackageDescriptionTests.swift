import Testing

@testable import ArtifactBuilder

struct PackageDescriptionTests {
    static let json = """
        {"name": "x", "products": [
          {"name": "a", "targets": ["A"], "type": {"executable": null}},
          {"name": "lonely", "targets": ["Gone"]}],
         "targets": [
          {"name": "A", "path": "Sources/A", "target_dependencies": ["B", "C"]},
          {"name": "B", "path": "Sources/B", "target_dependencies": ["D"]},
          {"name": "C", "path": "Sources/C", "target_dependencies": ["D", "A"]},
          {"name": "D", "path": "Sources/D", "type": "system-target"},
          {"name": "E", "path": "Sources/E", "target_dependencies": ["A"]}]}
        """

    @Test func aProductsFoldersAreItsTargetsAndTheirDependencies() throws {
        let package = try #require(PackageDescription(json: Self.json))
        #expect(
            package.sourceFolders(of: "a")
                == ["Sources/A", "Sources/B", "Sources/C", "Sources/D"])
        #expect(package.sourceFolders(of: "lonely") == [])
        #expect(package.sourceFolders(of: "b") == nil)
    }

    @Test(arguments: ["", "[]", "{}", #"{"products": 1, "targets": []}"#])
    func whatIsNoDescriptionIsNone(_ json: String) {
        #expect(PackageDescription(json: json) == nil)
    }
}
