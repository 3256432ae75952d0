import ArgumentParser
import DeployPlan
import Foundation
import Inventory
import RemoteOps
import Reports

/// What `plan` and `deploy` share: from the options to plans.
struct DeployOptions: ParsableArguments {
    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var connection: ConnectionOptions

    /// Builds, looks at every host and plans.
    ///
    /// - Parameters:
    ///   - adjusting: changes what the options choose.
    ///   - change: sets what only a deploy sets, before any host is looked at.
    func prepare(
        _ console: Console, adjusting: (inout Selection) throws -> Void = { _ in },
        _ change: (inout FleetDeploy) -> Void = { _ in }
    ) async throws -> (FleetDeploy, [FleetDeploy.Planned]) {
        var chosen = try loadSelection(common, selection)
        try adjusting(&chosen)
        let folder = (common.base.inventoryPath as NSString).deletingLastPathComponent
        let builder = TargetBuilder(
            selection: chosen, folder: folder.isEmpty ? "." : folder, console: console)
        // git takes its time; meanwhile the releases are hashed.
        async let author = DeployAuthor.current(folder: builder.folder)
        let targets: [FleetDeploy.Target]
        do {
            targets = try await builder.targets()
        } catch let error as TargetBuilder.Failure {
            console.error("\(error.text)\n  Nothing was changed on any host.")
            throw FleetExit.usage.error
        }
        guard !targets.isEmpty else {
            console.error("no service of the inventory runs on the chosen hosts; nothing to do")
            throw FleetExit.usage.error
        }
        var deploy = FleetDeploy(
            fleet: chosen.fleet, connections: Connections(chosen.fleet, common, connection),
            parallel: connection.parallel, console: console,
            author: await author)
        change(&deploy)
        return (deploy, await deploy.plan(targets))
    }
}

extension Console {
    /// Prints plans for people on standard error, or as the result where that is what was asked for.
    func show(_ planned: [FleetDeploy.Planned], asResult: Bool) {
        for entry in planned {
            switch entry.result {
            case .failure(let failure): error(failure.text)
            case .success(let plan):
                for (line, emphasis) in plan.text {
                    let text = styled(line, emphasis)
                    if asResult { result(text) } else { say(text) }
                }
            }
        }
    }

    private func styled(_ line: String, _ emphasis: HostPlan.Emphasis) -> String {
        // Diffs and holders of ports hold text from hosts.
        let line = DisplayText.printable(line)
        guard isStyled else { return line }
        // SGR parameters of ECMA-48.
        let parameter: Int? =
            switch emphasis {
            case .heading: 1
            case .plain: nil
            case .added: 32
            case .removed: 31
            case .warning: 33
            }
        return parameter.map { "\u{1B}[\($0)m\(line)\u{1B}[0m" } ?? line
    }

    /// Prints a value as JSON on standard output.
    func json(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        result(String(decoding: try encoder.encode(value), as: UTF8.self))
    }
}

extension [FleetDeploy.Planned] {
    /// The exit code that failures to look and refusals call for; nil where there are none.
    var failureExit: FleetExit? {
        var exits: [FleetExit] = []
        for entry in self {
            switch entry.result {
            case .failure(let error): exits.append(error.exit)
            case .success(let plan): if !plan.refusals.isEmpty { exits.append(.failed) }
            }
        }
        guard let first = exits.first else { return nil }
        if exits.count < count { return .someHostsFailed }
        return exits.allSatisfy { $0 == first } ? first : .failed
    }
}
