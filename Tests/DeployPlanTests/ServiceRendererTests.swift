import Foundation
import Inventory
import TestSupport
import Testing

@testable import DeployPlan

/// What starts services, made from this project's own sources.
@Suite struct ServiceRendererTests {
    private static let units =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path + "/Units"

    private func source(_ name: String) throws -> String {
        try String(contentsOfFile: Self.units + "/" + name, encoding: .utf8)
    }

    private func service(
        _ name: String, arguments: [String] = [], environment: [EnvironmentVariable] = [],
        user: String? = nil, ports: [PortClaim] = [], match: String? = nil,
        replaces: [String] = [], gate: Service.Gate? = nil, afterExit: [String] = []
    ) throws -> Service {
        Service(
            name: try #require(ServiceName(name)), hosts: [], source: .product(name),
            executable: name, arguments: arguments, environment: environment, user: user,
            ports: ports, match: match, replaces: replaces, gate: gate, stopTimeout: .seconds(20),
            afterExit: afterExit)
    }

    // MARK: Units

    @Test func theRelayDaemonsUnit() throws {
        let service = try service(
            "gen-server", arguments: ["--host", "0.0.0.0", "--port", "9999"],
            environment: [EnvironmentVariable(name: "MODE", value: "50% of $HOME")],
            ports: [PortClaim(9999)], match: "gen-server", replaces: ["generator.service"],
            gate: .generatorIdle, afterExit: ["--relays-off"])
        let unit = try ServiceRenderer(service).unit(
            from: try source("gen-server.service"), place: "gen-server.service")
        #expect(unit == GoldenUnits.genServer)
    }

    @Test func theMonitorsUnit() throws {
        let service = try service(
            "pigenny-monitor",
            arguments: ["--inverter-port", "/dev/ttySC1", "--generator-host", "203.0.113.2"],
            user: "pigenny", replaces: ["pigenny.service", "pigenny-old.service"])
        let unit = try ServiceRenderer(service).unit(
            from: try source("pigenny-monitor.service"), place: "pigenny-monitor.service")
        #expect(unit == GoldenUnits.pigennyMonitor)
    }

    /// The Bluetooth bridge, a Python program with one unit in the place of three.
    @Test func theBridgesUnit() throws {
        let service = Service(
            name: try #require(ServiceName("renogy-bt-proxy")), hosts: [],
            source: .artifact("../Artifacts/renogy-bt"), executable: "renogy_bt_proxy.py",
            user: "jorik", group: "jorik", ports: [PortClaim(6053)],
            match: "renogy_bt_proxy.py",
            replaces: ["renogy-bt.service", "renogy-bt-old.service", "renogy-bt-unified.service"],
            stopTimeout: .seconds(20))
        let unit = try ServiceRenderer(service).unit(
            from: try source("renogy-bt-proxy.service"), place: "renogy-bt-proxy.service")
        #expect(unit == GoldenUnits.renogyBTProxy)
    }

    /// A port below 1024 is the host's to give: without the right, or in a user namespace, a
    /// service cannot have it.
    @Test(arguments: [1023, 1024]) func aLowPortComesWithItsRight(port: Int) throws {
        let text = try ServiceRenderer(try service("thing", ports: [PortClaim(port)])).unit(
            from: ServiceRenderer.plainUnit, place: "the plain unit")
        let isLow = port < 1024
        #expect(text.contains("\nAmbientCapabilities=CAP_NET_BIND_SERVICE\n") == isLow)
        #expect(text.contains("\nCapabilityBoundingSet=CAP_NET_BIND_SERVICE\n") == isLow)
        #expect(text.contains("\nPrivateUsers=no\n") == isLow)
    }

    @Test func aServiceWithoutASourceGetsThePlainUnit() throws {
        let service = try service("thing", arguments: ["--config", "@config@/thing.conf"])
        let unit = try ServiceRenderer(service).unit(
            from: ServiceRenderer.plainUnit, place: "the plain unit")
        #expect(unit == GoldenUnits.plain)
    }

    /// The lines of a service's unit that begin with a key.
    private func lines(_ key: String, of service: Service, source: String) throws -> [String] {
        try ServiceRenderer(service).unit(from: source, place: "x")
            .split(separator: "\n").map(String.init).filter { $0.hasPrefix(key + "=") }
    }

    private static let guarded = "[Service]\nExecStartPre=/bin/first\nExecStart=@command@\n"

