// swift-tools-version:6.2
import PackageDescription

// Two halves. The daemons are Embedded Swift and depend on nothing but C libraries, so that they
// cross-build for the boards; fleetctl and the tests are full Swift. `fleetctl build` sets
// FLEET_DAEMONS_ONLY, which leaves the second half (and its packages) out of a cross build.
let daemonsOnly = Context.environment["FLEET_DAEMONS_ONLY"] != nil

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

/// A core or adapter that also compiles in Embedded Swift. The libraries that its C shims stand on
/// are named here too: Swift's own linking by module map does not work for the boards' triples.
func embedded(
    _ name: String, _ dependencies: [Target.Dependency] = [], libraries: [String] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, swiftSettings: strict,
        linkerSettings: libraries.map { .linkedLibrary($0) })
}

/// A daemon: one product, Embedded Swift on every board, ordinary Swift on the host.
func daemon(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

func test(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target
{
    .testTarget(
        name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

let daemonTargets: [Target] = [
    // Embedded cores: no Foundation, no clock, no I/O.
    embedded("GeneratorCore"),
    embedded("GeneratorWire", ["GeneratorCore"]),
    embedded("ChargePolicy"),
    embedded("InverterRegisters"),
    embedded("MonitorLog"),
    embedded("PortHolders"),
    // C shims. What pkg-config says is for this machine and must not reach a cross build.
    .target(name: "CPlatform"),
    .systemLibrary(name: "CI2C"),
    .systemLibrary(name: "CModbus", pkgConfig: daemonsOnly ? nil : "libmodbus"),
    .systemLibrary(name: "CSystemd", pkgConfig: daemonsOnly ? nil : "libsystemd"),
    // Adapters.
    embedded("Platform", ["CPlatform"]),
    embedded("MonitorFiles", ["MonitorLog", "Platform"]),
    embedded("I2CBus", ["GeneratorCore", "CI2C", "Platform"]),
    embedded("ModbusPort", ["InverterRegisters", "CModbus", "Platform"], libraries: ["modbus"]),
    embedded("SystemdNotify", ["CSystemd"], libraries: ["systemd"]),
    // Shells.
    daemon("port-guard", ["PortHolders", "Platform"]),
    daemon("gen-server", ["GeneratorCore", "GeneratorWire", "I2CBus", "Platform"]),
    daemon(
        "pigenny-monitor",
        [
            "ChargePolicy", "GeneratorCore", "GeneratorWire", "InverterRegisters", "ModbusPort",
            "MonitorLog", "MonitorFiles", "SystemdNotify", "Platform",
        ]),
]

let operatorTargets: [Target] = [
    // Pure cores.
    .target(name: "Inventory", swiftSettings: strict),
    .target(name: "UnitFile", swiftSettings: strict),
    .target(name: "UnitLint", dependencies: ["Inventory", "UnitFile"], swiftSettings: strict),
    .target(
        name: "RemoteOps", resources: [.embedInCode("Scripts")], swiftSettings: strict),
    .target(
        name: "DeployPlan", dependencies: ["Inventory", "UnitFile", "RemoteOps"],
        swiftSettings: strict),
    .target(
        name: "Audit",
        dependencies: ["Inventory", "UnitFile", "UnitLint", "RemoteOps", "PortHolders"],
        swiftSettings: strict),
    .target(
        name: "Health",
        dependencies: [
            "GeneratorCore", "GeneratorWire", "Inventory", "InverterRegisters", "MonitorLog",
            "RemoteOps",
        ],
        swiftSettings: strict),
    .target(name: "Reports", dependencies: ["Health"], swiftSettings: strict),
    // Its Texts are a link to Runbooks/, where people read them.
    .target(
        name: "Runbook", dependencies: ["Inventory"], resources: [.embedInCode("Texts")],
        swiftSettings: strict),
    .target(name: "MQTTWire", swiftSettings: strict),
    .target(
        name: "HTMLReport", dependencies: ["Audit", "Health", "MonitorLog", "Reports", "UnitLint"],
        resources: [.embedInCode("Resources/report.css")], swiftSettings: strict),
    .target(
        name: "PlantSimulator", dependencies: ["GeneratorCore", "InverterRegisters"],
        swiftSettings: strict),
    // C shims.
    .systemLibrary(name: "CLibSSH", pkgConfig: "libssh"),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib"),
    // Adapters.
    .target(
        name: "SSHTransport",
        dependencies: ["CLibSSH", "RemoteOps", .product(name: "Logging", package: "swift-log")],
        swiftSettings: strict),
    .target(
        name: "InventoryFile",
        dependencies: ["Inventory", .product(name: "Yams", package: "Yams")],
        swiftSettings: strict),
    .target(
        name: "ReleasePacker",
        dependencies: ["RemoteOps", "CZlib", .product(name: "Crypto", package: "swift-crypto")],
        swiftSettings: strict),
    .target(
        name: "ArtifactBuilder",
        dependencies: [
            .product(name: "Crypto", package: "swift-crypto"),
            .product(name: "Subprocess", package: "swift-subprocess"),
        ],
        swiftSettings: strict),
    .target(
        name: "HistoryStore",
        dependencies: ["Health", .product(name: "GRDB", package: "GRDB.swift")],
        swiftSettings: strict),
    .target(
        name: "MetricsServer",
        dependencies: [
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
        ],
        swiftSettings: strict),
    .target(
        name: "MQTTClient",
        dependencies: [
            "MQTTWire",
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
        ],
        swiftSettings: strict),
    // Shells.
    .target(
        name: "FleetCommands",
        dependencies: [
            "Inventory", "InventoryFile", "UnitFile", "UnitLint", "RemoteOps", "DeployPlan",
            "Reports", "SSHTransport", "ReleasePacker", "ArtifactBuilder", "HistoryStore",
            "Audit",
            "GeneratorCore",
            "GeneratorWire",
            "Health",
            "HTMLReport",
            "MetricsServer",
            "MQTTClient",
            "MQTTWire",
            "Runbook",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
            .product(name: "Logging", package: "swift-log"),
        ],
        swiftSettings: strict),
    .executableTarget(
        name: "plant-sim",
        dependencies: [
            "PlantSimulator", "GeneratorCore", "InverterRegisters", "CModbus", "Platform",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ],
        swiftSettings: strict),
    .executableTarget(
        name: "fleetctl", dependencies: ["FleetCommands"], swiftSettings: strict),
    // What a report of a large fleet costs: Tools/bench/report-bench.
    .executableTarget(
        name: "report-bench", dependencies: ["Health", "HTMLReport"],
        path: "Tools/bench/reportbench", swiftSettings: strict),
    // Tests.
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
    .target(
        name: "LabSupport", dependencies: ["TestSupport"], path: "Tests/LabSupport",
        swiftSettings: strict),
    test("LabSupportTests", ["LabSupport", "TestSupport"]),
    test("ArchitectureTests", []),
    test("GeneratorCoreTests", ["GeneratorCore", "GeneratorWire", "TestSupport"]),
    // A century is simulated in there: optimised, it takes half as long.
    .testTarget(
        name: "ChargePolicyTests",
        dependencies: ["ChargePolicy", "GeneratorCore", "PlantSimulator", "TestSupport"],
        swiftSettings: strict + [.unsafeFlags(["-O"], .when(configuration: .debug))]),
    test("InverterRegistersTests", ["InverterRegisters", "TestSupport"]),
    test(
        "PlantSimulatorTests",
        ["PlantSimulator", "GeneratorCore", "InverterRegisters", "TestSupport"]),
    test("PortHoldersTests", ["PortHolders"]),
    test("MonitorLogTests", ["MonitorLog", "TestSupport"]),
    .executableTarget(
        name: "monitor-probe",
        dependencies: ["MonitorFiles", "MonitorLog", "Platform", "SystemdNotify"],
        path: "Tests/MonitorProbe", swiftSettings: strict),
    test(
        "MonitorFilesTests",
        [
            "monitor-probe", "MonitorFiles", "MonitorLog", "Platform", "LabSupport",
            "TestSupport",
        ]),
    test("InventoryTests", ["Inventory", "InventoryFile", "TestSupport"]),
    test("UnitFileTests", ["UnitFile", "LabSupport", "TestSupport"]),
    test("UnitLintTests", ["UnitLint"]),
    test(
        "AuditTests",
        [
            "Audit", "Inventory", "InventoryFile", "PortHolders", "RemoteOps", "UnitFile",
            "UnitLint", "TestSupport",
        ]),
    test(
        "HealthTests",
        ["Health", "Inventory", "InventoryFile", "RemoteOps", "Reports", "TestSupport"]),
    test(
        "HTMLReportTests",
        ["Audit", "Health", "HTMLReport", "MonitorLog", "TestSupport"]),
    test("ReportsTests", ["Health", "Reports", "TestSupport"]),
    test("RunbookTests", ["Inventory", "Runbook", "TestSupport"]),
    test("RemoteOpsTests", ["RemoteOps", "ReleasePacker", "TestSupport"]),
    test("DeployPlanTests", ["DeployPlan", "TestSupport"]),
    test("SSHTransportTests", ["SSHTransport", "LabSupport", "TestSupport"]),
    test("ArtifactBuilderTests", ["ArtifactBuilder", "TestSupport"]),
    .executableTarget(
        name: "history-probe", dependencies: ["Health", "HistoryStore"], path: "Tests/HistoryProbe",
        swiftSettings: strict),
    test("HistoryStoreTests", ["history-probe", "Health", "HistoryStore", "TestSupport"]),
    test("MetricsServerTests", ["MetricsServer", "TestSupport"]),
    test("MQTTClientTests", ["MQTTClient", "MQTTWire", "TestSupport"]),
    test(
        "FleetCommandsTests",
        [
            "fleetctl", "FleetCommands", "GeneratorCore", "GeneratorWire", "Health", "HistoryStore",
            "HTMLReport", "MQTTWire", "MetricsServer", "Runbook", "TestSupport",
        ]),
    test(
        "DaemonTests",
        [
            "GeneratorWire", "InverterRegisters", "LabSupport", "RemoteOps", "TestSupport",
            "plant-sim",
        ]),
    test(
        "DeployTests", ["fleetctl", "GeneratorCore", "LabSupport", "RemoteOps", "TestSupport"]),
]

let package = Package(
    name: "fleetctl",
    products: [
        .executable(name: "gen-server", targets: ["gen-server"]),
        .executable(name: "pigenny-monitor", targets: ["pigenny-monitor"]),
        .executable(name: "port-guard", targets: ["port-guard"]),
    ] + (daemonsOnly ? [] : [.executable(name: "fleetctl", targets: ["fleetctl"])]),
    dependencies: daemonsOnly
        ? []
        : [
            .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
            .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
            .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
            .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
            .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
            .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
            .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
        ],
    targets: daemonTargets + (daemonsOnly ? [] : operatorTargets),
    swiftLanguageModes: [.v6]
)
