/// What the tests deploy: small, quick to start, easy to tell apart.
enum Programs {
    /// Sleeps, and ends at once on SIGTERM.
    static let sleeper = "#!/bin/sh\nexec sleep 100000\n"

    /// Fails at once.
    static let failing = "#!/bin/sh\necho it cannot work >&2\nexit 3\n"

    /// Answers each connection with the first line of its configuration file.
    static let server = """
        #!/usr/bin/python3
        import socket, sys
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("0.0.0.0", int(sys.argv[1])))
        s.listen(8)
        while True:
            c, _ = s.accept()
            c.sendall(open(sys.argv[2], "rb").readline())
            c.close()

        """

    /// A unit that does not start again what fails, so that a test need not wait for that.
    static let unit = """
        [Unit]
        Description=@description@

        [Service]
        Type=exec
        ExecStart=@command@
        Restart=no

        [Install]
        WantedBy=multi-user.target

        """

    /// A service `app` that sleeps.
    static func app(
        on host: String, health: String = "- steady: 1s", more: String = ""
    ) -> String {
        let more = more.isEmpty ? "" : more.indented + "\n"
        return "app:\n  host: \(host)\n  artifact: app\n  executable: app\n\(more)"
            + "  health:\n\(health.indented.indented)\n"
    }

    /// A service `app` that answers on port 7777 what `reply` says.
    static func server(on host: String, expect: String) -> String {
        """
        app:
          host: \(host)
          artifact: app
          executable: app
          args: [7777, "@config@/reply"]
          config:
            - source: reply
          ports: [7777]
          health:
            - tcp: 7777
              expect: \(expect)
              within: 3s

        """
    }
}

extension Site {
    /// Writes the program and the unit that the services of `Programs` are made from.
    func program(_ text: String) throws {
        try folder.write("app", text, mode: 0o755)
        try folder.write("Units/app.service", Programs.unit)
    }
}
