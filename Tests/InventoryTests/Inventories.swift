import Foundation
import Inventory
import InventoryFile
import Testing

/// Inventories for the tests.
enum Inventories {
    /// A valid one with every key.
    static let full = """
        version: 1
        fleet: Test fleet
        known_hosts: known
        defaults:
          port: 2222
          user: joe
          identity: ~/.ssh/key
          password: command:pass show 'x y'
          sudo: password
          sudo_password: env:SUDO_PW
          legacy: {mac: [hmac-sha1]}
          arch: arm64
          init: systemd
          tags: [common]
        hosts:
          front:
            address: front.local
            host_key: SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU
          board:
            address: 10.2.242.109
            port: 22
            via: front
            user: root
            password: file:secret
            arch: armv5
            init: rc-local
            legacy:
              host_key: [ssh-rsa]
              key_exchange: [diffie-hellman-group1-sha1]
              cipher: [3des-cbc]
              mac: [hmac-sha1]
            tags: []
          plain:
            address: 'fe80::1%eth0'
            sudo: none
            host_key:
              - SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU
              - SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDCheYxRWjjLZwLvEw
        services:
          gen-server:
            host: board
            product: gen-server
            args: [--port, 9999, "yes", '', "--token-file=/x"]
            environment: {QEMU_CPU: arm926, EMPTY: "", PASSWORD_FILE: /x}
            ports: [9999, 9998/udp]
            match: gen-server --port
            gate: generator-idle
            stop_timeout: 1m30s
            after_exit: [--relays-off]
            health:
              - steady: 5s
              - tcp: 9999
                send: PING
                expect: PONG
                within: 2m
              - command: [test, -e, /dev/i2c-0]
          script:
            host: [front, plain]
            artifact: ../artifacts/script
            executable: bin/run.py
            config:
              - source: a.ini
                mode: "0600"
              - {source: ~/b.ini, name: c.ini}
            unit: other@.service
            user: joe
            group: dialout
            ports: [9999/tcp]
            replaces: [old.service, older.service]

        """

    static func parse(_ text: String) throws(InventoryProblems) -> Fleet {
        try InventoryFile.parse(Array(text.utf8), file: "t.yaml")
    }

    /// The problems of a text, as lines without the file's name; none where it is valid.
    static func problems(_ text: String) -> [String] {
        do {
            _ = try parse(text)
            return []
        } catch {
            return error.problems.map { String($0.line.dropFirst("t.yaml:".count)) }
        }
    }

    /// A valid inventory with these hosts' and services' lines, of which the first stands in line 5.
    static func with(hosts: String = "", services: String = "") -> String {
        """
        version: 1
        fleet: t
        hosts:
          a: {address: a, user: u, arch: amd64}
        \(indented(hosts))services:
          s: {host: a, product: p}
        \(indented(services))
        """
    }

    private static func indented(_ text: String) -> String {
        text.split(separator: "\n").map { "  \($0)\n" }.joined()
    }
}
