import ArgumentParser
import ArtifactBuilder
import Foundation

/// `fleetctl build`: makes the release folders that a deploy would send.
struct BuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Builds what is stale for the hosts' processors.",
        discussion: """
            Builds the daemons of the services named, or of all, for the processors of their \
            hosts, and prints size and hash of each. What is up to date is left alone. With \
            --product and --arch no inventory is read.

            The first build for a processor fetches Debian packages for its SDK; later ones need \
            no network. Results lie in .build/fleet/artifacts.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: SelectionOptions

    @Argument(
        help: "Services to build; all of the inventory where none is named.",
        completion: InventoryCompletion.services)
    var services: [String] = []

    @Option(
        name: .long, parsing: .singleValue,
        help: "Build this product of the package, without an inventory; may be repeated.")
    var product: [String] = []

    @Option(
        name: .long, parsing: .singleValue,
        help: "With --product: for this processor (arm64, armhf, armv5, amd64); may be repeated.")
    var arch: [BuildArchitecture] = []

    func validate() throws {
        guard product.isEmpty == arch.isEmpty else {
            throw ValidationError("--product and --arch go together: give both, or neither")
        }
        guard product.isEmpty || services.isEmpty else {
            throw ValidationError("give services of the inventory, or --product; not both")
        }
    }

    func run() async throws {
        let console = Console(common)
        let here = FileManager.default.currentDirectoryPath
        let wanted = try product.isEmpty ? requests() : products()
        guard !wanted.isEmpty else {
            console.error("none of the chosen services is built here: nothing to do")
            return
        }
        let results = try await Self.build(
            wanted, with: Self.builder(near: here, console), console: console)
        try Self.report(results, as: common.output, to: console)
    }

    private func products() -> [BuildRequest] {
        product.flatMap { product in
            arch.map { BuildRequest(service: nil, product: product, architecture: $0) }
        }
    }

    private func requests() throws -> [BuildRequest] {
        var options = selection
        options.service += services
        return BuildRequest.all(of: try loadSelection(common, options))
    }

    /// The builder of the project that a folder belongs to, or this process's own.
    static func builder(near folder: String, _ console: Console) throws -> ArtifactBuilder {
        let folders = [folder, FileManager.default.currentDirectoryPath]
        guard let root = folders.lazy.compactMap(ArtifactBuilder.projectRoot(above:)).first else {
            console.error(
                "no project here: neither this folder nor one above it has Package.swift and "
                    + "Tools/sdk; change to the project's folder")
            throw FleetExit.usage.error
        }
        return ArtifactBuilder(root: root)
    }

    /// Builds each pair of product and processor once, one after the other, and says on standard
    /// error what goes on. The first failure is said there and ends the command.
    static func build(
        _ requests: [BuildRequest], with builder: ArtifactBuilder, console: Console
    ) async throws -> [BuildResult] {
        var results: [BuildResult] = []
        for request in requests {
            let same = results.first {
                $0.artifact.product == request.product
                    && $0.artifact.architecture == request.architecture
            }
            if let same {
                results.append(BuildResult(service: request.service, artifact: same.artifact))
                continue
            }
            let label = "\(request.product) \(request.architecture.rawValue)"
            do throws(BuildError) {
                let artifact = try await builder.build(
                    product: request.product, for: request.architecture
                ) { line in
                    // The SDK's steps are worth a line; the compiler's are for those who asked.
                    line.hasPrefix("make-sdk: ")
                        ? console.say("SDK for \(line.dropFirst("make-sdk: ".count))")
                        : console.detail("\(label): \(line)")
                }
                results.append(BuildResult(service: request.service, artifact: artifact))
            } catch {
                console.error(error.sentence)
                throw error.exit.error
            }
        }
        return results
    }

    /// Prints the results, as a table or as JSON.
    static func report(
        _ results: [BuildResult], as format: OutputFormat, to console: Console
    ) throws {
        switch format {
        case .table: BuildResult.table(results).forEach(console.result)
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            console.result(String(decoding: try encoder.encode(results), as: UTF8.self))
        }
    }
}

extension BuildArchitecture: ExpressibleByArgument {}

/// One thing to build: a product for a processor, and the service that asks for it.
struct BuildRequest: Sendable, Hashable {
    var service: String?
    var product: String
    var architecture: BuildArchitecture
}
