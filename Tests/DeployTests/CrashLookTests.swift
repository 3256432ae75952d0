import LabSupport
import TestSupport
import Testing

/// The looks that each row of the crash matrix relies on see what they are for.
@Suite(.lab, .sharesLab, .timeLimit(.minutes(10))) struct CrashLookTests {
    /// What a deploy could leave: how it is made, how it is taken away, what is said of it.
    private struct Trace {
        var make: String
        var unmake: String
        var said: String

        init(_ make: String, _ unmake: String, _ said: String) {
            self.make = make
            self.unmake = unmake
            self.said = said
        }

        init(file: String) { self.init("touch \(file)", "rm \(file)", file) }
    }

    private static let traces = [
        Trace(file: "/run/fleet/lock"),
        Trace(file: "/run/fleet/lock.after-boot-1-2"),
        Trace(file: "/etc/systemd/system/app.service.fleet-new"),
        Trace(file: "/opt/fleet/.transaction"),
        Trace(file: "/opt/fleet/.staging/some"),
        Trace(file: "/opt/fleet/app/.current-new"),
        Trace(file: "/opt/fleet/app/releases/0123456789abcdef.about.new"),
        Trace(
            "systemctl start fleet-watch.timer", "systemctl stop fleet-watch.timer",
            "fleet-watch.timer is active"),
        Trace(
            """
            bash -c 'exec -a ./watcher.sh sleep 1000' >/dev/null 2>&1 </dev/null &
            echo $! >/tmp/watcher
            until grep -q watcher "/proc/$!/cmdline"; do :; done
            """, "kill $(cat /tmp/watcher)", "/cmdline"),
    ]

    @Test func whatADeployCouldLeaveIsSeen() async throws {
        try await CrashShard.with(.systemd, .update) { shards in
            let host = shards[0].host
            try await shards[0].establish()
            #expect(try await host.lastingLeftovers() == "")
            for trace in Self.traces {
                try await host.sh(trace.make)
                let left = try await host.leftovers()
                #expect(left.hasSuffix(trace.said), "\(trace.make)")
                try await host.sh(trace.unmake)
                #expect(try await host.lastingLeftovers() == "", "\(trace.unmake)")
            }
        }
    }

    @Test func twoOwnersOfThePortAreNotWhole() async throws {
        try await CrashShard.with(.systemd, .update) { shards in
            let host = shards[0].host
            try await shards[0].establish()
            #expect(try await host.look() == "whole release 1")
            try await host.sh(
                """
                python3 -c 'import socket, time
                s = socket.socket(socket.AF_INET6)
                s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                s.bind(("::", 7777))
                s.listen(1)
                time.sleep(1000)' >/dev/null 2>&1 </dev/null &
                echo $! >/tmp/second
                until ss -Hltn6 sport = 7777 | grep -q .; do sleep 0.05; done
                """)
            #expect(try await host.look().hasPrefix("answer=release 1 owners=pid="))
            try await host.sh("kill $(cat /tmp/second)")
            #expect(try await host.atRest(["whole release 1"]) == "whole release 1")
            try await host.sh("systemctl stop app.service")
            #expect(try await host.look().hasPrefix("answer="))
        }
    }
}
