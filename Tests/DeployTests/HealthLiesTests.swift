import Foundation
import LabSupport
import TestSupport
import Testing

/// `fleetctl health` of hosts that lie: users of one host, each with a login shell that answers what
/// it likes. It ends, traps nowhere, and a terminal gets nothing of it raw.
@Suite(.lab, .sharesLab, .timeLimit(.minutes(15))) struct HealthLiesTests {
    /// The name of a liar, and what its shell does in place of the command that it is given.
    private static let liars = [
        // Within what is taken, and more lines than any host has.
        "lines": "answer; yes '|Id=a.service' | head -n 240000; echo end",
        "megabytes": "answer; head -c 3500000 /dev/zero | tr '\\0' A; echo; echo end",
        "flood": "echo 'fleet-readings\t1'; exec cat /dev/zero",
        "nothing": "exit 0",
        "drip": "echo 'fleet-readings\t1'; while sleep 1; do echo '|'; done",
        "greets": #"printf '\033]0;owned\007\033[2J\033[31mhello\n'; answer; echo end"#,
        "complains": #"printf '\033]0;owned\007\033[2J\302\233\233\356\n' >&2; exit 3"#,
        "noise": "answer; head -c 1000000 /dev/urandom; echo; echo end",
        "nuls": "answer | tr '/' '\\0'; head -c 1000000 /dev/zero; echo; echo end",
        "counts": "answer; cat /srv/counts; echo end",
        "escapes": "answer; cat /srv/escapes; echo end",
    ]

    /// Those that answer within the time that a host has, in a form that can be read.
    private static let readable = ["megabytes", "noise", "nuls", "counts", "escapes"]

    /// An honest answer as far as it goes; the liars' own lines come behind it.
    private static let answer = #"""
        answer() {
            printf 'fleet-readings\t1\nclock\t%s\nuid\t0\ninit\tsystemd\n' "$(date +%s.%N)"
            grep -H . /proc/uptime /proc/loadavg /proc/meminfo | sed 's|^/||'
        }
        cat >/dev/null

        """#

    /// Numbers that are too large, too small, or none.
    private static let counts = """
        proc/uptime:1e999 -1
        proc/loadavg:999999999999999999 nan inf 0/0 -1
        proc/mounts:/dev/x /big ext4 rw 0 0
        proc/mounts:/dev/y /less ext4 rw 0 0
        disk
        |/dev/x 999999999999999 999999999999999 999999999999999 100% /big
        |/dev/y 99999999999999999999 -1 -5 900% /less
        inodes
        |/dev/x 0 18446744073709551615 18446744073709551615 100% /big
        throttled\t0xFFFFFFFFFFFFFFFFFF
        sys/fs/ext4/x/errors_count:999999999999999999
        sys/class/thermal/thermal_zone0/temp:99999999999999999999999
        units
        |Id=app.service
        |ActiveState=failed
        |NRestarts=18446744073709551614
        |MainPID=99999999999999999999
        |MemoryCurrent=18446744073709551614
        |StateChangeTimestampMonotonic=9223372036854775807
        |
        |Id=few.service
        |NRestarts=999999999999999999
        |SubState=auto-restart
        |
        service\tapp\tapp.service
        service\tapp\tapp.service
        sockets
        |tcp/99999999 999999999999999999 0::/

        """

    /// A clear of the screen, a title, a control of one byte (U+009B), a turn of direction; as bytes
    /// in octal for printf(1), and a command for whoever copies what is advised.
    private static let poison = #"\033[2J\033]0;owned\007\302\233\233\342\200\256\r$(owned)`owned`"#
    private static let escapes = """
        proc/mounts:/dev/x /p\(poison) ext4 ro 0 0
        disk
        |/dev/x 100 99 1 99%% /p\(poison)
        kernel-log
        |mmc0: error \(poison)
        |fleet-log-read
        synchronized\\tno\\t\(poison)
        reboot\\trequired
        run/reboot-required.pkgs:\(poison)
        sys/fs/ext4/\(poison)/errors_count:1
        sys/class/thermal/thermal_zone0/type:\(poison)
        sys/class/thermal/thermal_zone0/temp:199000
        proc/net/dev:e\(poison): 1 2 3 4 5 6 7 8 9 10 11 12
        units
        |Id=u\(poison).service
        |ActiveState=failed
        |Result=\(poison)
        |
        |Id=app.service
        |ActiveState=\(poison)
        |SubState=\(poison)
        |
        service\\tapp\\tapp.service
        links
        |l 1 0 0 0 Jan 10 08:00 opt/fleet/app/current -> releases/\(poison)
        errors
        |{"MESSAGE":"\\\\u001b[2J \\\\u202e","UNIT":"app.service","PRIORITY":"3"}

        """

    @Test func nothingOfALieReachesTheTerminalRaw() async throws {
        try await FreshHost.with { host in
            try await Self.prepare(host)
            let all = try await look(host, "health", "--parallel", "6")
            #expect(all.status == 3, "\(all)")
            for name in Self.liars.keys where !Self.readable.contains(name) {
                #expect(all.output.contains(" \(name) "), "\(name): \(all)")
                #expect(all.output.contains("  \(name), reachable: "), "\(name): \(all)")
            }
            for text in ["more than is allowed", "did not end in time", "begins with '\u{FFFD}"] {
                #expect(all.output.contains(text), "\(text): \(all)")
            }
            try await self.read(host)
        }
    }

    /// Of those that can be read, in every form that is printed.
    private func read(_ host: FreshHost) async throws {
        let chosen = (Self.readable + [host.name]).flatMap { ["--host", $0] }
        let table = try await look(host, ["health"] + chosen)
        #expect(table.status == 5, "\(table)")
        // What was hostile is told, and harmless: a shell that it is copied into runs none of it.
        #expect(table.output.contains("u\u{FFFD}[2J\u{FFFD}]0;owned"), "\(table)")
        #expect(table.output.contains("-- journalctl -eu 'u\u{FFFD}[2J"), "\(table)")
        #expect(table.output.contains("-- du -xd1 '/p\u{FFFD}[2J"), "\(table)")
        try await look(host, ["health", "--nagios"] + chosen)
        let json = try await look(host, ["health", "-o", "json"] + chosen)
        let hosts = try #require(try json.json()["hosts"] as? [[String: Any]])
        #expect(hosts.count == chosen.count / 2)
        // The one that does not lie is well in the company of the others.
        #expect(try json.host(host.name)["level"] as? String == "ok", "\(json)")
        let file = host.site.folder.path + "/metrics"
        try await look(host, ["health", "--prometheus", file] + chosen)
        Self.expectHarmless(try host.site.folder.read("metrics"))
        try await terminal(host, chosen)
    }

    /// With colours: those codes are ours, and nothing else may be a control.
    private func terminal(_ host: FreshHost, _ chosen: [String]) async throws {
        let words =
            [Site.program, "health"] + chosen
            + ["--inventory", host.site.folder.path + "/fleet.yaml"]
        let seen = try await Shell.run(
            ["script", "-qefc", words.joined(separator: " "), "/dev/null"],
            environment: ["XDG_STATE_HOME": host.site.folder.path + "/state", "NO_COLOR": ""],
            timeout: 180)
        #expect(seen.status == 5, "\(seen.text)")
        #expect(seen.text.contains("\u{1B}["), "no terminal: \(seen.text)")
        let plain = seen.text.replacing(/\u{1B}\[[0-9;]*m/, with: "")
        Self.expectHarmless(plain.replacing("\r\n", with: "\n"))
    }

    // MARK: Looking

    @discardableResult
    private func look(_ host: FreshHost, _ arguments: String...) async throws -> Site.Run {
        try await look(host, arguments)
    }

    /// Runs fleetctl, which must end by itself and print nothing but text.
    @discardableResult
    private func look(_ host: FreshHost, _ arguments: [String]) async throws -> Site.Run {
        let run = try await host.site.fleetctl(arguments, timeout: 240)
        // A signal, a trap's among them, or timeout(1).
        #expect((0...5).contains(run.status), "\(arguments): \(run)")
        Self.expectHarmless(run.output)
        Self.expectHarmless(run.talk)
        return run
    }

    private static func expectHarmless(
        _ text: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let raw = text.terminalControls
        #expect(raw.isEmpty, "\(raw.prefix(5)) in \(text)", sourceLocation: sourceLocation)
    }

    // MARK: Preparing

    /// The liars, and an inventory with each as a host of its own at the one address.
    private static func prepare(_ host: FreshHost) async throws {
        for (name, text) in ["counts": counts, "escapes": escapes] {
            // printf(1) makes the bytes that no text can carry.
            let print = name == "escapes" ? "xargs -0 printf" : "cat"
            let put = try await host.lab.sh(
                host.name, "mkdir -p /srv && \(print) >/srv/\(name)", input: text)
            #expect(put.status == 0, "\(put)")
        }
        for (name, lie) in liars {
            let put = try await host.lab.sh(
                host.name,
                """
                cat >/srv/\(name).sh && chmod 755 /srv/\(name).sh
                useradd -m -p "*" -s /srv/\(name).sh \(name) && cp -r /home/pi/.ssh /home/\(name)/
                chown -R \(name): /home/\(name)
                """, input: "#!/bin/bash\n" + answer + lie + "\n")
            #expect(put.status == 0, "\(name): \(put)")
        }
        try await host.sh(HealthLook.timesync)
        let entries = liars.keys.sorted().map { name in
            """
              \(name):
                address: \(host.address)
                user: \(name)
                sudo: none
                arch: amd64

            """
        }
        try host.site.services(
            """
            app:
              host: escapes
              artifact: fleet.yaml
              executable: fleet.yaml

            """)
        let text = try host.site.folder.read("fleet.yaml")
            .replacing("    arch: amd64", with: "    arch: amd64\n    \(HealthLook.lenient)")
            .replacing("\nservices:", with: "\n" + entries.joined() + "services:")
        try host.site.folder.write("fleet.yaml", text)
    }
}
