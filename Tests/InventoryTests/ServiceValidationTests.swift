import Inventory
import Testing

@Suite struct ServiceValidationTests {
    static let sha = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"

    /// What is wrong with a service that has these keys beside `host: a, product: p`.
    static func faults(_ keys: String) -> [String] {
        faults(service: "{host: a, product: p, \(keys)}")
    }

    static func faults(service: String) -> [String] {
        Inventories.problems(Inventories.with(services: "t: " + service)).map {
            let text = $0.drop { $0 != " " }.dropFirst(" error: ".count)
            return String(text.hasPrefix("services.t") ? text.dropFirst("services.t".count) : text)
        }
    }

    @Test(arguments: [
        (
            "colour: red",
            [
                ": unknown key 'colour' — a service takes host, product, artifact, "
                    + "executable, args, environment, config, unit, user, group, ports, match, replaces, "
                    + "gate, starters, health, metrics, stop_timeout, after_exit, keep_releases"
            ]
        ),
        ("argv: []", [": unknown key 'argv' — did you mean 'args'?"]),
        (
            "artifact: x",
            [
                ".artifact: both 'product' and 'artifact' are given — keep the one that "
                    + "the service is made from"
            ]
        ),
        (
            "executable: /bin/x",
            [".executable: '/bin/x' begins with '/' — write a path inside the release"]
        ),
        (
            "executable: a/../../x",
            [
                ".executable: 'a/../../x' leads out of its folder with '..' — write a path inside the release"
            ]
        ),
        (
            "executable: a//x",
            [".executable: 'a//x' is no plain path — write a path inside the release"]
        ),
        (
            "executable: a b",
            [".executable: 'a b' holds the character ' ' — write a path inside the release"]
        ),
        ("args: --x", [".args: a single value where a list in brackets or with dashes belongs"]),
        ("args: [yes]", [".args[0]: YAML reads yes as a truth value — put it in quotes: \"yes\""]),
        ("args: [~]", [".args[0]: there is no value — give text, or remove the key"]),
        ("args: [\"a\\nb\"]", [".args[0]: 'a\\u{a}b' holds a control character (U+A)"]),
        ("args: [[a]]", [".args[0]: a list where text belongs"]),
        (
            "environment: {1A: x}",
            [".environment: the variable name '1A' begins with '1' — write a variable's name"]
        ),
        (
            "environment: {A: x, A: z}",
            [".environment: the variable 'A' was given before, in line 7 — keep one of the two"]
        ),
        (
            "environment: [A=x]",
            [".environment: a list where keys and values (variables by name) belongs"]
        ),
        (
            "unit: x.timer",
            [
                ".unit: 'x.timer' does not end in '.service' — write a unit name that "
                    + "ends in '.service'"
            ]
        ),
        (
            "unit: ../x.service",
            [
                ".unit: '../x.service' begins with '.' — write a unit name that "
                    + "ends in '.service'"
            ]
        ),
        (
            "user: 'joe;rm'",
            [".user: 'joe;rm' holds the character ';' — write a user or group name"]
        ),
        (
            "ports: [70000]",
            [".ports[0]: '70000' is no port — write 1 to 65535, or such as 9999/udp"]
        ),
        (
            "ports: [53/sctp]",
            [".ports[0]: '53/sctp' is no port — write 1 to 65535, or such as 9999/udp"]
        ),
        ("ports: [53, 53/tcp]", [".ports: the port 53/tcp is given twice"]),
        ("ports: 53", [".ports: a single value where a list in brackets or with dashes belongs"]),
        ("match: \"\"", [".match: the value is empty — write text"]),
        (
            "replaces: [t.service]",
            [
                ".replaces: the service cannot replace its own unit t.service — a unit of the same name is replaced anyway"
            ]
        ),
        ("replaces: [o.service, o.service]", [".replaces: the unit 'o.service' is given twice"]),
        (
            "replaces: [s.service]",
            [
                ".replaces: 's.service' is the unit of the service 's' on the same host — the two would "
                    + "stop each other: remove one of the services, or this line"
            ]
        ),
        (
            "gate: generator_idle",
            [".gate: 'generator_idle' is not known here — did you mean 'generator-idle'?"]
        ),
        (
            "starters: [s]",
            [".starters: 'starters' without 'gate' says nothing — give 'gate' too"]
        ),
        (
            "gate: generator-idle, starters: [t, s, s, sz]",
            [
                ".starters: a service cannot be its own starter",
                ".starters: the service 's' is given twice",
                ".starters: there is no service 'sz' — did you mean 's'?",
            ]
        ),
        ("gate: door", [".gate: 'door' is not known here — write generator-idle"]),
        ("stop_timeout: 10", [".stop_timeout: '10' is no duration — write the unit: 10s"]),
        ("stop_timeout: 0s", [".stop_timeout: 0s is out of range — write 1s to 1h"]),
        ("stop_timeout: 2h", [".stop_timeout: 2h is out of range — write 1s to 1h"]),
        ("stop_timeout: soon", [".stop_timeout: 'soon' is no duration — write 10s, 2m or 1h30m"]),
        ("after_exit: []", [".after_exit: the list is empty — give at least 1 or leave it out"]),
        (
            "health: {steady: 5s}",
            [".health: a mapping where a list in brackets or with dashes belongs"]
        ),
        ("health: [{stedy: 5s}]", [".health[0]: unknown key 'stedy' — did you mean 'steady'?"]),
        (
            "health: [{}]",
            [
                ".health[0]: no health check is named here — give one of 'steady', 'tcp', "
                    + "'command', 'listens', 'http', 'file'"
            ]
        ),
        (
            "health: [{steady: 5s, tcp: 1}]",
            [".health[0]: 'steady' and 'tcp' in one health check — make each an element of its own"]
        ),
        (
            "health: [{steady: 5s, within: 1s}]",
            [".health[0]: unknown key 'within' — a health check takes steady"]
        ),
        (
            "ports: [1/udp], health: [{tcp: 1}]",
            [
                ".health[0]: port 1 is not one of the service's ports — add 1 to 'ports', so that "
                    + "others keep off it"
            ]
        ),
        (
            "ports: [1], health: [{tcp: 1, send: X}]",
            [
                ".health[0]: 'send' without 'expect' says nothing about the answer — give 'expect' too"
            ]
        ),
        (
            "ports: [1], health: [{tcp: \"1\"}]",
            [".health[0].tcp: '1' is not a whole number — write it without quotes"]
        ),
        (
            "health: [{command: ls}]",
            [".health[0].command: a single value where a list in brackets or with dashes belongs"]
        ),
        (
            "ports: [1], health: [{listens: 1/udp}]",
            [
                ".health[0]: port 1/udp is not one of the service's ports — add 1/udp to 'ports', "
                    + "so that others keep off it"
            ]
        ),
        (
            "ports: [80], health: [{http: 80, path: status}]",
            [
                ".health[0].path: 'status' begins with 's' — write a path of a URL that begins "
                    + "with '/'"
            ]
        ),
        (
            "ports: [80], health: [{http: 80, status: 99}]",
            [".health[0].status: 99 is out of range — write 100 to 599"]
        ),
        (
            "health: [{file: run/beat, younger: 5s}]",
            [".health[0].file: 'run/beat' begins with 'r' — write an absolute path"]
        ),
        ("health: [{file: /run/beat}]", [".health[0]: the key 'younger' is missing"]),
        ("keep_releases: 101", [".keep_releases: 101 is out of range — write 0 to 100"]),
        ("config: [{name: x}]", [".config[0]: the key 'source' is missing"]),
        ("config: [{source: x/}]", []),
        (
            "config: [{source: /}]",
            [".config[0]: '' cannot be its name on the host — give a 'name'"]
        ),
        (
            "config: [{source: a b}]",
            [".config[0]: 'a b' cannot be its name on the host — give a 'name'"]
        ),
        (
            "config: [{source: x, name: ../y}]",
            [".config[0].name: '../y' holds the character '/' — write a file name"]
        ),
        (
            "config: [{source: x, name: ..}]",
            [".config[0].name: '..' is no plain file name — write a file name"]
        ),
        (
            "config: [{source: x/a}, {source: y/a}]",
            [".config[1]: two configuration files are named 'a' — give another 'name'"]
        ),
        (
            "config: [{source: x, mode: 0640}]",
            [".config[0].mode: YAML may read 0640 as another number — put it in quotes"]
        ),
        (
            "config: [{source: x, mode: \"0666\"}]",
            [".config[0].mode: mode 0666 lets others write the file — write \"0644\" or stricter"]
        ),
        (
            "config: [{source: x, mode: \"0620\"}]",
            [".config[0].mode: mode 0620 lets others write the file — write \"0644\" or stricter"]
        ),
        (
            "config: [{source: x, mode: \"0044\"}]",
            [
                ".config[0].mode: mode 0044 keeps its owner from reading the file — write \"0644\" or \"0600\""
            ]
        ),
        (
            "config: [{source: x, mode: \"4755\"}]",
            [
                ".config[0].mode: '4755' is no set of permissions — write four octal digits such as \"0640\""
            ]
        ),
        (
            "config: [{source: x, mode: \"rw\"}]",
            [
                ".config[0].mode: 'rw' is no set of permissions — write four octal digits such as \"0640\""
            ]
        ),
    ])
    func keysOfServices(keys: String, expected: [String]) {
        #expect(Self.faults(keys) == expected)
    }

