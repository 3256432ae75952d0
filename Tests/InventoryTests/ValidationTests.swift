import Foundation
import Inventory
import Testing

/// Each row: what stands wrong in an otherwise valid inventory, and the problems that come of it,
/// all of them, exactly.
@Suite struct ValidationTests {
    @Test func theGroundOfTheseTestsIsValid() {
        #expect(Inventories.problems(Inventories.full) == [])
        #expect(Inventories.problems(Inventories.with()) == [])
    }

    @Test(arguments: [
        (
            "b: {adress: b, user: u, arch: amd64}",
            ["5:7: error: hosts.b: unknown key 'adress' — did you mean 'address'?"]
        ),
        (
            "b: {address: b, user: u, arch: amd64, colour: red}",
            [
                "5:41: error: hosts.b: unknown key 'colour' — a host takes address, port, user, via, "
                    + "identity, password, sudo, sudo_password, host_key, legacy, arch, init, tags, "
                    + "health"
            ]
        ),
        (
            "b: {<<: {user: u}, address: b, user: u, arch: amd64}",
            [
                "5:7: error: hosts.b: unknown key '<<' — merge keys are not read; use 'defaults', or "
                    + "an alias for the whole value"
            ]
        ),
        (
            "b: {address: b, address: c, user: u, arch: amd64}",
            [
                "5:19: error: hosts.b: the key 'address' was given before, in line 5 — keep one of the two"
            ]
        ),
        (
            "a: {address: b, user: u, arch: amd64}",
            ["5:3: error: hosts: the host 'a' was given before, in line 4 — keep one of the two"]
        ),
        (
            "b: {address: b, user: u, arch: amd64, health: {disk_used: {warning: 95, critical: 90}}}",
            [
                "5:61: error: hosts.b.health.disk_used: it would be critical before it is a warning — "
                    + "give 'warning' the smaller number"
            ]
        ),
        (
            "b: {address: b, user: u, arch: amd64, health: {disk_full_in: {warning: 3, critical: 9}}}",
            [
                "5:64: error: hosts.b.health.disk_full_in: it would be critical before it is a warning — "
                    + "give 'warning' the greater number"
            ]
        ),
        ("b: {user: u, arch: amd64}", ["5:6: error: hosts.b: the key 'address' is missing"]),
        (
            "b: {address: b, arch: amd64}",
            ["5:6: error: hosts.b: the key 'user' is missing — give it here or under 'defaults'"]
        ),
        (
            "b: {address: b, user: u}",
            ["5:6: error: hosts.b: the key 'arch' is missing — give it here or under 'defaults'"]
        ),
        (
            "B: {address: b, user: u, arch: amd64}",
            [
                "5:3: error: hosts: the host name 'B' begins with 'B' — write a name of a-z, 0-9 and '-'"
            ]
        ),
        (
            "b-: {address: b, user: u, arch: amd64}",
            ["5:3: error: hosts: the host name 'b-' ends in '-' — write a name of a-z, 0-9 and '-'"]
        ),
        ("b: [a]", ["5:6: error: hosts.b: a list where keys and values (host) belongs"]),
        ("b: text", ["5:6: error: hosts.b: a single value where keys and values (host) belongs"]),
        (
            "b:",
            [
                "5:5: error: hosts.b: there is no value — give keys and values (host), or remove the key"
            ]
        ),
        (
            "[b]: {address: b}",
            ["5:3: error: hosts: a key is a list or a mapping — write a word as the key"]
        ),
    ])
    func keysAndNamesOfHosts(line: String, expected: [String]) {
        #expect(Inventories.problems(Inventories.with(hosts: line)) == expected)
    }

