import Inventory

/// A variable's value that the inventory knows: the names of what nearly every runbook is about.
public enum InventoryValue: String, Sendable, Equatable, CaseIterable {
    /// The first service with `gate: generator-idle`.
    case controller
    /// The first host of that service.
    case controllerHost = "controller.host"
    /// The host through which that one is reached.
    case controllerVia = "controller.via"
    /// The address of that host, as seen from the host before it.
    case controllerAddress = "controller.address"
    /// The first service that is built from `pigenny-monitor`.
    case monitor
    /// The first host of that service.
    case monitorHost = "monitor.host"
    /// The user that the monitor runs as.
    case monitorUser = "monitor.user"
    /// The first service that replaces other units.
    case replacing
    /// The first host of that service.
    case replacingHost = "replacing.host"

    /// The value in a fleet; nil where the fleet has no such thing.
    public func value(in fleet: Fleet) -> String? {
        switch self {
        case .controller: Self.controller(fleet)?.name.text
        case .controllerHost: Self.controller(fleet)?.hosts.first?.text
        case .controllerVia:
            Self.controller(fleet)?.hosts.first.flatMap(fleet.host)?.via?.text
        case .controllerAddress:
            Self.controller(fleet)?.hosts.first.flatMap(fleet.host)?.address
        case .monitor: Self.monitor(fleet)?.name.text
        case .monitorHost: Self.monitor(fleet)?.hosts.first?.text
        case .monitorUser: Self.monitor(fleet).map { $0.user ?? "root" }
        case .replacing: Self.replacing(fleet)?.name.text
        case .replacingHost: Self.replacing(fleet)?.hosts.first?.text
        }
    }

    private static func controller(_ fleet: Fleet) -> Service? {
        fleet.services.first { $0.gate == .generatorIdle }
    }

    private static func monitor(_ fleet: Fleet) -> Service? {
        fleet.services.first { $0.source == .product("pigenny-monitor") }
    }

    private static func replacing(_ fleet: Fleet) -> Service? {
        fleet.services.first { !$0.replaces.isEmpty }
    }
}
