import Inventory
import Testing
import UnitFile

@testable import UnitLint

/// Rules that look at several units, at the inventory or at the host.
@Suite struct HostRuleTests {
    /// A unit of a host that a rule finds fault with, and one that it does not.
    struct Row: Sendable, CustomTestStringConvertible {
        var rule: String
        var bad: Sample
        var good: Sample
        /// What is on the host beside them.
        var beside: [Sample] = []
        var paths: [String: Bool] = [:]
        var testDescription: String { rule }

        struct Sample: Sendable {
            var name = "a.service"
            var text = Samples.clean
            var enablement = LintUnit.Enablement.enabled
            var declared: LintUnit.Declaration?

            func unit() throws -> LintUnit {
                try Samples.unit(name, text, enablement, declared: declared)
            }
        }
    }

    static let rows: [Row] = [
        Row(
            rule: "shared-port", bad: .init(text: start("/usr/bin/a --port 80")),
            good: .init(text: start("/usr/bin/a --port 81")),
            beside: [.init(name: "b.service", text: start("/usr/bin/b --port 80"))]),
        Row(
            rule: "shared-program", bad: .init(text: start("/usr/bin/b -v")),
            good: .init(text: start("/usr/bin/a -v")),
            beside: [.init(name: "b.service", text: start("/usr/bin/b"))]),
        Row(
            rule: "socket-port-clash", bad: .init(text: start("/usr/bin/a --port 80")),
            good: .init(name: "web.service", text: start("/usr/bin/a --port 80")),
            beside: [.init(name: "web.socket", text: "[Socket]\nListenStream=80\n")]),
        Row(
            rule: "replaced-still-runs", bad: .init(),
            good: .init(enablement: .disabled),
            beside: [
                .init(
                    name: "b.service", text: start("/usr/bin/b"),
                    declared: .init(replaces: ["a.service"]))
            ]),
        Row(
            rule: "missing-path", bad: .init(text: start("/opt/gone")), good: .init(),
            paths: ["/opt/gone": false, "/usr/bin/clean": true]),
        Row(
            rule: "stop-timeout",
            bad: .init(
                text: Samples.with(["Service": "TimeoutStopSec=20"]),
                declared: .init(stopTime: .seconds(30))),
            good: .init(declared: .init(stopTime: .seconds(30)))),
        Row(
            rule: "not-installed", bad: .init(text: Samples.with([:], without: ["WantedBy"])),
            good: .init()),
        Row(
            rule: "stops-generator-controller",
            bad: .init(text: Samples.with(["Unit": "PropagatesStopTo=b.service"])),
            good: .init(text: Samples.with(["Unit": "Wants=b.service"])),
            beside: [
                .init(
                    name: "b.service", text: start("/usr/bin/b"),
                    declared: .init(controlsGenerator: true))
            ]),
    ]

    @Test(arguments: rows) func aRuleFindsTheBadAndNotTheGood(row: Row) throws {
        let beside = try row.beside.map { try $0.unit() }
        let bad = Samples.findings([try row.bad.unit()] + beside, paths: row.paths)
        #expect(bad.filter { $0.rule == row.rule }.count == 1, "\(bad)")
        let good = Samples.findings([try row.good.unit()] + beside, paths: row.paths)
        #expect(good.filter { $0.rule == row.rule } == [])
    }

    static func start(_ line: String) -> String {
        Samples.with(["Service": "ExecStart=\(line)"], without: ["ExecStart"])
    }

    static func rules(_ units: [LintUnit], paths: [String: Bool] = [:]) -> Set<String> {
        Set(Samples.findings(units, paths: paths).map(\.rule))
    }

    /// The two services of the night: one port, one script, and a kill by name.
    @Test func twoServicesForOnePortAreFound() throws {
        let python = "/home/j/venv/bin/python3 /home/j/renogy-bt/renogy_bt_proxy.py --port 6053"
        let old = try Samples.unit("renogy-bt.service", Self.start(python), .enabled)
        let new = try Samples.unit("renogy-bt-proxy.service", Self.start(python), .enabled)
        #expect(Self.rules([old, new]) == ["shared-port", "shared-program"])
        let disabled = try Samples.unit("renogy-bt.service", Self.start(python), .disabled)
        #expect(Self.rules([disabled, new]) == [])
    }

