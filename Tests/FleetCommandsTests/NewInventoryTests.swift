import Inventory
import InventoryFile
import Testing

@testable import FleetCommands

/// What `fleetctl init` writes.
@Suite struct NewInventoryTests {
    private func entry(_ change: (inout NewInventory.Entry) -> Void = { _ in })
        -> NewInventory.Entry
    {
        var entry = NewInventory.Entry(
            name: "pi", address: "192.0.2.1", user: "pi", arch: "arm64", initSystem: "systemd")
        change(&entry)
        return entry
    }

    @Test func whatIsWrittenIsWhatIsRead() throws {
        let board = entry {
            $0.name = "no"
            $0.address = "::1"
            $0.port = 2222
            $0.via = "pi"
            $0.user = "on"
            $0.password = "env:A_B"
            $0.sudo = "password"
            $0.arch = "armv5"
            $0.initSystem = "rc-local"
        }
        let inventory = NewInventory(
            fleet: "a \"b\" \\ #c: {d}", hosts: [entry { $0.identity = "~/k e y" }, board])
        let fleet = try inventory.fleet(path: "/x/fleet.yaml")
        #expect(fleet.name == "a \"b\" \\ #c: {d}")
        #expect(fleet.hosts.map(\.name.text) == ["pi", "no"])
        #expect(fleet.hosts[0].identity?.hasSuffix("/k e y") == true)
        let last = fleet.hosts[1]
        #expect(last.address == "::1" && last.port == 2222 && last.via?.text == "pi")
        #expect(last.user == "on" && last.password == .environment("A_B"))
        #expect(last.architecture == .armv5 && last.initSystem == .rcLocal)
    }

    @Test func whatMakesNoInventoryIsRefused() {
        for wrong in [
            entry { $0.name = "A B" }, entry { $0.address = "a b" },
            entry { $0.password = "secret" },
            entry { $0.via = "nobody" }, entry { $0.arch = "vax" }, entry { $0.user = "a\u{7}b" },
        ] {
            #expect(throws: InventoryProblems.self, "\(wrong)") {
                _ = try NewInventory(fleet: "f", hosts: [wrong]).fleet(path: "/x/fleet.yaml")
            }
        }
    }

    @Test func aHostSaysWhatItIs() {
        func kind(_ text: String) -> String? {
            HostKind(text).map { "\($0.architecture.rawValue) \($0.initSystem.rawValue)" }
        }
        #expect(kind("x86_64\nsystemd\n") == "amd64 systemd")
        #expect(kind("aarch64\nsystemd\n") == "arm64 systemd")
        #expect(kind("armv7l\nsystemd\narmhf\n") == "armhf systemd")
        #expect(kind("armv6l\nother\n") == "armv5 rc-local")
        #expect(kind("armv5tejl\nother\n") == "armv5 rc-local")
        for text in ["", "x86_64", "riscv64\nsystemd\n", "\u{1B}[2J\nsystemd\n"] {
            #expect(kind(text) == nil)
        }
    }
}
