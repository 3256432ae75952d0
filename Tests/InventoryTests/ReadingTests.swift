import Foundation
import Inventory
import InventoryFile
import Testing

@Suite struct ReadingTests {
    @Test func limitsOfHealthAreTheHostsOwnOverTheDefaults() throws {
        let fleet = try Inventories.parse(
            """
            version: 1
            fleet: f
            defaults:
              user: u
              arch: arm64
              health: {disk_used: {warning: 70, critical: 80}, load: {warning: 300}}
            hosts:
              a: {address: a}
              b: {address: b, health: {disk_used: {warning: 75}}}

            """)
        let common = HealthLimits.Pair(warning: 300)
        #expect(
            fleet.hosts[0].health.pairs == [
                .diskUsed: .init(warning: 70, critical: 80), .load: common,
            ])
        #expect(
            fleet.hosts[1].health.pairs == [
                .diskUsed: .init(warning: 75, critical: 80), .load: common,
            ])
    }

    @Test func hostsAreReadWithDefaultsFilledIn() throws {
        let fleet = try Inventories.parse(Inventories.full)
        #expect(fleet.name == "Test fleet")
        #expect(fleet.knownHosts == "known")
        let pin = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"
        let second = "SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDCheYxRWjjLZwLvEw"
        let front = Host(
            name: try #require(HostName("front")), address: "front.local", port: 2222, user: "joe",
            identity: "~/.ssh/key", password: .command("pass show 'x y'"),
            privilege: .sudo(.environment("SUDO_PW")), hostKeyPins: [pin],
            legacyAlgorithms: LegacyAlgorithms(mac: ["hmac-sha1"]), architecture: .arm64,
            tags: ["common"])
        #expect(fleet.hosts[0] == front)
        let board = Host(
            name: try #require(HostName("board")), address: "10.2.242.109", port: 22, user: "root",
            via: HostName("front"), identity: "~/.ssh/key", password: .file("secret"),
            privilege: .isRoot,
            legacyAlgorithms: LegacyAlgorithms(
                hostKey: ["ssh-rsa"], keyExchange: ["diffie-hellman-group1-sha1"],
                cipher: ["3des-cbc"], mac: ["hmac-sha1"]),
            architecture: .armv5, initSystem: .rcLocal)
        #expect(fleet.hosts[1] == board)
        #expect(fleet.hosts[2].privilege == .unprivileged)
        #expect(fleet.hosts[2].hostKeyPins == [pin, second])
        #expect(fleet.hosts.count == 3)
    }

    @Test func servicesAreRead() throws {
        let fleet = try Inventories.parse(Inventories.full)
        let server = Service(
            name: try #require(ServiceName("gen-server")), hosts: [try #require(HostName("board"))],
            source: .product("gen-server"), executable: "gen-server",
            arguments: ["--port", "9999", "yes", "", "--token-file=/x"],
            environment: [
                EnvironmentVariable(name: "QEMU_CPU", value: "arm926"),
                EnvironmentVariable(name: "EMPTY", value: ""),
                EnvironmentVariable(name: "PASSWORD_FILE", value: "/x"),
            ],
            ports: [PortClaim(9999), PortClaim(9998, .udp)], match: "gen-server --port",
            gate: .generatorIdle,
            health: [
                .steady(.seconds(5)),
                .tcp(port: 9999, send: "PING", expect: "PONG", within: .seconds(120)),
                .command(["test", "-e", "/dev/i2c-0"], within: .seconds(10)),
            ],
            stopTimeout: .seconds(90), afterExit: ["--relays-off"])
        #expect(fleet.services[0] == server)
        let script = Service(
            name: try #require(ServiceName("script")),
            hosts: try ["front", "plain"].map { try #require(HostName($0)) },
            source: .artifact("../artifacts/script"), executable: "bin/run.py",
            configFiles: [
                ConfigFile(source: "a.ini", name: "a.ini", mode: 0o600),
                ConfigFile(source: "~/b.ini", name: "c.ini", mode: 0o644),
            ],
            unit: "other@.service", user: "joe", group: "dialout", ports: [PortClaim(9999)],
            replaces: ["old.service", "older.service"])
        #expect(fleet.services[1] == script)
        #expect(fleet.services.count == 2)
    }

    @Test func theSmallestInventoryHasOneHost() throws {
        let fleet = try Inventories.parse(
            "{version: 1, fleet: t, hosts: {a: {address: a, user: root, arch: amd64}}}")
        #expect(fleet.services.isEmpty)
        #expect(fleet.hosts[0].privilege == .isRoot)
        #expect(fleet.hosts[0].port == 22)
    }

    @Test func anAliasRepeatsAWholeValue() throws {
        let fleet = try Inventories.parse(
            """
            version: 1
            fleet: t
            hosts:
              a: &a {address: a, user: u, arch: amd64}
              b: *a
            """)
        #expect(fleet.hosts[1].address == "a")
    }

    @Test func pathsAreAbsoluteOnceLoaded() throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("inventory-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/fleet.yaml"
        try Inventories.full.write(toFile: path, atomically: true, encoding: .utf8)
        let fleet = try InventoryFile.load(path: path)
        let home = ProcessInfo.processInfo.environment["HOME"] ?? NSHomeDirectory()
        let parent = (folder as NSString).deletingLastPathComponent
        #expect(fleet.knownHosts == folder + "/known")
        #expect(fleet.hosts[0].identity == home + "/.ssh/key")
        #expect(fleet.hosts[0].password == .command("pass show 'x y'"))
        #expect(fleet.hosts[1].password == .file(folder + "/secret"))
        #expect(fleet.services[1].source == .artifact(parent + "/artifacts/script"))
        #expect(
            fleet.services[1].configFiles.map(\.source) == [folder + "/a.ini", home + "/b.ini"])
    }
}

