// What holds ports in the tests of port-guard.

import Foundation
import TestSupport
import Testing

/// A Python program that holds a port of the kernel's choice, or a given one.
final class PortHolder {
    /// Says `ready PORT` once it holds the port.
    static let script = """
        #!/usr/bin/env python3
        import signal, socket, sys, time
        kind, port, manners = sys.argv[1:4]
        if manners == "deaf":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        family = socket.AF_INET6 if kind.endswith("6") else socket.AF_INET
        s = socket.socket(family, socket.SOCK_STREAM if kind[:3] == "tcp" else socket.SOCK_DGRAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        s.bind(("::1" if kind.endswith("6") else "127.0.0.1", int(port)))
        if kind[:3] == "tcp":
            s.listen(4)
        print("ready", s.getsockname()[1], flush=True)
        while True:
            time.sleep(1000)

        """

    let folder: TemporaryFolder
    let program: Program
    let port: UInt16

    var pid: pid_t { program.id }

    init(_ kind: String = "tcp", name: String = "proxy.py", manners: String = "good") async throws {
        folder = try TemporaryFolder()
        try folder.write(name, Self.script)
        program = try Program(["python3", folder.path + "/" + name, kind, "0", manners])
        let program = program
        try await waitUntil("the holder is ready", deadline: .seconds(30)) {
            program.text.hasSuffix("\n") || !program.isRunning
        }
        let number = program.text.split(whereSeparator: \.isWhitespace).last
        port = try #require(number.flatMap { UInt16($0) }, "\(program.errorText)")
    }

    /// The kernel's record of when it was started, for a supervisor's record.
    func startTicks() throws -> String {
        let stat = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
        let words = try #require(stat.split(separator: ") ").last).split(separator: " ")
        return String(words[19])
    }
}

/// Runs port-guard as a process.
func portGuard(
    _ port: UInt16, unit: String = "proxy.service", _ more: String...
) async throws -> Ended {
    try await spawn(
        [try Products.path("port-guard"), "--port", "\(port)", "--unit", unit] + more)
}

/// Where this process belongs: below a service or scope its children are no orphans.
enum OwnPlace {
    static let isOutsideServices: Bool = {
        let text = (try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)) ?? ""
        return !text.contains(".service") && !text.contains(".scope")
    }()
}
