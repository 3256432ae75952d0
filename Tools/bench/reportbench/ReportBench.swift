// Measures the report of a large fleet with a long history; see report-bench.

import Foundation
import HTMLReport

@main struct ReportBench {
    private struct Round {
        var trends, log, page: Double
        var bytes: Int
        var total: Double { trends + log + page }
    }

    static func main() {
        let numbers = CommandLine.arguments.dropFirst().map { Int($0) ?? 0 }
        let defaults = [1000, 5, 5]
        let chosen = defaults.indices.map { $0 < numbers.count ? numbers[$0] : defaults[$0] }
        guard chosen.allSatisfy({ (1...100_000).contains($0) }), numbers.count <= defaults.count
        else {
            FileHandle.standardError.write(
                Data("report-bench: [HOSTS [YEARS [ROUNDS]]], whole numbers from 1\n".utf8))
            exit(64)
        }
        let fleet = SimulatedFleet(hosts: chosen[0], years: chosen[1])
        let log = fleet.log()
        let rounds = (0..<chosen[2]).map { _ in measure(fleet, log) }
        show(fleet, log.count, rounds)
    }

    private static func measure(_ fleet: SimulatedFleet, _ log: [UInt8]) -> Round {
        let clock = ReportClock(TimeZone(secondsFromGMT: 3600) ?? .gmt)
        var report = FleetReport(fleet.health(), version: "bench")
        var trends = 0.0
        for index in 0..<fleet.hosts {
            // Making the history up is not measured.
            let history = fleet.history(index)
            trends += seconds {
                report.trends[SimulatedFleet.name(index)] = TrendCharts.charts(
                    history, span: fleet.span)
            }
        }
        let reading = seconds {
            var plant = PlantRecord(clock)
            plant.add("log.csv", log)
            report.plants = [Plant(name: "simulated", record: plant)]
        }
        var bytes = 0
        let page = seconds { bytes = report.html(clock).count }
        return Round(trends: trends, log: reading, page: page, bytes: bytes)
    }

    private static func seconds(_ body: () -> Void) -> Double {
        let duration = ContinuousClock().measure(body).components
        return Double(duration.seconds) + Double(duration.attoseconds) / 1e18
    }

    private static func show(_ fleet: SimulatedFleet, _ logBytes: Int, _ rounds: [Round]) {
        func row(_ name: String, _ value: (Round) -> Double) {
            let all = rounds.map(value).sorted()
            let text = { (number: Double) in String(format: "%.2f", number) }
            print(
                "| \(name) | \(text(all[all.count / 2])) s (\(text(all[0]))–\(text(all[all.count - 1]))) |"
            )
        }
        print(
            "\(fleet.hosts) hosts, \(fleet.years) years; n = \(rounds.count), medians (least–greatest)\n"
        )
        print("| | |\n|---|---:|")
        row("trends of the hosts' history") { $0.trends }
        row("the monitor's rows, \(logBytes >> 20) MiB of CSV") { $0.log }
        row("the page") { $0.page }
        row("all of it") { $0.total }
        print("| size | \(rounds[0].bytes >> 10) KiB |")
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        print("| most memory | \(usage.ru_maxrss >> 10) MiB |")
    }
}