    @Test func everyPortHasItsGuardBeforeAnythingElse() throws {
        let service = try service(
            "proxy", ports: [PortClaim(6053), PortClaim(53, .udp), PortClaim(53)],
            match: "/home/jorik/it's.py")
        let own = "/opt/fleet/proxy/current/port-guard --port"
        #expect(
            try lines("ExecStartPre", of: service, source: Self.guarded) == [
                "ExecStartPre=+\(own) 6053 --unit proxy.service --match \"it's.py\"",
                "ExecStartPre=+\(own) 53 --unit proxy.service --match \"it's.py\"",
                "ExecStartPre=/bin/first",
            ])
        #expect(
            try lines("ExecStartPre", of: self.service("proxy"), source: Self.guarded) == [
                "ExecStartPre=/bin/first"
            ])
    }

    /// A controller that somebody started by hand may be at work: never a match behind a gate.
    @Test(arguments: [nil, "/"]) func withoutAMatchTheGuardOnlyNames(match: String?) throws {
        let gated = try service(
            "gen", ports: [PortClaim(9999)], match: "gen-server", gate: .generatorIdle)
        let plain = try service("gen", ports: [PortClaim(9999)], match: match)
        for service in [gated, plain] {
            let line = try lines("ExecStartPre", of: service, source: "[Service]\nExecStart=/x\n")
            #expect(line.count == 1 && !line[0].contains("--match"), "\(line)")
        }
    }

    /// Only a gate says that somebody else on the port may not be switched off under.
    @Test func theCommandAfterExitOfAnUngatedServiceIsPlain() throws {
        let service = try service("x", ports: [PortClaim(80)], afterExit: ["--off"])
        #expect(
            try lines("ExecStopPost", of: service, source: Self.guarded) == [
                "ExecStopPost=/opt/fleet/x/current/x --off"
            ])
    }

    @Test func theSourcesOwnWorkingFolderStands() throws {
        let unit = try ServiceRenderer(try service("thing")).unit(
            from: "[Service]\nWorkingDirectory=/var/lib/thing\nExecStart=@command@\n", place: "x")
        #expect(unit.contains("WorkingDirectory=/var/lib/thing\n"))
        #expect(!unit.contains("WorkingDirectory=/opt/fleet"))
    }

    static let hostile = [
        "", " ", "50%", "%n", "$HOME", "${HOME}", "it's", "say \"hi\"", "a\\b", "; touch /x", "&&",
        "a b", "#", "`id`", "$(id)", "*", "~", "|", "é", "-", "=", "\\", "end\\", "!x", "<>",
    ]

    @Test func hostileArgumentsStandQuotedInUnits() throws {
        let service = try service("thing", arguments: Self.hostile)
        let unit = try ServiceRenderer(service).unit(
            from: ServiceRenderer.plainUnit, place: "the plain unit")
        let line = try #require(
            unit.split(separator: "\n").first { $0.hasPrefix("ExecStart=") })
        #expect(line.contains(#" "50%%" "%%n" "$$HOME" "$${HOME}" "it's" "say \"hi\"" "a\\b" "#))
        #expect(line.contains(#""" " " "50%%""#))
        #expect(line.hasSuffix(#""<>""#))
        #expect(unit.split(separator: "\n").count == GoldenUnits.plain.split(separator: "\n").count)
    }

    @Test func variablesOfTheInventoryMustExist() throws {
        let service = try service("thing", arguments: ["@nothing@"])
        #expect(
            throws: ServiceRenderer.Failure(
                place: "the arguments of thing in the inventory",
                reason: "line 1: there is no variable @nothing@")
        ) {
            try ServiceRenderer(service).unit(from: ServiceRenderer.plainUnit, place: "x")
        }
    }

    @Test func mistakesInSourcesAreNamedByLine() throws {
        let renderer = ServiceRenderer(try service("thing"))
        #expect(
            throws: ServiceRenderer.Failure(
                place: "thing.service", reason: "line 2: there is no variable @oops@")
        ) { try renderer.unit(from: "[Unit]\nDescription=@oops@\n", place: "thing.service") }
        #expect(
            throws: ServiceRenderer.Failure(
                place: "thing.service",
                reason: "line 2: there is no '=', no section and no comment")
        ) { try renderer.unit(from: "[Unit]\nDescription\n", place: "thing.service") }
    }

    // MARK: The supervisor

    private func supervisor(_ service: Service) throws -> String {
        try ServiceRenderer(service).supervisor(
            from: try source("rc-local/supervise.sh"), place: "supervise.sh")
    }

    @Test(arguments: Shell.shells) func theSupervisorIsAScript(shell: [String]) async throws {
        let hostile = try service(
            "thing", arguments: Self.hostile,
            environment: Self.hostile.enumerated().map {
                EnvironmentVariable(name: "V\($0.offset)", value: $0.element)
            }, afterExit: Self.hostile)
        let guarded = try service(
            "thing", ports: [PortClaim(1), PortClaim(2)], match: "it's", afterExit: ["--off"])
        let gated = try service(
            "thing", ports: [PortClaim(1)], gate: .generatorIdle, afterExit: ["--off"])
        for service in [try service("thing"), hostile, guarded, gated] {
            let text = try supervisor(service)
            let result = try await Shell.run(shell + ["-n"], input: Array(text.utf8), timeout: 10)
            #expect(result.status == 0, "\(result.errorText)")
            #expect(!text.contains(/@[a-z_]+@/), "a variable is left")
        }
    }

    @Test(arguments: Shell.shells)
    func hostileWordsReachTheProcessAsTheyAre(shell: [String]) async throws {
        let service = try service(
            "thing", arguments: Self.hostile,
            environment: [EnvironmentVariable(name: "WORDS", value: "'$HOME' \"%\" \\")],
            afterExit: ["--off", "it's"])
        let lines = try supervisor(service).split(separator: "\n").map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        func line(_ start: String, _ number: Int = 0) throws -> String {
            let found = lines.filter { $0.hasPrefix(start) }
            return try #require(found.count > number ? found[number] : nil)
        }
        let exec = try line("exec ").dropFirst("exec ".count)
        let afterExit = try line("set -- ")
        let script = """
            \(try line("export WORDS"))
            set -- \(exec)
            printf '%s\\n' "$@" "$WORDS"
            \(afterExit)
            printf '%s\\n' "$@"
            """
        let result = try await Shell.run(shell, input: Array(script.utf8), timeout: 10)
        let program = "/opt/fleet/thing/current/thing"
        let expected =
            [program] + Self.hostile + ["'$HOME' \"%\" \\", program, "--off", "it's"]
        #expect(result.text == expected.map { $0 + "\n" }.joined())
    }

    @Test func theLineInRcLocalNeverFails() {
        #expect(
            ServiceRenderer.rcLocalLine("app") == "/opt/fleet/app/current/supervise start || true")
        #expect(ServiceRenderer.rcLocalMarker("app") == "fleet:app")
    }
}