    /// Values of a host's keys; the value stands in column 33 or later.
    @Test(arguments: [
        ("port: 0", "hosts.b.port: 0 is out of range — write 1 to 65535"),
        ("port: 65536", "hosts.b.port: 65536 is out of range — write 1 to 65535"),
        ("port: -1", "hosts.b.port: '-1' is not a whole number"),
        ("port: 022", "hosts.b.port: '022' is not a whole number"),
        ("port: \"22\"", "hosts.b.port: '22' is not a whole number — write it without quotes"),
        ("port: [22]", "hosts.b.port: a list where a whole number belongs"),
        (
            "port: 99999999999999999999",
            "hosts.b.port: '99999999999999999999' is not a whole number"
        ),
        ("arch: arm65", "hosts.b.arch: 'arm65' is not known here — did you mean 'arm64'?"),
        (
            "arch: z80",
            "hosts.b.arch: 'z80' is not known here — write one of arm64, armhf, armv5, amd64"
        ),
        ("init: sysv", "hosts.b.init: 'sysv' is not known here — write one of systemd, rc-local"),
        ("init: rc.local", "hosts.b.init: 'rc.local' is not known here — did you mean 'rc-local'?"),
        (
            "user: 1000",
            "hosts.b.user: 1000 is a number where a user or group name belongs — put it in quotes"
        ),
        ("user: yes", "hosts.b.user: YAML reads yes as a truth value — put it in quotes: \"yes\""),
        ("user: -root", "hosts.b.user: '-root' begins with '-' — write a user or group name"),
        (
            "address: -oProxyCommand=x",
            "hosts.b.address: '-oProxyCommand=x' begins with '-' — write a host name or IP address"
        ),
        (
            "address: 10.2.242.300",
            "hosts.b.address: '10.2.242.300' is no IPv4 address — write a host name or IP address"
        ),
        (
            "address: joe@b",
            "hosts.b.address: 'joe@b' holds the character '@' — write a host name or IP address"
        ),
        ("address: \"\"", "hosts.b.address: the value is empty — write a host name or IP address"),
        ("identity: ~joe/key", "hosts.b.identity: '~joe/key' leads to another user's home"),
        ("identity: \"a\\nb\"", "hosts.b.identity: 'a\\u{a}b' holds a control character (U+A)"),
        (
            "identity: \"a\\u202Eb\"",
            "hosts.b.identity: 'a\\u{202e}b' holds a control character (U+202E)"
        ),
        ("via: c", "hosts.b.via: there is no host 'c' — did you mean 'a'?"),
        ("via: nowhere", "hosts.b.via: there is no host 'nowhere'"),
        (
            "via: b",
            "hosts.b.via: the host is reached through itself — one of them must be reached directly"
        ),
        (
            "host_key: ssh-ed25519 AAAA",
            "hosts.b.host_key: 'ssh-ed25519 AAAA' is no fingerprint — write its fingerprint, which "
                + "`ssh-keygen -l -f FILE` prints"
        ),
        (
            "host_key: SHA256:short",
            "hosts.b.host_key: 'SHA256:short' is no fingerprint — write SHA256: and 43 characters, "
                + "as ssh-keygen -l prints it"
        ),
        ("host_key: []", "hosts.b.host_key: the list is empty — give at least one"),
        (
            "legacy: true",
            "hosts.b.legacy: a single value where keys and values (kind of algorithm) belongs"
        ),
        (
            "legacy: {kex: [x]}",
            "hosts.b.legacy: unknown key 'kex' — a kind of algorithm takes host_key, key_exchange, cipher, mac"
        ),
        (
            "legacy: {cipher: []}",
            "hosts.b.legacy.cipher: the list is empty — give at least 1 or leave it out"
        ),
        (
            "legacy: {mac: [hmac-md5]}",
            "hosts.b.legacy.mac[0]: 'hmac-md5' is not known here — write one of hmac-sha1, "
                + "hmac-sha1-etm@openssh.com"
        ),
        ("tags: [x, x]", "hosts.b.tags: the tag 'x' is given twice"),
        ("tags: x", "hosts.b.tags: a single value where a list in brackets or with dashes belongs"),
        (
            "tags:",
            "hosts.b.tags: there is no value — give a list in brackets or with dashes, or remove the key"
        ),
    ])
    func valuesOfHosts(value: String, expected: String) {
        let base = ["address": "b", "user": "u", "arch": "amd64"]
        let key = value.prefix { $0 != ":" }
        let rest = base.filter { $0.key != key }.sorted { $0.key < $1.key }
        let lines = (rest.map { "  \($0.key): \($0.value)" } + ["  " + value]).joined(
            separator: "\n")
        let found = Inventories.problems(Inventories.with(hosts: "b:\n" + lines))
        #expect(
            found.map { String($0.drop { $0 != " " }.dropFirst(" error: ".count)) } == [expected])
        #expect(found.allSatisfy { $0.hasPrefix("\(5 + lines.split(separator: "\n").count):") })
    }

    @Test func everyRoundOfViaIsToldOnce() {
        let hosts = """
            b: {address: b, user: u, arch: amd64, via: c}
            c: {address: c, user: u, arch: amd64, via: d}
            d: {address: d, user: u, arch: amd64, via: b}
            e: {address: e, user: u, arch: amd64, via: b}
            f: {address: f, user: u, arch: amd64, via: f}
            g: {address: g, user: u, arch: amd64, via: a}
            """
        #expect(
            Inventories.problems(Inventories.with(hosts: hosts)) == [
                "5:46: error: hosts.b.via: the way goes in a circle: b → c → d → b — one of them "
                    + "must be reached directly",
                "9:46: error: hosts.f.via: the host is reached through itself — one of them must "
                    + "be reached directly",
            ])
    }

    @Test(arguments: [
        ("user: u, sudo: password", "sudo: sudo asks for a password, and none is given"),
        ("user: u, sudo: root", "sudo: sudo is 'root', but the user is 'u'"),
        ("user: root, sudo: password", "sudo: the user is root and needs no sudo"),
        ("user: root, sudo: none", "sudo: the user is root and needs no sudo"),
        ("user: root, sudo_password: env:X", "sudo_password: the user is root and needs no sudo"),
        ("user: u, sudo_password: env:X", "sudo_password: there is a password for sudo, but"),
        ("user: u, sudo: passwordless, sudo_password: env:X", "sudo_password: there is a password"),
        ("user: u, sudo: pasword, sudo_password: env:X", "sudo: 'pasword' is not known here"),
        ("user: u, sudo: yes", "sudo: 'yes' is not known here"),
    ])
    func waysToBecomeRootThatCannotWork(keys: String, expected: String) {
        let found = Inventories.problems(
            Inventories.with(hosts: "b: {address: b, arch: amd64, \(keys)}"))
        #expect(found.count == 1)
        #expect(found.first?.contains("hosts.b." + expected) == true, "\(found)")
    }

    @Test(arguments: [
        "user: u, sudo: password, password: env:X", "user: u, sudo: password, sudo_password: env:X",
        "user: root", "user: root, sudo: root", "user: u, sudo: none, password: file:/x",
        "user: u, identity: k, password: env:X, sudo: passwordless",
    ])
    func waysToBecomeRootThatWork(keys: String) {
        let text = Inventories.with(hosts: "b: {address: b, arch: amd64, \(keys)}")
        #expect(Inventories.problems(text) == [])
    }

    @Test(arguments: [
        "", "version: 2", "version: 1", "[]", "text", "version: 1\nfleet: t\nhosts: {}",
    ])
    func whatIsNoInventoryIsRefused(text: String) {
        #expect(!Inventories.problems(text).isEmpty)
    }

    @Test func problemsComeInTheOrderOfTheFile() {
        let text = Inventories.full.replacing("arm64", with: "arm65")
            .replacing("version: 1", with: "version: 9").replacing("9998/udp", with: "9998/ucp")
            .replacing("via: front", with: "via: frnt").replacing("generator-idle", with: "idle")
        let found = Inventories.problems(text)
        let lines = found.compactMap { Int($0.prefix { $0 != ":" }) }
        #expect(lines == [1, 12, 22, 45, 47])
    }
}