    @Test(arguments: [
        ("--port 80", "--listen=0.0.0.0:80", true), ("--port 80", "--port 81", false),
        ("--port=80", "--http-port 80", true), ("--port 80", "--remote-port 80", false),
        ("--bind [::]:80", "--port 80", true), ("--port x", "--port x", false),
    ])
    func portsAreSeenInCommandLines(left: String, right: String, isShared: Bool) throws {
        let units = [
            try Samples.unit("a.service", Self.start("/usr/bin/a \(left)")),
            try Samples.unit("b.service", Self.start("/usr/bin/b \(right)")),
        ]
        #expect(Self.rules(units) == (isShared ? ["shared-port"] : []))
    }

    @Test func portsAreSeenInTheEnvironmentAndTheInventory() throws {
        let environment = Samples.with(["Service": "Environment=PORT=6053"])
        let a = try Samples.unit("a.service", environment)
        let other = Self.start("/usr/bin/b")
        let tcp = LintUnit.Declaration(ports: [PortClaim(6053)])
        let udp = LintUnit.Declaration(ports: [PortClaim(6053, .udp)])
        #expect(
            Self.rules([a, try Samples.unit("b.service", other, declared: tcp)]) == ["shared-port"])
        #expect(Self.rules([a, try Samples.unit("b.service", other, declared: udp)]) == [])
    }

    @Test func aSocketMayServeItsOwnServiceOnly() throws {
        let socket = try Samples.unit(
            "web.socket", "[Socket]\nListenStream=0.0.0.0:80\n[Install]\nWantedBy=sockets.target\n")
        let web = try Samples.unit("web.service", Self.start("/usr/bin/web --port 80"))
        let other = try Samples.unit("other.service", Self.start("/usr/bin/other --port 80"))
        #expect(Self.rules([socket, web]) == [])
        #expect(Self.rules([socket, other]) == ["socket-port-clash"])
        let second = try Samples.unit("x.socket", "[Socket]\nListenStream=80\n")
        #expect(Self.rules([socket, second]) == ["socket-port-clash"])
    }

    /// With a specifier in its name too, as systemd-journald@.socket has it.
    @Test(arguments: [("Service=a@%i.service", true), ("Service=b@%i.service", false), ("", true)])
    func whatASocketStartsNeedsNoRestart(line: String, isStarted: Bool) throws {
        let text = Samples.with([:], without: ["Restart"])
        let socket = try Samples.unit("a@.socket", "[Socket]\nListenStream=80\n\(line)\n")
        let found = Self.rules([socket, try Samples.unit("a@.service", text)])
        #expect(found.contains("restart-missing") == !isStarted)
    }

    @Test func instancesMayShareTheirProgramAndShellsHideTheirs() throws {
        let text = Self.start("/usr/bin/a %i")
        let instances = [
            try Samples.unit("a@1.service", text), try Samples.unit("a@2.service", text),
        ]
        #expect(Self.rules(instances) == [])
        let python = [
            try Samples.unit("a.service", Self.start("/usr/bin/python3 -u /opt/a.py")),
            try Samples.unit("b.service", Self.start("/usr/bin/python3 -u /opt/b.py")),
        ]
        #expect(Self.rules(python) == [])
    }

    @Test func aReplacedUnitMustNotRun() throws {
        let declared = LintUnit.Declaration(replaces: ["old.service"])
        let new = try Samples.unit("new.service", Self.start("/usr/bin/new"), declared: declared)
        let text = Self.start("/usr/bin/old")
        #expect(
            Self.rules([new, try Samples.unit("old.service", text, .enabled)])
                == ["replaced-still-runs"])
        #expect(Self.rules([new, try Samples.unit("old.service", text, .disabled)]) == [])
    }

    @Test func pathsThatAreNotThereAreNamed() throws {
        let text = Samples.with([
            "Service": "EnvironmentFile=/etc/a.env\nEnvironmentFile=-/etc/b.env\n"
                + "WorkingDirectory=%S/%N\nExecStartPre=-/opt/none"
        ])
        let unit = try Samples.unit("a.service", text)
        #expect(
            LintRule.namedPaths(in: unit) == ["/usr/bin/clean", "/etc/a.env", "/var/lib/a"])
        #expect(Self.rules([unit]) == [])
        let paths = ["/usr/bin/clean": true, "/etc/a.env": false, "/var/lib/a": true]
        let findings = Samples.findings([unit], paths: paths)
        #expect(findings.map(\.rule) == ["missing-path"])
        #expect(findings.first?.line == 9)
    }

    @Test(arguments: [
        ("TimeoutStopSec=20", 30, true), ("TimeoutStopSec=40", 30, false), ("", 30, false),
        ("TimeoutStopSec=30", 30, false),
        ("", 120, true), ("TimeoutStopSec=infinity", 30, true), ("TimeoutStopSec=0", 30, true),
        ("TimeoutStopSec=1h", 30, true), ("TimeoutSec=10", 30, true),
    ])
    func theStopGetsItsTime(line: String, seconds: Int, isBad: Bool) throws {
        let declared = LintUnit.Declaration(stopTime: .seconds(seconds))
        let unit = try Samples.unit(
            "a.service", Samples.with(["Service": line]), declared: declared)
        #expect(Self.rules([unit]) == (isBad ? ["stop-timeout"] : []))
    }

    @Test func whatIsEnabledNeedsAnInstallSection() throws {
        let text = Samples.with([:], without: ["WantedBy"])
        #expect(Self.rules([try Samples.unit("a.service", text, .enabled)]) == ["not-installed"])
        #expect(Self.rules([try Samples.unit("a.service", text)]) == [])
        let timer = try Samples.unit(
            "a.timer", "[Timer]\nOnBootSec=1\n[Install]\nWantedBy=timers.target\n")
        #expect(Self.rules([try Samples.unit("a.service", text, .enabled), timer]) == [])
    }

    @Test(arguments: [
        ["Unit": "Conflicts=gen-server.service\nAfter=gen-server.service"],
        ["Unit": "PropagatesStopTo=gen-server.service"],
        ["Service": "ExecStartPre=/bin/systemctl stop gen-server"],
        ["Service": "ExecStopPost=/bin/sh -c 'systemctl restart gen-server.service'"],
        ["Service": "ExecStopPost=-/usr/bin/pkill -f gen-server"],
    ])
    func nobodyStopsTheGeneratorsController(additions: [String: String]) throws {
        let controller = try Samples.unit(
            "gen-server.service", Self.start("/opt/gen-server --port 9999"))
        let other = try Samples.unit("a.service", Samples.with(additions))
        #expect(Self.rules([controller, other]).contains("stops-generator-controller"))
        let alone = try Samples.unit("a.service", Samples.clean)
        #expect(Self.rules([controller, alone]) == [])
    }

    @Test(arguments: ["gen-server", "generator_server.py"])
    func aControllerIsKnownByItsProgram(program: String) throws {
        let controller = try Samples.unit(
            "any.service", Self.start("/usr/bin/python3 /opt/\(program) --port 9999"))
        let other = try Samples.unit(
            "a.service", Samples.with(["Service": "ExecStop=/bin/systemctl stop any"]))
        #expect(Self.rules([controller, other]) == ["stops-generator-controller"])
    }

    /// The order between two units may stand in either.
    @Test(arguments: [("After=a.service", false), ("Wants=a.service", true)])
    func theOtherUnitMayHaveTheOrder(line: String, isBad: Bool) throws {
        let conflicting = Samples.with(["Unit": "Conflicts=b.service"])
        let other = Samples.with(
            ["Unit": line, "Service": "ExecStart=/usr/bin/b"], without: ["ExecStart"])
        let units = [
            try Samples.unit("a.service", conflicting), try Samples.unit("b.service", other),
        ]
        #expect(Self.rules(units).contains("conflicts-without-order") == isBad)
    }

    @Test(arguments: [
        ("PartOf=a.service", true), ("BindsTo=a.service", true), ("Requires=a.service", true),
        ("Wants=a.service", false), ("Requires=network.target", false),
        ("Conflicts=a.service\nAfter=a.service", true),
        ("Conflicts=gone.service\nAfter=gone.service", false),
    ])
    func theControllerDependsOnNobodysLife(line: String, isBad: Bool) throws {
        let text = Samples.with(
            ["Unit": line, "Service": "ExecStart=/opt/control"], without: ["ExecStart"])
        let declared = LintUnit.Declaration(controlsGenerator: true)
        let units = [
            try Samples.unit("control.service", text, declared: declared),
            try Samples.unit("a.service", Samples.clean),
        ]
        #expect(Self.rules(units) == (isBad ? ["stops-generator-controller"] : []))
    }
}
