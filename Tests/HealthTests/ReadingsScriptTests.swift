import Foundation
import Health
import RemoteOps
import TestSupport
import Testing

/// `readings.sh` in the shells of the hosts, on a made-up root folder and on this machine.
@Suite struct ReadingsScriptTests {
    private func readings(
        _ shell: [String], _ root: String, _ arguments: [String] = []
    ) async throws -> HostReadings {
        let result = try await Shell.run(
            shell + ["-s"],
            input: RemoteScripts.input(RemoteScripts.readings, arguments),
            environment: ["FLEET_PREFIX": root])
        #expect(result.status == 0, "\(result.errorText)")
        return try ReadingsParser.parse(result.output)
    }

    @Test(arguments: Shell.shells) func thisMachineIsRead(shell: [String]) async throws {
        let readings = try await readings(shell, "/", ["service=x:-:-", "file=/etc/passwd"])
        #expect(readings.uptime.value != nil && readings.memory.value != nil)
        #expect(readings.load.value?.averages.count == 3)
        #expect(readings.bootID.value?.utf8.count == 36)
        let clock = try #require(readings.clock.value)
        #expect(abs(clock.seconds - Date().timeIntervalSince1970) < 120)
        let root = try #require(readings.fileSystems.value?.first { $0.mount == "/" })
        #expect((root.size ?? 0) > 0 && root.used != nil)
        #expect(readings.services["x"]?.files["/etc/passwd"]?.value != nil)
        // No supervisor there: said so, and not taken for stopped.
        #expect(readings.services["x"]?.supervisor?.reason != nil)
    }

    @Test(arguments: Shell.shells) func aMadeUpPiIsRead(shell: [String]) async throws {
        let root = try TemporaryFolder()
        for (path, text) in [
            ("proc/uptime", "5000.5 1\n"), ("proc/loadavg", "1 2 3 1/1 1\n"),
            ("proc/mounts", "/dev/mmcblk0p2 / ext4 ro,noatime 0 0\n"),
            ("sys/class/thermal/thermal_zone0/type", "cpu-thermal\n"),
            ("sys/class/thermal/thermal_zone0/temp", "48312\n"),
            ("sys/devices/platform/soc/soc:firmware/get_throttled", "50005\n"),
            ("sys/block/mmcblk0/device/life_time", "0x02 0x0b\n"),
            ("sys/fs/ext4/mmcblk0p2/errors_count", "7\n"),
            ("run/reboot-required", "x\n"), ("run/reboot-required.pkgs", "linux-image\n"),
            ("etc/fstab", "# x\nPARTUUID=1-2 / ext4 defaults 0 1\n"),
            ("run/systemd/timesync/synchronized", ""),
            ("var/log/pigenny/data_20270101.csv", "timestamp,timestamp_unix,soc_pct\na,1,2\n"),
            ("var/log/pigenny/data_20270102.csv", "timestamp_unix,soc_pct\n1700000000,55\n"),
            ("var/log/pigenny/data_20270102_1.csv", "nothing\n"),
            ("run/bridge.prom", "# HELP volts x\nvolts{battery=\"48\"} 13.2\n"),
            ("run/pigenny-monitor/status", "state=IDLE\n\u{1B}[2J=x\nno end"),
        ] {
            try root.write(path, text)
        }
        symlink("bridge.prom", root.path + "/run/link.prom")
        mkfifo(root.path + "/run/pipe", 0o644)
        let readings = try await readings(
            shell, root.path,
            [
                "service=pigenny-monitor:-:-", "csv=/var/log/pigenny",
                "status=/run/pigenny-monitor/status", "runs=-", "file=/nowhere",
                "metrics=/run/bridge.prom", "service=other:-:-", "metrics=/run/none.prom",
                "service=link:-:-", "metrics=/run/link.prom", "status=/run/pipe",
            ])
        let metrics = try #require(readings.services["pigenny-monitor"]?.metrics?.value)
        #expect(metrics.samples == [MetricSample("volts", 13.2, labels: ["battery": "48"])])
        #expect(abs(metrics.modified - Date().timeIntervalSince1970) < 600)
        #expect(readings.services["other"]?.metrics?.reason?.contains("/run/none.prom") == true)
        // Neither others' files by a link, nor a pipe that nobody writes to.
        #expect(readings.services["link"]?.metrics?.reason?.contains("/run/link.prom") == true)
        #expect(readings.services["link"]?.monitor?.reason?.contains("/run/pipe") == true)
        #expect(readings.uptime == .known(5000.5))
        #expect(readings.temperatures == ["cpu-thermal": 48.312])
        #expect(readings.throttled == .known(0x50005))
        #expect(readings.wear.map(\.lifeTenths) == [11])
        #expect(readings.fileSystemErrors == ["mmcblk0p2": 7])
        #expect(readings.rebootWanted == ["linux-image"])
        #expect(readings.isSynchronized == .known(true))
        let root0 = try #require(readings.fileSystems.value?.first)
        #expect(root0.isReadOnly && !root0.isMeantReadOnly)
        let monitor = try #require(readings.services["pigenny-monitor"])
        #expect(monitor.csv?.value?.path == "/var/log/pigenny/data_20270102.csv")
        #expect(monitor.csv?.value?.lastRow?.stateOfChargePercent == 55)
        #expect(monitor.monitor?.value?["state"] == "IDLE")
        #expect(monitor.files["/nowhere"]?.reason == "there is no such file")
        #expect(monitor.runs?.reason != nil)
    }

    @Test(arguments: Shell.shells) func theGeneratorIsAsked(shell: [String]) async throws {
        let server = try Program(
            ["python3", "-c", LegacyServer.script, "legacy", "0"])
        defer { kill(server.id, SIGKILL) }
        try await waitUntil("it listens") { server.text.contains("listens on") }
        let port = try #require(
            server.text.split(separator: ":").last.flatMap { Int($0.prefix { $0.isNumber }) })
        let silent = try ListeningSocket()
        let readings = try await readings(
            shell, "/",
            [
                "service=a:-:tcp/\(port)", "generator=\(port)", "service=b:-:-",
                "generator=\(silent.port)",
            ])
        let status = try #require(readings.services["a"]?.generator?.value)
        #expect(status.clients == .value(1) && status.engine == .standing)
        // Who takes the connection and says nothing does not hold up the rest.
        #expect(readings.services["b"]?.generator?.reason == "the server does not answer STATUS")
        let socket = try #require(readings.sockets.value?.first)
        #expect(socket.claim == "tcp/\(port)" && socket.pid == Int(server.id))
    }

    @Test(arguments: Shell.shells) func anEmptyHostTellsThatItTellsNothing(
        shell: [String]
    ) async throws {
        let root = try TemporaryFolder()
        let readings = try await readings(shell, root.path, ["service=x:x.service:tcp/1"])
        #expect(readings.uptime.value == nil && readings.memory.value == nil)
        #expect(readings.fileSystems.reason != nil && readings.units.reason != nil)
        #expect(readings.sockets.reason == "/proc/net/tcp cannot be read")
    }
}
