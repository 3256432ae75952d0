import Foundation
import LabSupport
import TestSupport
import Testing

/// Deploys of one host by several at the same moment.
@Suite(.lab, .sharesLab) struct LockDeployTests {
    @Test(.timeLimit(.minutes(10))) func ofTwoAtOnceOneWinsAndTheOtherSaysWhoHasTheHost()
        async throws
    {
        try await FreshHost.with { host in
            try host.site.services(Programs.app(on: host.name, health: "- steady: 1s"))
            var losers = 0
            for round in 1...5 {
                try host.site.program(Programs.sleeper + "# round \(round)\n")
                async let one = host.site.fleetctl("deploy", "--yes", "-o", "json")
                async let other = host.site.fleetctl("deploy", "--yes", "-o", "json")
                let runs = try await [one, other]
                #expect(runs.contains { $0.status == 0 }, "\(runs)")
                for run in runs where run.status != 0 {
                    losers += 1
                    #expect(run.status == 75, "\(run)")
                    let error = try #require(try run.host(host.name)["error"] as? String)
                    #expect(error.contains("another deploy is under way"), "\(error)")
                    #expect(error.contains("\(NSUserName())@"), "\(error)")
                }
                #expect(
                    try await host.sh("tail -n 1 /opt/fleet/app/current/app") == "# round \(round)")
                #expect(try await host.isActive("app.service"))
            }
            // Each has its steps and a second of health checks in which the other comes.
            #expect(losers >= 3, "only \(losers) of 5 rounds had a loser")
        }
    }
}
