import Audit
import Foundation
import HTMLReport
import Health
import HistoryStore
import Inventory
import RemoteOps

/// Asks the hosts and the history for everything that a report shows. What cannot be had is said in
/// the report; nothing of it stops the rest.
struct ReportGatherer {
    let chosen: Selection
    let base: BaseOptions
    let connection: ConnectionOptions
    let console: Console

    /// What the hosts said besides their health.
    private struct Answer: Sendable {
        var findings: Result<[Finding], AuditError>
        var listing: Result<ReleaseListing, DeployError>
        var plants: Result<[PlantFetch.Fetched], PlantFetch.Failure>
    }

    /// The report, and a reason for each host that could not be asked.
    ///
    /// - Parameter files: CSV files of this machine.
    func gather(
        days: Int, now: Date, _ clock: ReportClock, files: PlantFiles
    ) async -> (FleetReport, [RemoteError.Kind]) {
        let connections = Connections(chosen.fleet, base, connection)
        let round = HealthRound(
            chosen: chosen, connections: connections, parallel: connection.parallel,
            history: HealthCommand.history(chosen.fleet.name, console), console: console)
        let health = await round.run()
        round.record(health)
        let end = now.timeIntervalSince1970
        // Clocks differ a little; who is further ahead is wrong.
        let times = (end - Double(days) * 86_400)...(end + 3600)
        let answers = await answers(connections, times)
        await connections.close()
        var report = FleetReport(health, version: Version.text)
        for outcome in answers {
            if case .success(let answer) = outcome.result {
                add(answer, of: outcome.host, to: &report)
            }
        }
        addPlants(answers, files, times, clock, to: &report)
        addTrends(days, now, to: &report)
        return (report, failures(health, answers))
    }

    private func answers(
        _ connections: Connections, _ times: ClosedRange<Double>
    ) async -> [HostOutcome<Answer, Never>] {
        let auditor = HostAuditor(
            sources: UnitSources(inventoryFolder: base.inventoryFolder), connections: connections,
            aspects: Set(Finding.Aspect.allCases))
        let fetch = PlantFetch(chosen: chosen, connections: connections, times: times)
        return await connections.forEachHost(chosen.hosts, limit: connection.parallel) {
            (host) async throws(Never) -> Answer in
            let findings: Result<[Finding], AuditError>
            do throws(AuditError) {
                findings = .success(try await auditor.findings(on: host, chosen))
            } catch {
                findings = .failure(error)
            }
            let listing: Result<ReleaseListing, DeployError>
            do throws(DeployError) {
                listing = .success(
                    try await ReleasesCommand.listing(of: host, chosen, connections))
            } catch {
                listing = .failure(error)
            }
            let plants: Result<[PlantFetch.Fetched], PlantFetch.Failure>
            do throws(PlantFetch.Failure) {
                plants = .success(try await fetch.fetch(host))
            } catch {
                plants = .failure(error)
            }
            return Answer(findings: findings, listing: listing, plants: plants)
        }
    }

    private func add(_ answer: Answer, of host: Host, to report: inout FleetReport) {
        switch answer.findings {
        case .success(let findings): report.findings += findings
        case .failure(let error):
            report.auditGaps.append(.init(host: host.name.text, reason: error.text))
        }
        switch answer.listing {
        case .success(let listing):
            for name in chosen.services(on: host.name).map(\.name.text) {
                let history = ReleaseHistory(
                    listing.services[name] ?? ServiceReleases(), service: name)
                report.releases += history.entries.map { entry in
                    FleetReport.Release(
                        host: host.name.text, service: name, release: entry.stored.id.text,
                        state: entry.state.rawValue, time: entry.time, owner: entry.owner,
                        commit: entry.commit)
                }
            }
        case .failure(let error):
            report.releaseGaps.append(.init(host: host.name.text, reason: error.text))
        }
    }

    /// A host that failed twice counts once.
    private func failures(
        _ health: FleetHealth, _ answers: [HostOutcome<Answer, Never>]
    ) -> [RemoteError.Kind] {
        zip(health.hosts, answers).compactMap { host, outcome in
            switch host.answer {
            case .notPermitted: return .notPermitted
            case .unreachable: return .failed
            case .answered: break
            }
            guard case .success(let answer) = outcome.result else { return nil }
            if case .failure(let error) = answer.findings { return error.kind }
            if case .failure = answer.listing { return .failed }
            if case .failure = answer.plants { return .failed }
            return nil
        }
    }

    /// The files of this machine belong to the monitor where there is but one.
    private func addPlants(
        _ answers: [HostOutcome<Answer, Never>], _ local: PlantFiles,
        _ times: ClosedRange<Double>, _ clock: ReportClock, to report: inout FleetReport
    ) {
        var fetched: [PlantFetch.Fetched] = []
        for outcome in answers {
            guard case .success(let answer) = outcome.result else { continue }
            switch answer.plants {
            case .success(let plants): fetched += plants
            case .failure(let error):
                report.plantGaps.append(.init(host: outcome.host.name.text, reason: error.text))
            }
        }
        let isOne = fetched.count == 1
        report.plants = fetched.map { one in
            let files = PlantFiles(files: one.files.files + (isOne ? local.files : []))
            return Plant(
                name: one.monitor.name, record: files.record(clock, within: times),
                notes: one.notes)
        }
        guard !isOne, !local.files.isEmpty else { return }
        report.plants.append(
            Plant(name: "Files of this machine", record: local.record(clock, within: times)))
    }

    private func addTrends(_ days: Int, _ now: Date, to report: inout FleetReport) {
        let from = now.timeIntervalSince1970 - Double(days) * 86_400
        let span = TimeSpan(from, now.timeIntervalSince1970)
        do throws(HistoryError) {
            let history = try HistoryStore()
            for host in chosen.hosts.map(\.name.text) {
                var series: [TrendCharts.Series] = []
                for name in TrendCharts.names {
                    series += try history.series(
                        fleet: chosen.fleet.name, host: host, name: name,
                        since: Date(timeIntervalSince1970: from), until: now
                    ).map { .init(name: $0.name, labels: $0.labels, points: $0.points) }
                }
                report.trends[host] = TrendCharts.charts(series, span: span)
            }
        } catch {
            report.notes.append("The past is not shown: \(error).")
        }
    }
}
