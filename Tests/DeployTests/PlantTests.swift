import Foundation
import LabSupport
import TestSupport
import Testing

/// Battery falls, generator starts, battery charges, generator stops: over two hosts, with a real
/// systemd, the kernel's I2C calls, TCP between the boards and Modbus on a line, undisturbed and
/// with everything that happens out there. Outages last 12 s of a start that takes 7; with
/// FLEET_LONG_TESTS=1 they last the minute that the real one is cut for.
@Suite(.lab, .faultsLab, .serialized, .timeLimit(.minutes(20))) struct PlantTests {
    private static let outage: Duration =
        ProcessInfo.processInfo.environment["FLEET_LONG_TESTS"] == nil ? .seconds(12) : .seconds(60)

    @Test func aLowBatteryIsChargedAndEverybodyIsTold() async throws {
        try await PlantSite.with { site in
            try await site.run()
            #expect(try site.lab.relays() == 0x0A)
            try await waitUntil("it says that it charges", deadline: .seconds(60)) {
                try await site.status("charging")?.hasPrefix("charging (") == true
            }
            try await site.finish()
            let log = try await site.log()
            #expect(log.contains("IDLE -> STARTING: starting: state of charge 3"), "\(log)")
            #expect(log.contains("Olimex health: threads="))
            #expect(!log.contains("ALARM"), "\(log)")
            let fields = try await site.lab.sh(
                "pi", "journalctl -q -o cat -u pigenny-monitor PIGENNY_STATE=RUNNING PRIORITY=5")
            #expect(fields.output.contains("STARTING -> RUNNING"))
            try await waitUntil("the daily file shows the end", deadline: .seconds(60)) {
                try await Self.rows(site).hasSuffix("True True IDLE 0\n")
            }
            let status = try await site.lab.sh("pi", "systemctl status pigenny-monitor").output
            #expect(status.contains("Status: \"IDLE: "), "\(status)")

            // By hand, with a battery that has enough.
            try await site.charge("on")
            try await site.reach("RUNNING", "run-manual")
            try await site.charge("off")
            try await site.reach("IDLE")
            try await site.charge("on")
            try await site.reach("RUNNING", "run-manual")
            try await site.charge("force-stop")
            try await site.reach("IDLE")
            #expect(try site.lab.relays() == 0)
            try await site.charge("off")
        }
    }

    /// The daily files as an operator reads them: whether there are rows of the run and no second
    /// header, and how they end.
    private static func rows(_ site: PlantSite) async throws -> String {
        try await site.lab.sh(
            "pi",
            """
            python3 -c 'import csv, glob
            rows = [row for name in sorted(glob.glob("/var/log/pigenny/data_*.csv"))
                    for row in csv.DictReader(open(name))]
            states = {row["generator_state"] for row in rows}
            print("RUNNING" in states, "generator_state" not in states,
                  rows[-1]["generator_state"], rows[-1]["generator_running"])'
            """
        ).output
    }

    @Test func theLinkBetweenTheBoardsIsCutInEveryPhase() async throws {
        try await PlantSite.with { site in
            let cut = {
                try await site.lab.whileCut("pi", "eth1") { try await Task.sleep(for: Self.outage) }
            }
            // Idle, and the battery falls meanwhile: nothing is started that is not seen.
            try await site.drain()
            try await waitUntil("just before the threshold", deadline: .seconds(60)) {
                Double(try await site.plant.status()["soc"] ?? "") ?? 100 < 42
            }
            try await site.lab.whileCut("pi", "eth1") {
                try await Task.sleep(for: Self.outage)
                #expect(try site.lab.relays() == 0)
                let log = try await site.log()
                #expect(!log.contains("START: OK"), "\(log)")
            }
            try await site.reach("STARTING")
            try await site.plant.tell("load 4900")
            // Starting: the server goes on by itself.
            try await cut()
            try await site.reach("RUNNING")
            try await site.finish()

            // Running: the lease lasts longer than the outage, and nobody stops the engine.
            try await site.run()
            let starts = try await site.plant.status()["starts"]
            try await cut()
            try await site.reach("RUNNING")
            #expect(try await site.plant.status()["starts"] == starts)
            #expect(try await site.serverState() == "CHARGING")
            try await site.relieve()
            // Stopping: unknown is not stopped.
            try await site.reach("STOPPING")
            try await cut()
            try await site.finish()
            let log = try await site.log()
            #expect(log.components(separatedBy: "STARTING -> RUNNING").count == 3, "\(log)")
        }
    }

    /// They conclude what is so: nothing wrong where nothing is, the charger that is open, somebody
    /// who holds the generator, and a battery that is not charged.
    @Test func theRunbooksSeeWhatIsSo() async throws {
        try await PlantSite.with { site in
            var said = try await site.runbook("charging-does-not-happen")
            #expect(said.status == 5 && said.says.hasPrefix("Step 1 failed: the charger's relay"))
            said = try await site.runbook("generator-will-not-start")
            #expect(said.status == 0, "\(said)")
            #expect(said.says.hasPrefix("Nothing failed, but not every step"), "\(said)")
            try await site.generator("hold", "--for", "10m", "--reason", "for the test")
            said = try await site.runbook("generator-will-not-start")
            #expect(said.status == 5 && said.says.contains("holds the generator"), "\(said)")
            try await site.generator("release")

            try await site.run()
            try await waitUntil("it says that it charges", deadline: .seconds(60)) {
                try await site.status("charging")?.hasPrefix("charging (") == true
            }
            said = try await site.runbook("charging-does-not-happen")
            #expect(said.status == 0, "\(said)")
            // The charger gives less than the house draws.
            try await site.plant.tell("load 9000")
            try await waitUntil("it sees that it does not", deadline: .seconds(120)) {
                try await site.status("charging")?.hasPrefix("NOT charging") == true
            }
            said = try await site.runbook("charging-does-not-happen")
            #expect(said.status == 5 && said.says.contains("look behind it"), "\(said)")
            try await site.finish()
        }
    }

    /// The monitor wants to start the generator all the while, and is not stopped for it.
    @Test func theMonitorStartsNothingWhileTheServerIsUpdated() async throws {
        try await PlantSite.with { site in
            try await site.generator("hold", "--for", "10m", "--reason", "before the update")
            try await site.drain()
            try await waitUntil("the monitor wants to", deadline: .seconds(60)) {
                try await site.log().contains("no start: the generator is held")
            }
            let run = try await site.update()
            #expect(run.status == 0, "\(run)")
            // It was held before, and is again.
            #expect(try await site.server().contains("-> HELD"))
            #expect(!(try await site.server().contains("-> PREPARING")))
            #expect(try await site.plant.status()["starts"] == "0")
            try await site.generator("release")
            try await site.plant.tell("load 4900")
            try await site.reach("RUNNING")
            try await site.finish()
        }
    }

    @Test func eitherDaemonIsKilledOrHangsInMidRun() async throws {
        try await PlantSite.with { site in
            try await site.lab.sh(
                "pi",
                """
                folder=/run/systemd/system/pigenny-monitor.service.d
                mkdir -p $folder && printf '[Service]\\nWatchdogSec=4\\n' >$folder/watchdog.conf
                systemctl daemon-reload && systemctl restart pigenny-monitor
                """)
            try await site.run()
            let starts = try await site.plant.status()["starts"]
            // Killed, and then stopped, so that the watchdog has to notice.
            for (number, signal) in ["KILL", "STOP"].enumerated() {
                try await site.lab.sh("pi", "systemctl kill -s \(signal) pigenny-monitor")
                try await waitUntil("systemd brings it back", deadline: .seconds(60)) {
                    try await site.log().components(separatedBy: "begins in RUNNING").count
                        == number + 2
                }
                try await site.reach("RUNNING", "run-soc")
                #expect(try await site.plant.status()["starts"] == starts)
                #expect(try site.lab.relays() == 0x0A)
            }
            #expect(try await site.log().contains("Watchdog timeout"))

            let killed = try await site.lab.sh(
                "olimex", "kill -KILL $(cut -d ' ' -f 1 /run/fleet/gen-server/process)")
            #expect(killed.status == 0)
            try await waitUntil("the alarm", deadline: .seconds(60)) {
                try await site.log().contains("ALARM engine-stopped")
            }
            try await site.reach("RUNNING")
            try await site.finish()
            try await site.lab.sh(
                "pi",
                "rm -r /run/systemd/system/pigenny-monitor.service.d; systemctl daemon-reload")
        }
    }

    /// To the last block: where no big file fits any more a small one may.
    private static func fillUp(_ lab: Lab) async throws {
        try await lab.sh(
            "pi",
            """
            mkdir -p /var/tmp/full && cd /var/tmp/full || exit 1
            cat /dev/zero 2>/dev/null >$$
            i=0
            while [ $i -lt 1000 ] && head -c 4096 /dev/zero 2>/dev/null >$$.$i; do i=$((i + 1)); done
            true
            """)
    }

    @Test func neitherAnInverterPulledOutNorAFullDiskStopsTheRunOrItsEnd() async throws {
        try await PlantSite.with { site in
            try await site.lab.whileFull("pi", leaving: 1) {
                try await Self.fillUp(site.lab)
                try await site.run()
                try await site.plant.tell("unplug")
                try await waitUntil("the alarm", deadline: .seconds(90)) {
                    try await site.status("alarms") == "battery-untrusted"
                }
                // A run goes on without it for a while, and ends by itself at the latest after that.
                #expect(try await site.status("state") == "RUNNING")
                #expect(try site.lab.relays() == 0x0A)
                try await site.plant.plug()
                try await waitUntil("it reads again", deadline: .seconds(90)) {
                    try await site.status("alarms") == ""
                }
                try await waitUntil("it says that rows are lost", deadline: .seconds(60)) {
                    // Others of the host give blocks back now and then.
                    try await Self.fillUp(site.lab)
                    return try await site.log().contains("rows are lost until this is over")
                }
                try await site.finish()
                try await site.lab.sh("pi", "rm -r /var/tmp/full")
            }
            try await waitUntil("rows again", deadline: .seconds(60)) {
                try await site.log().contains("rows are written again")
            }
            let rows = try await site.lab.sh("pi", "cat /var/log/pigenny/data_*.csv").output
            let widths = Set(
                rows.split(separator: "\n").map { $0.components(separatedBy: ",").count })
            #expect(widths == [14], "\(rows)")
        }
    }

    @Test func piLosesItsPowerInMidRunAndTakesItUpAgain() async throws {
        try await PlantSite.with { site in
            try await site.run()
            let starts = try await site.plant.status()["starts"]
            try await site.lab.powercut("pi")
            try await site.lab.start("pi")
            try await site.plant.plug()
            try await waitUntil("it goes on", deadline: .seconds(60)) {
                try await site.log().contains("begins in RUNNING")
            }
            try await site.reach("RUNNING", "run-soc")
            #expect(try await site.plant.status()["starts"] == starts)
            #expect(try await site.serverState() == "CHARGING")
            try await site.finish()
        }
    }
}
