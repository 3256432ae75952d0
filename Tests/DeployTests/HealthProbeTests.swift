import Foundation
import LabSupport
import TestSupport
import Testing

/// Health checks of every kind on a real host, and releases that are bad in every way: the host
/// takes them back by itself.
@Suite(.lab, .sharesLab) struct HealthProbeTests {
    /// Listens where it is told, answers HTTP, and writes a file every now and then.
    static let station = #"""
        #!/usr/bin/python3
        import socket, sys, threading, time
        def beat():
            while True:
                open("/run/beat", "w").write("x")
                time.sleep(0.5)
        threading.Thread(target=beat, daemon=True).start()
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("127.0.0.1", int(sys.argv[1])))
        s.listen(8)
        while True:
            c, _ = s.accept()
            said = b""
            while b"\r\n\r\n" not in said:
                more = c.recv(1000)
                if not more: break
                said += more
            status = b"200 OK" if said.startswith(b"GET /status HTTP/1.") else b"404 Not Found"
            try: c.sendall(b"HTTP/1.0 " + status + b"\r\nServer: x\r\n\r\nfine\n")
            except OSError: pass
            c.close()

        """#

    private static func service(_ host: String, _ check: String, port: Int = 8088) -> String {
        Programs.app(
            on: host, health: check, more: "args: [\(port)]\nports: [8088]")
    }

    static let good = [
        "- listens: 8088", "- http: 8088\n  path: /status", "- http: 8088\n  status: 404",
        "- file: /run/beat\n  younger: 30s",
    ]

    @Test(.timeLimit(.minutes(10))) func checksThatHoldLetTheReleaseStay() async throws {
        try await FreshHost.with { host in
            for (number, check) in Self.good.enumerated() {
                try host.site.program(Self.station + "# \(number)\n")
                try host.site.services(Self.service(host.name, check))
                let run = try await host.site.deploy()
                #expect(try run.host(host.name)["outcome"] as? String == "updated", "\(check)")
            }
        }
    }

    /// Checks that fail, with what is said of them.
    static let bad = [
        ("- listens: 8088\n  within: 2s", 8089, "nothing listens on port 8088/tcp"),
        ("- http: 8088\n  path: /\n  within: 2s", 8088, "HTTP/1.0 404 Not Found', not 200"),
        ("- http: 8088\n  within: 2s", 8089, "port 8088 does not answer GET /"),
        ("- file: /run/never\n  younger: 5s\n  within: 2s", 8088, "/run/never is not there"),
        (
            "- file: /run/old\n  younger: 1h\n  within: 2s", 8088,
            "/run/old was last written before the deploy began"
        ),
    ]

    @Test(.timeLimit(.minutes(10))) func checksThatFailTakeTheReleaseBack() async throws {
        try await FreshHost.with { host in
            try host.site.program(Self.station)
            try host.site.services(Self.service(host.name, Self.good[0]))
            try await host.site.deploy()
            try await host.sh("touch -d '1 minute ago' /run/old")
            let before = try await host.state()
            for (check, port, said) in Self.bad {
                try host.site.services(Self.service(host.name, check, port: port))
                try host.site.program(Self.station + "# \(check.count) \(port)\n")
                let run = try await host.site.deploy(4)
                let error = try #require(try run.host(host.name)["error"] as? String)
                #expect(error.contains(said), "\(check): \(error)")
                try await host.expectState(before)
            }
        }
    }

    @Test(.timeLimit(.minutes(10))) func aPortThatAStrangerTookIsNotTheServicesOwn() async throws {
        try await FreshHost.with { host in
            // Takes the port while the service comes up, outside its unit.
            try host.site.program(
                """
                #!/bin/sh
                systemd-run --quiet --unit stranger /usr/bin/python3 -c '
                import socket, time
                s = socket.socket(); s.bind(("0.0.0.0", 8088)); s.listen(); time.sleep(9999)'
                exec sleep 9999

                """)
            try host.site.services(Self.service(host.name, "- listens: 8088\n  within: 3s"))
            let run = try await host.site.deploy(4)
            let error = try #require(try run.host(host.name)["error"] as? String)
            #expect(error.contains("port 8088/tcp is held by process"), "\(error)")
            #expect(error.contains("not by app.service"), "\(error)")
        }
    }

    // MARK: Bad releases, and nobody there

    /// What goes wrong, and the check that sees it.
    static let badPrograms = [
        ("#!/bin/sh\nexit 3\n", "- steady: 1s"),
        ("#!/bin/sh\nsleep 5\nexit 3\n", "- steady: 8s"),
        (station.replacing("int(sys.argv[1])", with: "8089"), "- listens: 8088\n  within: 3s"),
        (
            "#!/bin/sh\ndd if=/dev/urandom of=/opt/fleet/ballast bs=64k\nexec sleep 9999\n",
            "- command: [test, -e, /run/never]\n  within: 8s"
        ),
    ]

    @Test(.timeLimit(.minutes(10)), arguments: badPrograms.indices)
    func aBadReleaseIsTakenBackByTheHostAlone(row: Int) async throws {
        let (program, check) = Self.badPrograms[row]
        try await FreshHost.with { host in
            try host.site.program(Self.station)
            // Putting it back takes room.
            let comment = String(
                repeating: "# " + String(repeating: "x", count: 97) + "\n", count: 500)
            try host.site.folder.write("Units/app.service", Programs.unit + comment)
            try host.site.services(Self.service(host.name, "- listens: 8088"))
            try await host.site.deploy()
            let before = try await host.state()
            try host.site.program(program)
            try host.site.services(Self.service(host.name, check))
            let client = try host.site.begin()
            try await client.says("4/5 restart app.service")
            client.kill()
            _ = try await client.end()
            try await waitUntil("the host has gone back", deadline: .seconds(60)) {
                try await host.lab.sh(host.name, "cat /var/log/fleet/audit.jsonl").output
                    .contains("\"outcome\":\"undone\"")
            }
            try await waitUntil("the lock is gone") {
                try await host.lab.sh(host.name, "ls /opt/fleet/.staging; ls /run/fleet").output
                    == ""
            }
            try await host.expectState(before)
            #expect(try await host.isActive("app.service"))
            if program.contains("ballast") {
                #expect(
                    try await host.sh("df -P -k /opt/fleet | awk 'NR == 2 { print $4 < 2048 }'")
                        == "1")
            }
        }
    }
}
