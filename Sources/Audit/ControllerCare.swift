import Inventory
import PortHolders
import UnitLint

/// What a step of `--fix` means for the generator: a controller that stops switches a running
/// generator off.
enum ControllerCare: Equatable {
    /// No controller is concerned.
    case none
    /// It may be done while this one says that the generator is idle.
    case ask(Controller)
    /// Nobody can be asked who speaks for every controller on the host.
    case never
}

extension AuditView {
    /// The care that starting and stopping a unit takes.
    func care(ofUnit name: String) -> ControllerCare {
        let isController = units.contains {
            $0.unit.name.text == name && $0.isGeneratorController
        }
        let isGuarded = subject.services.contains {
            $0.isGuarded && ($0.unitName == name || $0.replaces.contains(name))
        }
        return isController || isGuarded || canStopController(name) ? asking : .none
    }

    /// The care that ending a process takes.
    func care(of process: PortProcess) -> ControllerCare {
        isController(process) ? asking : .none
    }

    /// A controller's answer counts only where no other controller runs beside it: that one could be
    /// at work without its knowing. Whoever else holds the port could say anything.
    private var asking: ControllerCare {
        let services = controllerServices
        guard services.count == 1, let service = services.first,
            let port = service.ports.first?.number
        else { return .never }
        let running = facts.processes.values.map(\.core).filter(isController).map(\.pid)
        let holders = facts.sockets.filter { Int($0.port) == port && $0.proto.isTCP }
            .flatMap { facts.holders[$0.inode] ?? [] }
        guard Set(running) == Set(holders) else { return .never }
        return .ask(Controller(service: service.name, port: port))
    }

    /// The services that write the relays, or else those that wait for the generator.
    private var controllerServices: [Service] {
        let writing = subject.services.filter(\.controlsGenerator)
        return writing.isEmpty ? subject.services.filter(\.isGuarded) : writing
    }

    /// Whether a process writes the generator's relays, whoever started it.
    func isController(_ process: PortProcess) -> Bool {
        ["gen-server", "generator_server.py"].contains { process.runs($0) }
            || controllerServices.contains { service in
                service.programs.contains { process.runs($0) }
            }
    }

    /// Whether a start or a stop of the unit can stop a controller's.
    private func canStopController(_ name: String) -> Bool {
        let controllers = units.filter(\.isGeneratorController)
        return controllers.contains { controller in
            Self.ties.contains { key in
                controller.unit.names(of: key, in: "Unit").contains { $0.name == name }
            }
        }
            || units.contains { unit in
                unit.unit.name.text == name && controllers.contains { unit.canStop($0) }
            }
    }

    /// Settings of a unit that tie its life to another's; Conflicts= works both ways.
    private static let ties = ["PartOf", "BindsTo", "Requires", "StopPropagatedFrom", "Conflicts"]
}

extension LintUnit {
    /// Whether the unit names another where that stops it, or in any of its commands; a pattern
    /// may meet anything.
    fileprivate func canStop(_ other: LintUnit) -> Bool {
        let name = other.unit.name
        let isTied = ["Conflicts", "PropagatesStopTo"].contains { key in
            unit.names(of: key, in: "Unit").contains { $0.name == name.text }
        }
        let programs = other.programs.map(AuditFacts.lastPart)
        return isTied || killsByPattern
            || commandWords.contains { words in
                words.map(AuditFacts.lastPart).contains { word in
                    [name.text, name.stem].contains(word) || programs.contains(word)
                }
            }
    }
}

extension Service {
    /// Whether it may be stopped and started only while the generator is idle.
    var isGuarded: Bool { controlsGenerator || gate == .generatorIdle }
}
