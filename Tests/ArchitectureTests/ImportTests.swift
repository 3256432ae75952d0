import Foundation
import Testing

/// Imports point one way: shells to adapters to cores. The table is the design's; a file that
/// imports against it fails here, before anybody gets used to it.
@Suite struct ImportTests {
    /// What each target may import of this package. Every target must be listed.
    static let allowed: [String: Set<String>] = [
        // Embedded cores.
        "GeneratorCore": [], "GeneratorWire": ["GeneratorCore"], "InverterRegisters": [],
        "ChargePolicy": [], "MonitorLog": [], "PortHolders": [],
        // Pure cores.
        "Inventory": [], "UnitFile": [], "RemoteOps": [], "Reports": ["Health"],
        "MQTTWire": [], "Runbook": ["Inventory"],
        "UnitLint": ["Inventory", "UnitFile"],
        "DeployPlan": ["Inventory", "UnitFile", "RemoteOps"],
        "Audit": ["Inventory", "UnitFile", "UnitLint", "RemoteOps", "PortHolders"],
        "PlantSimulator": ["GeneratorCore", "InverterRegisters"],
        // Pure, but dates and numbers as text are Foundation's.
        "Health": [
            "GeneratorCore", "GeneratorWire", "Inventory", "InverterRegisters", "MonitorLog",
            "RemoteOps",
        ],
        "HTMLReport": ["Audit", "Health", "MonitorLog", "Reports", "UnitLint"],
        // Shims.
        "CPlatform": [], "CI2C": [], "CModbus": [], "CSystemd": [], "CLibSSH": [], "CZlib": [],
        // Adapters: their shim and the core whose seam they fill.
        "Platform": ["CPlatform"], "I2CBus": ["GeneratorCore", "CI2C", "Platform"],
        "MonitorFiles": ["MonitorLog", "Platform"],
        "ModbusPort": ["InverterRegisters", "CModbus", "Platform"], "SystemdNotify": ["CSystemd"],
        "SSHTransport": ["CLibSSH", "RemoteOps"], "InventoryFile": ["Inventory"],
        "ReleasePacker": ["RemoteOps", "CZlib"], "ArtifactBuilder": [],
        "HistoryStore": ["Health"], "MetricsServer": [], "MQTTClient": ["MQTTWire"],
        // Shells.
        "port-guard": ["PortHolders", "Platform"],
        "gen-server": ["GeneratorCore", "GeneratorWire", "I2CBus", "Platform"],
        "pigenny-monitor": [
            "ChargePolicy", "GeneratorCore", "GeneratorWire", "InverterRegisters", "ModbusPort",
            "MonitorLog", "MonitorFiles", "SystemdNotify", "Platform",
        ],
        "FleetCommands": [
            "Inventory", "InventoryFile", "UnitFile", "UnitLint", "RemoteOps", "DeployPlan",
            "Reports", "SSHTransport", "ReleasePacker", "ArtifactBuilder", "HistoryStore",
            "Audit", "GeneratorCore",
            "GeneratorWire", "Health", "HTMLReport", "MetricsServer", "MQTTClient", "MQTTWire",
            "Runbook",
        ],
        "fleetctl": ["FleetCommands"],
        "plant-sim": [
            "PlantSimulator", "GeneratorCore", "InverterRegisters", "CModbus", "Platform",
        ],
    ]

    /// Cores know no clock, file, socket or environment. Health and Reports are as pure, but write
    /// dates and numbers as Foundation does.
    static let cores: Set<String> = [
        "GeneratorCore", "GeneratorWire", "InverterRegisters", "ChargePolicy", "MonitorLog",
        "PortHolders", "Inventory", "UnitFile", "UnitLint", "RemoteOps", "DeployPlan",
        "Audit", "PlantSimulator", "MQTTWire", "Runbook",
    ]
    static let worldly: Set<String> = [
        "Foundation", "FoundationEssentials", "Glibc", "Musl", "Dispatch", "Synchronization",
    ]

    private static let sources = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Sources")

    @Test func everyTargetIsInTheTable() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.sources.path)
        #expect(Set(folders.filter { !$0.hasPrefix(".") }) == Set(Self.allowed.keys))
    }

    @Test(arguments: allowed.keys.sorted())
    func importsPointOneWay(target: String) throws {
        let folder = Self.sources.appendingPathComponent(target)
        let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap {
            $0 as? String
        }
        for name in try #require(names) where name.hasSuffix(".swift") {
            let file = folder.appendingPathComponent(name)
            for module in Self.imports(of: try String(contentsOf: file, encoding: .utf8)) {
                if Self.allowed[module] != nil, Self.allowed[target]?.contains(module) != true {
                    Issue.record("Sources/\(target)/\(name) imports \(module)")
                }
                if Self.cores.contains(target), Self.worldly.contains(module) {
                    Issue.record("Sources/\(target)/\(name) is in a core and imports \(module)")
                }
            }
        }
    }

    /// The modules that a source file imports.
    static func imports(of text: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ").map(String.init)
            guard let index = words.firstIndex(of: "import"), words.count > index + 1,
                words[..<index].allSatisfy({
                    $0.hasPrefix("@") || $0 == "public" || $0 == "internal"
                })
            else { return nil }
            let isKind = ["func", "struct", "class", "enum", "protocol", "typealias", "var", "let"]
                .contains(words[index + 1])
            let path = isKind && words.count > index + 2 ? words[index + 2] : words[index + 1]
            return path.split(separator: ".").first.map(String.init)
        }
    }

    @Test func importsAreRecognised() {
        let text =
            "import A\n@testable import B\n  import struct C.D\n// import E\nlet import1 = 2\n"
        #expect(Self.imports(of: text) == ["A", "B", "C"])
    }
}
