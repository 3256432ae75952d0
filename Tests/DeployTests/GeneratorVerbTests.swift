import Foundation
import LabSupport
import TestSupport
import Testing

/// `fleetctl generator …` through ssh to a server on the Pi.
@Suite(.lab, .faultsLab, .serialized, .timeLimit(.minutes(5))) struct GeneratorVerbTests {
    @Test func startAndStopShowTheirPhasesAndEndAsTheyShould() async throws {
        try await GeneratorHost.with { host in
            let start = try await host.generator(0, "start")
            #expect(start.output.hasPrefix("pi: charging after "), "\(start)")
            for words in ["starting the generator", "warming up, ", "letting the voltage settle"] {
                #expect(start.talk.contains(words), "\(start)")
            }
            #expect(!start.talk.contains("\u{1B}"))
            let again = try await host.generator(0, "start")
            #expect(again.output == "pi: it is charging already; nothing was done\n")
            let compact = try await host.generator(0, "status", "-o", "compact")
            #expect(compact.output.contains(":9999] RUN=YES RELAY=IGN+CHARGER THR="))

            let stop = try await host.generator(0, "stop", "-o", "json")
            #expect(stop.talk.contains("pi: cooling down, "), "\(stop)")
            #expect(try stop.json()["outcome"] as? String == "done")
            #expect(try await host.status("relays") == "OFF (0x00)")
            let log = try await host.generator(0, "log", "-n", "100")
            #expect(log.output.contains("listens on 127.0.0.1:9999"), "\(log)")
            let human = try await host.generator(0, "status")
            #expect(human.output.hasPrefix("pi: gen-server on port 9999: off\n"), "\(human)")
        }
    }

    @Test func ctrlCLeavesTheStartToItself() async throws {
        try await GeneratorHost.with(["--warm-up", "6"]) { host in
            let start = try host.site.running("generator", "start")
            try await start.says("warming up")
            start.interrupt()
            #expect(try await start.end(deadline: .seconds(10)) == 130)
            #expect(start.talk.contains("left alone: the start goes on there (warming up"))
            #expect(start.talk.contains("stop it with: fleetctl generator stop"))
            try await waitUntil("it charges all the same", deadline: .seconds(30)) {
                try await host.status("state") == "CHARGING"
            }
            // A stop that is not waited for goes on as well.
            let stop = try await host.generator(0, "stop", "--no-wait")
            #expect(stop.output.contains("Stop begun, 3 s of cooldown"), "\(stop)")
            #expect(try await host.status("state") == "COOLING_DOWN")
        }
    }

    @Test func aStopCancelsAStartAndNowNeedsAYes() async throws {
        try await GeneratorHost.with(["--warm-up", "60"]) { host in
            let start = try host.site.running("generator", "start")
            try await start.says("warming up")
            let refused = try await host.generator(64, "stop", "--now")
            #expect(refused.talk.contains("without cooldown"))
            #expect(try await host.status("state") == "WARMING_UP")
            let second = try await host.generator(75, "start")
            #expect(second.talk.contains("Start already in progress"))
            try await host.generator(0, "stop", "--now", "--yes")
            #expect(try await host.status("relays") == "OFF (0x00)")
            #expect(try await start.end(deadline: .seconds(20)) == 1)
            #expect(start.talk.contains("the start failed: off: somebody stopped it"))
        }
    }

    @Test func whileHeldNothingIsStarted() async throws {
        try await GeneratorHost.with { host in
            try await host.generator(
                0, "hold", "--for", "10m", "--reason", "new release", "--owner", "me")
            let start = try await host.generator(75, "start")
            #expect(start.talk.contains("refused for now: Held by me for "), "\(start)")
            #expect(start.talk.contains("new release"))
            try await host.generator(75, "release", "--owner", "you")
            let status = try await host.generator(0, "status")
            #expect(status.output.contains(/\n  held      by me for (9|10)m/), "\(status)")
            try await host.generator(0, "release", "--owner", "me")
            try await host.generator(0, "start", "--no-wait")
            try await host.generator(75, "hold", "--reason", "too late")
        }
    }

    @Test func aFailedStartIsLatchedUntilReset() async throws {
        try await GeneratorHost.with(["--sim-catch", "never"]) { host in
            let start = try await host.generator(1, "start")
            #expect(start.talk.contains("Engine did not start"), "\(start)")
            let status = try await host.generator(5, "status")
            #expect(status.output.contains("ATTENTION no start before"), "\(status)")
            let again = try await host.generator(1, "start")
            #expect(again.talk.contains("fleetctl generator reset"), "\(again)")
            let unasked = try await host.generator(64, "reset")
            #expect(unasked.talk.contains("since: Engine did not start"), "\(unasked)")
            try await host.generator(0, "reset", "--yes")
            try await host.generator(0, "status")
        }
    }

    @Test func aCutLinkDoesNotEndAStartNorSendItTwice() async throws {
        try await GeneratorHost.with(["--warm-up", "20"]) { host in
            let start = try host.site.running("generator", "start", "--timeout", "3")
            try await start.says("warming up")
            try await host.lab.cut("pi", "eth0")
            let said = await outcome {
                try await start.says("the server goes on by itself; trying again")
            }
            try await host.lab.join("pi", "eth0")
            try said.get()
            #expect(try await start.end(deadline: .seconds(90)) == 0, "\(start.talk)")
            #expect(start.results.hasPrefix("pi: charging after "))
            #expect(try await host.status("starts") == "1")
        }
    }

    @Test func aStartWithoutAnAnswerIsNotSentAgainAndAStopIs() async throws {
        try await GeneratorHost.withMute { host in
            let start = try await host.generator(1, "start")
            #expect(start.talk.contains("the command has not arrived, or was undone"), "\(start)")
            #expect(try await host.status("starts") == "1")
            try await host.generator(0, "stop")
            #expect(try await host.status("stops") == "2")
        }
    }

    @Test func aWatchSurvivesACutLink() async throws {
        try await GeneratorHost.with { host in
            let watch = try host.site.running("generator", "watch", "--timeout", "3")
            try await watch.says("pi: off")
            try await host.lab.cut("pi", "eth0")
            let said = await outcome {
                try await watch.says("trying again", deadline: .seconds(60))
            }
            try await host.lab.join("pi", "eth0")
            try said.get()
            try await watch.says("changes may have been missed", deadline: .seconds(60))
            try await host.generator(0, "hold", "--reason", "x")
            try await watch.says("pi: off and held")
            watch.interrupt()
            #expect(try await watch.end(deadline: .seconds(10)) == 0)
        }
    }

    @Test func changesAreWatchedUntilCtrlC() async throws {
        try await GeneratorHost.with { host in
            let watch = try host.site.running("generator", "watch", "-o", "json")
            try await watch.says("\"state\":\"OFF\"")
            try await host.generator(0, "start")
            try await watch.says("\"from\":\"STABILISING\"")
            try await watch.says("\"state\":\"CHARGING\"")
            watch.interrupt()
            #expect(try await watch.end(deadline: .seconds(10)) == 0)
            for line in watch.results.split(separator: "\n") {
                let entry = try JSONSerialization.jsonObject(with: Data(line.utf8))
                #expect((entry as? [String: Any])?["time"] is String)
            }
        }
    }

    @Test func aFollowedLogEndsAtCtrlCAndLeavesNobodyBehind() async throws {
        try await GeneratorHost.with { host in
            let log = try host.site.running("generator", "log", "-f")
            try await log.says("listens on")
            try await host.generator(0, "hold", "--reason", "x")
            try await log.says("HELD")
            log.interrupt()
            #expect(try await log.end(deadline: .seconds(10)) == 0)
            try await waitUntil("the follower has gone") {
                try await host.lab.sh("pi", "pgrep -x journalctl").status == 1
            }
        }
    }

    @Test func theBoardsLogIsTheSupervisorsWithItsOlderPart() async throws {
        let lab = try Lab.required()
        let site = try Site.piAndBoard(lab)
        try site.services(
            """
            gen-server:
              host: olimex
              product: gen-server
              ports: [9999]
              gate: generator-idle
              health:
                - steady: 1s

            """)
        try await lab.sh("olimex", "rm -f /var/log/gen-server.log*")
        let missing = try await site.fleetctl("generator", "log")
        #expect(missing.status == 1, "\(missing)")
        #expect(missing.talk.contains("no log at /var/log/gen-server.log"))
        try await lab.sh(
            "olimex",
            """
            mkdir -p /var/log
            printf 'one\\ntwo\\n' >/var/log/gen-server.log.1
            printf 'three\\033[2J\\n' >/var/log/gen-server.log
            """)
        let log = try await site.fleetctl("generator", "log", "-n", "2")
        #expect(log.output == "two\nthree\u{FFFD}[2J\n", "\(log)")
        let followed = try site.running("generator", "log", "-f", "-n", "1")
        try await followed.says("three")
        // What comes between the end that is shown and the follower's begin is not shown.
        try await waitUntil("the follower is there", deadline: .seconds(20)) {
            try await lab.sh("olimex", "pgrep tail").status == 0
        }
        try await waitUntil("the follower follows", deadline: .seconds(20)) {
            try await lab.sh("olimex", "echo four >>/var/log/gen-server.log")
            return followed.results.contains("four")
        }
        followed.interrupt()
        #expect(try await followed.end(deadline: .seconds(10)) == 0)
        try await waitUntil("the follower has gone", deadline: .seconds(20)) {
            try await lab.sh("olimex", "pgrep tail").status == 1
        }
        try await lab.sh("olimex", "rm /var/log/gen-server.log /var/log/gen-server.log.1")
    }

    @Test func theLegacyServerIsStartedAndStoppedAsItCan() async throws {
        try await GeneratorHost.withLegacy { host in
            let start = try host.site.running("generator", "start")
            try await start.says("pi: cranking")
            let stop = try await host.generator(75, "stop")
            #expect(stop.talk.contains("which the older server there cannot cancel"), "\(stop)")
            try await start.says("pi: warming up")
            #expect(try await start.end() == 0, "\(start.talk)")
            #expect(start.results.hasPrefix("pi: charging after "))
            for verb in [["watch"], ["hold", "--reason", "x"], ["release"], ["reset"]] {
                let run = try await host.site.fleetctl(["generator"] + verb)
                #expect(run.status == 1, "\(verb) \(run)")
                #expect(run.talk.contains("the server there is the older one"), "\(run)")
            }
            try await host.generator(1, "stop", "--no-wait")
            let off = try await host.generator(0, "stop")
            #expect(off.talk.contains("pi: cooling down"), "\(off)")
            #expect(off.output.hasPrefix("pi: off after "))
            let status = try await host.generator(0, "status", "-o", "compact")
            #expect(status.output.hasSuffix(":9999] RUN=NO RELAY=OFF THR=1 UP=6h45m MEM=42%\n"))
        }
    }
}

/// What came of it, so that the cable can be put back first.
func outcome(_ body: () async throws -> Void) async -> Result<Void, any Error> {
    do {
        try await body()
        return .success(())
    } catch {
        return .failure(error)
    }
}
