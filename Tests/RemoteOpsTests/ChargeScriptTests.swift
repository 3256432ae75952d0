import Foundation
import RemoteOps
import TestSupport
import Testing

/// charge.sh in the shells of the hosts, over a made-up root folder; this process stands for the
/// monitor.
@Suite struct ChargeScriptTests {
    private let root: TemporaryFolder

    init() throws {
        root = try TemporaryFolder()
        try root.write("tmp/.keep", "")
    }

    private func run(
        _ shell: [String], _ action: String, folder: String = "/tmp", active: Bool = true
    ) async throws -> Shell.Result {
        let start = try await Shell.run(
            ["sh", "-c", "sed 's/.*) //' /proc/\(getpid())/stat | awk '{ print $20 }'"])
        try root.write("run/fleet/m/process", "\(getpid()) \(active ? start.text : "1\n")")
        return try await Shell.run(
            shell + [
                "-s", "--", action, "rc-local", "m", folder, "/run/m/status", "\"who\":\"me\"",
            ],
            input: RemoteScripts.charge, environment: ["FLEET_PREFIX": root.path])
    }

    private var audit: String {
        // Nothing was recorded where there is no file.
        (try? root.read("var/log/fleet/audit.jsonl")) ?? ""
    }

    @Test(arguments: Shell.shells)
    func onWritesAndOffRemovesOnce(shell: [String]) async throws {
        let on = try await run(shell, "on")
        #expect(on.status == 0, "\(on.errorText)")
        let rest = "stop_file=no\nstatus_file=no\n"
        #expect(on.text == "state=active\ndone=written\ncharge_file=yes\n" + rest)
        #expect(root.has("tmp/pigenny_force_charge"))
        #expect(try await run(shell, "on").text.contains("done=already\n"))
        #expect(try await run(shell, "off").text.contains("done=removed\ncharge_file=no\n"))
        #expect(!root.has("tmp/pigenny_force_charge"))
        #expect(try await run(shell, "off").text.contains("done=already\n"))
        let lines = audit.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.allSatisfy { $0.hasSuffix(",\"outcome\":\"done\",\"who\":\"me\"}") })
    }

    @Test(arguments: Shell.shells)
    func aStopIsMadeAnewEachTime(shell: [String]) async throws {
        try root.write("tmp/pigenny_force_stop", "somebody's")
        let stop = try await run(shell, "force-stop")
        #expect(stop.text.contains("done=written\ncharge_file=no\nstop_file=yes\n"))
        #expect(try root.read("tmp/pigenny_force_stop") == "")
    }

    @Test(arguments: Shell.shells)
    func nothingIsWrittenForAMonitorThatDoesNotRun(shell: [String]) async throws {
        for action in ["on", "off", "force-stop"] {
            let run = try await run(shell, action, active: false)
            #expect(run.status == 3)
            #expect(run.text == "state=stopped\n")
        }
        #expect(try await run(shell, "status", active: false).status == 0)
        #expect(!root.has("tmp/pigenny_force_charge") && audit.isEmpty)
    }

    @Test(arguments: Shell.shells)
    func whatIsInTheWayIsLeftAlone(shell: [String]) async throws {
        for name in ["pigenny_force_charge", "pigenny_force_stop"] {
            try FileManager.default.createSymbolicLink(
                atPath: root.path + "/tmp/" + name, withDestinationPath: root.path + "/elsewhere")
        }
        for action in ["on", "force-stop"] {
            let run = try await run(shell, action)
            #expect(run.status == 1)
            #expect(run.errorText.contains("is there and is no file"))
        }
        #expect(try await run(shell, "off").text.contains("done=already"))
        #expect(!root.has("elsewhere") && audit.isEmpty)
        let missing = try await run(shell, "on", folder: "/none")
        #expect(missing.errorText.contains("there is no folder /none"))
    }

    @Test(arguments: Shell.shells)
    func theStatusFileIsPassedOn(shell: [String]) async throws {
        try root.write("run/m/status", "state=IDLE\nBAD LINE\nmanual=off\n$(touch x)=1\n")
        let status = try await run(shell, "status")
        #expect(
            status.text == "state=active\ncharge_file=no\nstop_file=no\nstatus_file=yes\n"
                + "status state=IDLE\nstatus manual=off\n")
    }
}

/// logs.sh over the supervisor's files.
@Suite struct LogsScriptTests {
    private let root: TemporaryFolder

    init() throws { root = try TemporaryFolder() }

    private func run(
        _ shell: [String], lines: String = "all", follow: String = "no", since: String = ""
    ) async throws -> Shell.Result {
        try await Shell.run(
            shell + ["-s", "--", "rc-local", "m", lines, follow, since, "", "text"],
            input: RemoteScripts.logs, environment: ["FLEET_PREFIX": root.path, "TZ": "UTC"],
            timeout: 30)
    }

    @Test(arguments: Shell.shells)
    func theOlderFileComesFirst(shell: [String]) async throws {
        #expect(try await run(shell).status == 1)
        try root.write("var/log/m.log", "c\nd\n")
        #expect(try await run(shell).text == "c\nd\n")
        try root.write("var/log/m.log.1", "a\nb\n")
        #expect(try await run(shell).text == "a\nb\nc\nd\n")
        #expect(try await run(shell, lines: "3").text == "b\nc\nd\n")
    }

    /// A follower whose output stays open notices nothing by itself: it is ended.
    @Test(arguments: Shell.shells)
    func aFollowerEndsWithItsClient(shell: [String]) async throws {
        try root.write("var/log/m.log", "a\n")
        let run = try await run(shell, follow: "yes")
        #expect(run.text.hasPrefix("a\n"))
        #expect(![124, 137, -9].contains(run.status), "\(run.status)")
        let left = try await Shell.run(["pgrep", "-f", "[t]ail .*" + root.path + "/var/log/m.log"])
        #expect(left.text.split(separator: "\n").isEmpty, "\(left.text)")
    }

    @Test(arguments: Shell.shells)
    func sinceShowsWhatIsLater(shell: [String]) async throws {
        let now = Date().formatted(.iso8601)
        try root.write(
            "var/log/m.log",
            "no stamp\n2026-01-31T11:59:59Z old\nits second line\n2026-01-31T12:00:00Z new\nmore\n"
                + "\(now) now\n")
        let later = "2026-01-31T12:00:00Z new\nmore\n\(now) now\n"
        #expect(try await run(shell, since: "2026-01-31 12:00:00").text == later)
        #expect(try await run(shell, since: "-600").text == "\(now) now\n")
        #expect(try await run(shell, since: "today").text == "\(now) now\n")
    }
}
