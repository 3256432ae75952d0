import Foundation
import Health
import Testing

@Suite struct ReadingsTests {
    @Test func aPiIsReadInFull() throws {
        let readings = try ReadingsParser.parse(try Sample().bytes)
        #expect(readings.uptime == .known(864_000))
        #expect(readings.load.value?.processors == 2)
        #expect(readings.memory.value?.available == 3_000_000 * 1024)
        #expect(readings.temperatures == ["cpu-thermal": 48])
        #expect(readings.wasShutDown == .known(true))
        #expect(readings.throttled == .known(0))
        #expect(readings.kernelLog == .known([]))
        let root = try #require(readings.fileSystems.value?.first)
        #expect(root.mount == "/" && root.used == 0.3 && !root.isReadOnly)
        #expect(root.inodesUsed.map { abs($0 - 1 / 19.0) < 0.001 } == true)
        #expect(readings.interfaces.value?.map(\.name) == ["eth0"])
        #expect(readings.interfaces.value?.first?.hasRoute == true)
        #expect(readings.units.value?.count == 3)
        let unit = try #require(readings.units.value?.first)
        #expect(unit.memoryMax == 67_108_864 && unit.changedAt == 30)
        #expect(readings.units.value?[1].memoryMax == nil)
        let monitor = try #require(readings.services["pigenny-monitor"])
        #expect(monitor.csv?.value?.lastRow?.stateOfChargePercent == 61)
        #expect(monitor.monitor?.value?["state"] == "IDLE")
        let runs = GeneratorRun.all(monitor.runs?.value ?? [])
        let run = try #require(runs.first)
        #expect(run.result == .ended && run.ended == 1_799_907_400)
        #expect(run.reason == "38 % is below 40 %" && run.endReason == "80 % reached")
        #expect(readings.processes[700]?.threads == 1)
        #expect(readings.releases["proxy"] == "20270110-aaaaaaaaaaaa")
        #expect(readings.sockets.value?.first?.pid == 800)
    }

    @Test func anOldBoardIsReadAsFarAsItTells() throws {
        let readings = try ReadingsParser.parse(try Sample(host: "olimex").bytes)
        #expect(readings.clock.value?.resolution == 1)
        #expect(readings.memory.value?.available == 35_000 * 1024)
        #expect(readings.units.reason == "systemd does not run this host")
        #expect(readings.fileSystems.value?.first?.inodesUsed == nil)
        let server = try #require(readings.services["gen-server"])
        #expect(server.supervisor?.value?.pid == 200)
        #expect(server.generator?.value?.clients == .value(2))
        #expect(readings.processes[200]?.memory == 1200 * 1024)
    }

    @Test func whatIsNotAnAnswerIsRefused() throws {
        let whole = try Sample().bytes
        #expect(throws: ReadingsParser.Failure.notReadings("Welcome!")) {
            try ReadingsParser.parse(Array("Welcome!\n".utf8) + whole)
        }
        #expect(throws: ReadingsParser.Failure.notReadings("")) { try ReadingsParser.parse([]) }
        for count in stride(from: 20, to: whole.count - 4, by: 97) {
            #expect(throws: ReadingsParser.Failure.cutOff) {
                try ReadingsParser.parse(Array(whole.prefix(count)))
            }
        }
    }

    /// Nothing of a host's own texts can pass for a record of the script's.
    @Test func textsOfTheHostStayTexts() throws {
        var sample = try Sample()
        sample.insert(["|end", "|clock\t5", "|\u{1B}[2J\u{0}\u{202E}evil"], after: "kernel-log")
        let readings = try ReadingsParser.parse(sample.bytes)
        #expect(readings.clock.value?.seconds == 1_800_000_000)
        let lines = try #require(readings.kernelLog.value)
        #expect(lines.count == 3 && lines[2] == "\u{FFFD}[2J\u{FFFD}\u{FFFD}evil")
    }

    @Test func numbersThatCannotBeAreUnknown() throws {
        for (line, spoilt) in [
            ("proc/uptime", "proc/uptime:-5 1"), ("proc/uptime", "proc/uptime:1e400 1"),
            ("proc/loadavg", "proc/loadavg:nan inf 0.1"),
            ("proc/meminfo:MemTotal", "proc/meminfo:MemTotal: 99999999999999999999 kB"),
            ("clock", "clock\t99999999999999999999"),
        ] {
            var sample = try Sample()
            sample.replace(line, with: spoilt)
            let readings = try ReadingsParser.parse(sample.bytes)
            switch line {
            case "clock": #expect(readings.clock.value == nil)
            case "proc/uptime": #expect(readings.uptime.value == nil)
            case "proc/loadavg": #expect(readings.load.value == nil)
            default: #expect(readings.memory.value == nil)
            }
            // What is unknown is never reported as well.
            if line == "clock" { #expect(try sample.troubles().contains("clock")) }
            if line.hasPrefix("proc/meminfo") { #expect(try sample.troubles() == ["memory"]) }
        }
    }
}