    @Test(arguments: [
        ("{product: p}", [": the key 'host' is missing"]),
        ("{host: [], product: p}", [".host: the list is empty — give at least one"]),
        ("{host: [a, a], product: p}", [".host: the host 'a' is given twice"]),
        ("{host: b, product: p}", [".host: there is no host 'b' — did you mean 'a'?"]),
        ("{host: nowhere, product: p}", [".host: there is no host 'nowhere' — the hosts are a"]),
        (
            "{host: a}",
            [
                ": neither 'product' nor 'artifact' is given — say where the service's files come from"
            ]
        ),
        (
            "{host: a, artifact: x}",
            [": the key 'executable' is missing — name the file of the artifact that is started"]
        ),
    ])
    func wholeServices(service: String, expected: [String]) {
        #expect(Self.faults(service: service) == expected)
    }

    @Test func aPortHasOneOwnerOnAHost() {
        let text = Inventories.with(
            hosts: "b: {address: b, user: u, arch: amd64}",
            services: """
                t: {host: [a, b], product: p, ports: [53/udp, 80]}
                u: {host: a, product: p, ports: [53]}
                v: {host: [b, a], product: p, ports: [8080, 80]}
                """)
        #expect(
            Inventories.problems(text) == [
                "10:47: error: services.v.ports: port 80/tcp on 'b' belongs to 't' already, in line "
                    + "8 — two services cannot listen on one port: change one of them",
                "10:47: error: services.v.ports: port 80/tcp on 'a' belongs to 't' already, in line "
                    + "8 — two services cannot listen on one port: change one of them",
            ])
    }

    @Test func aBoardWithoutSystemdTakesNoUnits() {
        let text = Inventories.with(
            hosts: "b: {address: b, user: u, arch: armv5, init: rc-local}",
            services: "t: {host: [a, b], product: p, unit: x.service, replaces: [y.service]}")
        #expect(
            Inventories.problems(text) == [
                "8:39: error: services.t.unit: 'unit' is for systemd, and the host 'b' has rc.local "
                    + "— remove the key, or make a service of its own for b",
                "8:60: error: services.t.replaces: 'replaces' is for systemd, and the host 'b' has "
                    + "rc.local — remove the key, or make a service of its own for b",
            ])
    }

    @Test func aStarterNeedsSystemd() {
        let text = Inventories.with(
            hosts: "b: {address: b, user: u, arch: armv5, init: rc-local}",
            services: "t: {host: a, product: p, gate: generator-idle, starters: [m]}\n"
                + "m: {host: b, product: p}")
        #expect(
            Inventories.problems(text) == [
                "8:61: error: services.t.starters: the service 'm' runs on 'b', which has rc.local "
                    + "— only systemd starts it again when fleetctl cannot"
            ])
    }

    @Test func anOldBoardWithSystemdIsFine() {
        let text = Inventories.with(hosts: "b: {address: b, user: u, arch: armv5, init: systemd}")
        #expect(Inventories.problems(text) == [])
    }
}
