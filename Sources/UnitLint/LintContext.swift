import Inventory
import UnitFile

/// What the linter looks at: the units of one host, and what else is known of it.
public struct LintContext: Sendable {
    /// The units, in a stable order.
    public var units: [LintUnit]
    /// Absolute paths that were looked at on the host, true where something is there. Paths that
    /// are not listed are unknown, and no rule speaks of them.
    public var paths: [String: Bool]

    /// The units of a host.
    public init(units: [LintUnit], paths: [String: Bool] = [:]) {
        self.units = units
        self.paths = paths
    }

    /// The units that may run: loaded, no template, not known to be disabled.
    var runnable: [LintUnit] { units.filter(\.mayRun) }

    /// The unit of a name, an alias or a missing ending not counted.
    func unit(_ name: String) -> LintUnit? { units.first { $0.name.text == name } }

    /// The units that control the generator.
    var controllers: [LintUnit] { units.filter { $0.controlsGenerator && $0.isLoaded } }
}

/// A unit with what is known of its place on the host.
public struct LintUnit: Sendable {
    /// Whether it starts at boot.
    public enum Enablement: Sendable { case enabled, disabled, unknown }

    /// What the inventory says of a unit.
    public struct Declaration: Sendable, Equatable {
        /// Ports that it listens on.
        public var ports: [PortClaim]
        /// Older units that it takes the place of.
        public var replaces: [String]
        /// What the daemon needs to end by itself; nil where nobody said.
        public var stopTime: Duration?
        /// Whether a stop of this unit can leave the generator without control.
        public var controlsGenerator: Bool

        /// What is declared.
        public init(
            ports: [PortClaim] = [], replaces: [String] = [], stopTime: Duration? = nil,
            controlsGenerator: Bool = false
        ) {
            self.ports = ports
            self.replaces = replaces
            self.stopTime = stopTime
            self.controlsGenerator = controlsGenerator
        }
    }

    /// The unit, drop-ins included.
    public var unit: EffectiveUnit
    /// Whether it starts at boot.
    public var enablement: Enablement
    /// What the inventory says; nil where the unit is not of the inventory.
    public var declared: Declaration?

    /// A unit of a host.
    public init(
        _ unit: EffectiveUnit, enablement: Enablement = .unknown, declared: Declaration? = nil
    ) {
        self.unit = unit
        self.enablement = enablement
        self.declared = declared
    }

    var name: UnitName { unit.name }
    var isLoaded: Bool { unit.state == .loaded }
    var mayRun: Bool { isLoaded && !name.isTemplate && enablement != .disabled }

    /// Declared, or known by its program: the daemons that write the relays.
    var controlsGenerator: Bool {
        if declared?.controlsGenerator == true { return true }
        return unit.commands("ExecStart").contains { command, _ in
            command.argv.contains {
                ["gen-server", "generator_server.py"].contains(ProgramName.last(of: $0))
            }
        }
    }

    /// The service's Type=, as systemd takes it where it is not set.
    var type: String {
        let hasStart = !unit.settings(of: "ExecStart", in: "Service").isEmpty
        let hasBusName = unit.text(of: "BusName", in: "Service") != nil
        return unit.text(of: "Type", in: "Service")
            ?? (hasBusName ? "dbus" : hasStart ? "simple" : "oneshot")
    }

    var isLongRunning: Bool {
        type != "oneshot" && !unit.settings(of: "ExecStart", in: "Service").isEmpty
    }

    /// Whether it talks to a terminal: logins, and shells for whoever stands before the machine.
    var hasTerminal: Bool {
        ["tty", "tty-force", "tty-fail"].contains(
            unit.text(of: "StandardInput", in: "Service") ?? "")
    }

    /// The unit that this timer, path or socket starts; nil for other kinds.
    var startedUnit: String? {
        let named: [(name: String, setting: EffectiveUnit.Setting)]
        switch name.kind {
        case .timer: named = unit.names(of: "Unit", in: "Timer")
        case .path: named = unit.names(of: "Unit", in: "Path")
        case .socket: named = unit.names(of: "Service", in: "Socket")
        default: return nil
        }
        return named.last?.name ?? "\(name.stem).service"
    }

    // MARK: Commands

    static let commandKeys = [
        "ExecCondition", "ExecStartPre", "ExecStart", "ExecStartPost", "ExecReload", "ExecStop",
        "ExecStopPost",
    ]

    /// Every command of the service.
    var commands: [(key: String, command: ExecCommand, setting: EffectiveUnit.Setting)] {
        Self.commandKeys.flatMap { key in
            unit.commands(key).map { (key, $0.command, $0.setting) }
        }
    }

    // MARK: Hits

    /// A hit at an assignment.
    func hit(_ setting: EffectiveUnit.Setting, _ message: String) -> LintHit {
        LintHit(
            unit: name, path: setting.path, line: setting.line,
            section: setting.assignment.section, message: message)
    }

    /// A hit for what a section lacks.
    func hit(lacking section: String, _ message: String) -> LintHit {
        let source = unit.sources.first
        let line = source?.file.sections.first { $0.name == section }?.line
        return LintHit(
            unit: name, path: source?.path ?? "", line: line, section: section, message: message)
    }
}