@Suite struct DurationTextTests {
    @Test(arguments: [
        ("0s", 0), ("10s", 10), ("2m", 120), ("1h30m", 5400), ("1h1m1s", 3661), ("1h5s", 3605),
        ("999999s", 999_999), ("007s", 7),
    ])
    func durationsAreRead(text: String, seconds: Int) {
        #expect(DurationText.parse(text) == .seconds(seconds))
    }

    @Test(arguments: [
        "", "10", "s", "1s1m", "1m1m", "1.5s", "-1s", " 1s", "1s ", "1 s", "1d", "1234567s", "1S",
        "١s", "1ms",
    ])
    func whatIsNoDurationIsNone(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test func whatIsFormattedReadsTheSame() {
        for seconds in [0, 1, 59, 60, 61, 3599, 3600, 3601, 5400, 86_400, 999_999] {
            let text = DurationText.format(.seconds(seconds))
            #expect(DurationText.parse(text) == .seconds(seconds))
        }
        #expect(DurationText.format(.seconds(5400)) == "1h30m")
    }
}

@Suite struct SuggestionTests {
    static let keys = [
        "address", "port", "user", "via", "host_key", "sudo", "sudo_password", "init",
    ]

    @Test(arguments: [
        ("adress", "address"), ("addres", "address"), ("prot", "port"), ("usr", "user"),
        ("host-key", "host_key"), ("HostKey", "host_key"), ("vai", "via"), ("sduo", "sudo"),
        ("sudo_pasword", "sudo_password"),
    ])
    func slipsOfTheFingersAreUnderstood(wrong: String, right: String) {
        #expect(Suggestion.nearest(to: wrong, in: Self.keys) == right)
    }

    @Test(arguments: ["", "x", "banana", "q"])
    func othersAreNot(text: String) {
        #expect(Suggestion.nearest(to: text, in: Self.keys) == nil)
    }

    @Test func aLongOneIsNot() {
        let text = String(repeating: "a", count: 10_000)
        #expect(Suggestion.nearest(to: text, in: Self.keys) == nil)
    }
}
