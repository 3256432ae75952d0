import Foundation
import LabSupport
import TestSupport
import Testing

/// `host unlock` on a real host.
@Suite(.lab, .sharesLab) struct UnlockTests {
    private static let reason = "--reason=the laptop is lost; say \"so\""

    private func unlock(_ host: FreshHost, _ more: String...) async throws -> Site.Run {
        try await host.site.fleetctl(
            ["host", "unlock", "--host", host.name, Self.reason, "--yes"] + more)
    }

    /// A lock with these lines, whose `PID` and `START` are those of a process that lives.
    private func lock(_ host: FreshHost, _ lines: String) async throws {
        try await host.sh(
            """
            mkdir -p /run/fleet
            start=$(sed 's/.*) //' /proc/1/stat | awk '{ print $20 }')
            printf '\(lines)' | sed "s/PID/1/; s/START/$start/" >/run/fleet/lock
            """)
    }

    @Test(.timeLimit(.minutes(10))) func aLockIsShownAndRemovedOnlyWhereThatIsRight() async throws {
        try await FreshHost.with { host in
            try host.site.services(Programs.app(on: host.name))
            let none = try await unlock(host)
            #expect(none.status == 0 && none.output.contains("not locked"), "\(none)")

            try await lock(host, "pid=PID\\nstart=START\\nowner=eve@laptop\\nreason=deploy\\n")
            let live = try await unlock(host)
            #expect(live.status == 75, "\(live)")
            #expect(live.talk.contains("locked by eve@laptop since"), "\(live)")
            #expect(live.talk.contains("in use: its process 1 runs"), "\(live)")
            #expect(try await host.sh("grep -c owner=eve /run/fleet/lock") == "1")

            let forced = try await unlock(host, "--force")
            #expect(forced.status == 0 && forced.output.contains("unlocked"), "\(forced)")
            #expect(try await host.sh("ls -A /run/fleet") == "")
            let audit = try await host.sh("tail -n 1 /var/log/fleet/audit.jsonl")
            let line = try #require(
                try JSONSerialization.jsonObject(with: Data(audit.utf8)) as? [String: Any])
            #expect(line["outcome"] as? String == "unlocked")
            #expect(line["lockOwner"] as? String == "eve@laptop")
            #expect((line["reason"] as? String)?.contains("say \"so\"") == true)
            #expect((line["owner"] as? String)?.hasPrefix(NSUserName()) == true)

            for (lines, why) in [
                ("pid=PID\\nstart=1\\nowner=eve@laptop\\n", "stale: its process 1 is gone"),
                (
                    "pid=PID\\nstart=START\\nboot=another\\nowner=e@l\\n",
                    "stale: it was taken before the host booted"
                ),
            ] {
                try await lock(host, lines)
                let stale = try await unlock(host)
                #expect(stale.status == 0 && stale.talk.contains(why), "\(stale)")
                #expect(try await host.sh("ls -A /run/fleet") == "")
            }
            try await lock(host, "nonsense\\n=\\n\\033[2J=x\\npid=../../etc\\n")
            let unknown = try await unlock(host)
            #expect(unknown.status == 75, "\(unknown)")
            #expect(unknown.talk.contains("perhaps in use: it does not say which process"))
            #expect(!unknown.talk.contains("\u{1B}"))
        }
    }
}
