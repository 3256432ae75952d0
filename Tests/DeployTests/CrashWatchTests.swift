import LabSupport
import TestSupport
import Testing

/// Hosts on which nobody looks after a broken deploy, or on which nothing may be started.
@Suite(.lab, .sharesLab, .timeLimit(.minutes(10))) struct CrashWatchTests {
    /// A board whose deploy waits for its confirmation, and whose watcher somebody has ended.
    private func withoutWatcher(
        confirmTimeout: Int, _ body: @escaping @Sendable (CrashShard) async throws -> Void
    ) async throws {
        try await CrashShard.with(.board, .update) { shards in
            let shard = shards[0]
            try await shard.establish()
            _ = try await shard.stopSwitched(confirmTimeout: confirmTimeout)
            try await shard.host.sh(
                """
                read -r pid since </opt/fleet/.transaction/watcher || exit 1
                kill -STOP $pid
                # It may still be making a child: only then it stands.
                until read -r _ _ state _ <"/proc/$pid/stat" && [ "$state" = T ]; do
                    sleep 0.02
                done
                # With the look that it may just be taking.
                for file in $(grep -l "^PPid:.$pid\\$" /proc/[0-9]*/status 2>/dev/null); do
                    child=${file#/proc/}
                    kill -KILL ${child%/status}
                done
                kill -KILL $pid
                """)
            try await shard.host.goOn()
            try await waitUntil("the script has ended") {
                try await shard.host.sh("ls /run/fleet/lock 2>/dev/null || true") == ""
            }
            try await body(shard)
        }
    }

    @Test func aDeployThatNobodyWatchedIsTakenBackByTheNext() async throws {
        try await withoutWatcher(confirmTimeout: 1) { shard in
            let host = shard.host
            try await host.sh(
                """
                read -r _ deadline _ <<END
                $(grep '^switched ' /opt/fleet/.transaction/journal)
                END
                until read -r up _ </proc/uptime && [ "${up%%.*}" -gt "$deadline" ]; do
                    sleep 0.1
                done
                """)
            #expect(try await host.sh("ls -d /opt/fleet/.transaction") != "")
            let run = try await shard.site.fleetctl("deploy", "--yes")
            #expect(run.status == 0, "\(run)")
            #expect(run.talk.contains("waits for its confirmation"), "\(run)")
            #expect(run.talk.contains(": not confirmed within 1 s"), "\(run)")
            #expect(try await host.look() == "whole release 2")
            #expect(try await host.lastingLeftovers() == "")
        }
    }

    @Test func theWatchIsResumedWhereADeployStillWaits() async throws {
        try await withoutWatcher(confirmTimeout: 600) { shard in
            let refused = try await shard.site.fleetctl("deploy", "--yes")
            #expect(refused.status == 75, "\(refused)")
            #expect(refused.talk.contains("the host resumed its watch"), "\(refused)")
            let again = try await shard.site.fleetctl("deploy", "--yes")
            #expect(again.status == 75, "\(again)")
            #expect(!again.talk.contains("resumed"), "\(again)")
            let confirmed = try await shard.site.fleetctl("confirm")
            #expect(confirmed.status == 0, "\(confirmed)")
            #expect(try await shard.host.look() == "whole release 2")
            // The watcher too has ended.
            #expect(try await shard.host.lastingLeftovers() == "")
        }
    }

    /// The watch may look while what it looks at is being removed.
    @Test func aWatchThatComesTooLateLeavesNoFailedUnit() async throws {
        try await CrashShard.with(.systemd, .update) { shards in
            let host = shards[0].host
            try await shards[0].establish()
            #expect(try await host.lastingLeftovers() == "")
            try await host.sh(
                """
                mkdir /opt/fleet/.staging/done-some
                echo '. ./lock.sh' >/opt/fleet/.staging/done-some/apply.sh
                systemctl start fleet-watch.service || true
                rm -r /opt/fleet/.staging/done-some
                """)
            #expect(try await host.leftovers() == "")
        }
    }

    /// What the host's init is told to boot, in the place of a kernel's command line.
    private func boot(_ host: CrashHost, to target: String?) async throws {
        let words = target.map { " --unit=\($0)" } ?? ""
        try await host.sh(
            """
            rm -f /sbin/init
            printf '#!/bin/sh\\nexec /lib/systemd/systemd%s\\n' '\(words)' >/sbin/init
            chmod 755 /sbin/init
            # There is no console on which anybody could be asked for a password.
            mkdir -p /etc/systemd/system/rescue.service.d
            printf '[Service]\\nExecStart=\\nExecStart=/bin/sleep infinity\\n' \
                >/etc/systemd/system/rescue.service.d/lab.conf
            sync
            """)
    }

    @Test func aBootIntoRescueTakesBackAndStartsNothing() async throws {
        try await CrashShard.with(.systemd, .update) { shards in
            let shard = shards[0]
            let host = shard.host
            try await shard.establish()
            try await boot(host, to: "rescue.target")
            let old = try await shard.stopSwitched(confirmTimeout: 600)
            try await host.lab.powercut(host.name)
            try await host.lab.verb("start", host.name)
            try await waitUntil("it is taken back", deadline: .seconds(30)) {
                try await host.lab.sh(
                    host.name,
                    """
                    [ "$(systemctl is-active rescue.target)" = active ] &&
                        [ ! -e /opt/fleet/.transaction ] && ! systemctl list-jobs | grep -q .service
                    """
                ).status == 0
            }
            let active = "systemctl is-active app.service multi-user.target || true"
            #expect(try await host.sh(active) == "inactive\ninactive")
            try await host.sh("systemctl --no-block default")
            #expect(try await host.atRest([old]) == old)
        }
    }
}
