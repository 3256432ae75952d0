import Foundation
import Inventory
import TestSupport
import Testing

@testable import FleetCommands

/// The inventory in the words of other tools, by those tools.
@Suite struct ExportTests {
    static func selection(_ options: [String] = []) throws -> Selection {
        func name(_ text: String) throws -> HostName { try #require(HostName(text)) }
        let gate = Inventory.Host(
            name: try name("gate"), address: "gate.example", port: 2222, user: "ops",
            identity: "/keys/my \"gate\" 100% key", architecture: .arm64, tags: ["field-a", "1"])
        let board = Inventory.Host(
            name: try name("board"), address: "10.0.0.2", user: "root", via: gate.name,
            password: .environment("BOARD_PASSWORD"), privilege: .isRoot,
            legacyAlgorithms: LegacyAlgorithms(
                hostKey: ["ssh-rsa"], keyExchange: ["diffie-hellman-group14-sha1"],
                cipher: ["aes128-cbc"], mac: ["hmac-sha1"]),
            architecture: .armv5, initSystem: .rcLocal, tags: ["field-a"])
        let far = Inventory.Host(
            name: try name("123"), address: "fd00::3", user: "u", via: board.name,
            privilege: .sudo(.file("/secrets/sudo")), architecture: .amd64)
        let service = Service(
            name: try #require(ServiceName("gen-server")), hosts: [board.name, far.name],
            source: .product("gen-server"), executable: "gen-server")
        let fleet = Fleet(
            name: "home: \"x\" # y", knownHosts: "/etc/known hosts", hosts: [gate, board, far],
            services: [service])
        return try Selection(fleet, try SelectionOptions.parse(options))
    }

    /// What ssh makes of it.
    private static func ssh(_ host: String, _ text: String) async throws -> [String: [String]] {
        let folder = try TemporaryFolder()
        try folder.write("config", text)
        let result = try await Shell.run(["ssh", "-G", "-F", folder.path + "/config", host])
        try #require(result.status == 0, "\(result.errorText)\n\(text)")
        let pairs = result.text.split(separator: "\n").map { line in
            let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
            return (parts[0], [parts.count > 1 ? parts[1] : ""])
        }
        return Dictionary(pairs, uniquingKeysWith: +)
    }

    @Test(.timeLimit(.minutes(1))) func sshUnderstandsItsConfiguration() async throws {
        let text = SSHConfig.text(try Self.selection())
        let gate = try await Self.ssh("gate", text)
        #expect(gate["hostname"] == ["gate.example"] && gate["port"] == ["2222"])
        #expect(gate["user"] == ["ops"] && gate["proxyjump"] == nil)
        #expect(gate["stricthostkeychecking"] == ["true"])
        #expect(gate["identityfile"] == ["/keys/my \"gate\" 100%% key"])
        #expect(gate["userknownhostsfile"] == ["/etc/known hosts"])
        #expect(gate["kexalgorithms"]?.first?.contains("group14-sha1") == false)
        let board = try await Self.ssh("board", text)
        #expect(board["hostname"] == ["10.0.0.2"] && board["proxyjump"] == ["gate"])
        #expect(board["kexalgorithms"]?.first?.hasSuffix("diffie-hellman-group14-sha1") == true)
        #expect(board["ciphers"]?.first?.hasSuffix("aes128-cbc") == true)
        #expect(board["macs"]?.first?.contains("hmac-sha1") == true)
        #expect(board["hostkeyalgorithms"]?.first?.hasSuffix("ssh-rsa") == true)
        let far = try await Self.ssh("123", text)
        #expect(far["hostname"] == ["fd00::3"] && far["proxyjump"] == ["board"])
    }

    @Test(.timeLimit(.minutes(1))) func ansibleUnderstandsItsInventory() async throws {
        let folder = try TemporaryFolder()
        try folder.write("fleet.yaml", AnsibleInventory.text(try Self.selection()))
        let result = try await Shell.run(
            ["ansible-inventory", "-i", folder.path + "/fleet.yaml", "--list"],
            environment: ["ANSIBLE_LOCALHOST_WARNING": "false", "HOME": folder.path])
        try #require(result.status == 0, "\(result.errorText)")
        let all = try #require(
            try JSONSerialization.jsonObject(with: Data(result.output)) as? [String: Any])
        func hosts(_ group: String) -> [String]? {
            (all[group] as? [String: Any])?["hosts"] as? [String]
        }
        #expect(hosts("tag_field_a") == ["gate", "board"])
        #expect(hosts("tag_1") == ["gate"])
        #expect(hosts("service_gen_server") == ["board", "123"])
        let meta = try #require(all["_meta"] as? [String: Any])
        let variables = try #require(meta["hostvars"] as? [String: [String: Any]])
        let gate = try #require(variables["gate"])
        #expect(gate["ansible_host"] as? String == "gate.example")
        #expect(gate["ansible_port"] as? Int == 2222)
        #expect(gate["ansible_become"] as? Bool == true)
        #expect(
            gate["ansible_ssh_private_key_file"] as? String == "/keys/my \"gate\" 100% key")
        let board = try #require(variables["board"])
        #expect(board["ansible_become"] == nil)
        let arguments = try #require(board["ansible_ssh_common_args"] as? String)
        #expect(arguments.contains("-o 'ProxyJump=ops@gate.example:2222'"))
        #expect(arguments.contains("-o 'KexAlgorithms=+diffie-hellman-group14-sha1'"))
        #expect(arguments.contains("-o 'UserKnownHostsFile=\"/etc/known hosts\"'"))
        let far = try #require(variables["123"]?["ansible_ssh_common_args"] as? String)
        #expect(far.contains("ProxyJump=ops@gate.example:2222,root@10.0.0.2:22"))
    }

    /// Prometheus' own reading of the file: promtool, which would name a wrong one.
    @Test(.timeLimit(.minutes(1))) func prometheusUnderstandsItsTargets() async throws {
        let selection = try Self.selection()
        let folder = try TemporaryFolder()
        let encoder = JSONEncoder()
        for (name, targets) in [
            ("exporter", PrometheusTargets.exporter("127.0.0.1:9099", selection)),
            ("hosts", PrometheusTargets.hosts(selection, port: 9100)),
        ] {
            try folder.write(
                "\(name).json", String(decoding: try encoder.encode(targets), as: UTF8.self))
        }
        try folder.write(
            "prometheus.yml",
            """
            scrape_configs:
              - job_name: fleetctl
                file_sd_configs: [{ files: [exporter.json, hosts.json] }]

            """)
        let result = try await Shell.run(
            ["promtool", "check", "config", folder.path + "/prometheus.yml"])
        #expect(result.status == 0, "\(result.text)\(result.errorText)")
        #expect(
            PrometheusTargets.hosts(selection, port: 9100) == [
                PrometheusTargets(
                    targets: ["gate.example:9100"],
                    labels: [
                        "fleet": "home: \"x\" # y", "host": "gate", "arch": "arm64",
                        "init": "systemd", "tags": ",field-a,1,",
                    ])
            ])
    }

    @Test func noSecretIsInAny() throws {
        let selection = try Self.selection()
        let targets = PrometheusTargets.hosts(selection, port: 1)
        let all =
            SSHConfig.text(selection) + AnsibleInventory.text(selection) + "\(targets)"
        for word in ["BOARD_PASSWORD", "/secrets/sudo", "password"] {
            #expect(!all.lowercased().contains(word.lowercased()), "\(word)")
        }
    }

    @Test func onlyWhatIsChosenIsInIt() throws {
        let text = SSHConfig.text(try Self.selection(["--host", "board"]))
        #expect(text.contains("Host board\n") && !text.contains("Host gate\n"))
    }

    @Test(
        arguments: [
            ("127.0.0.1:9099", NetworkAddress(host: "127.0.0.1", port: 9099)),
            ("[::1]:1", NetworkAddress(host: "::1", port: 1)),
            ("mqtt.local:0", NetworkAddress(host: "mqtt.local", port: 0)),
            ("::1:9099", nil), ("9099", nil), (":9099", nil), ("a:", nil), ("a:99999", nil),
            ("a:-1", nil), ("a b:1", nil), ("[]:1", nil),
        ] as [(String, NetworkAddress?)])
    func addressesHaveAHostAndAPort(text: String, address: NetworkAddress?) {
        #expect(NetworkAddress(text) == address)
        if let address { #expect(NetworkAddress(address.description) == address) }
    }
}
