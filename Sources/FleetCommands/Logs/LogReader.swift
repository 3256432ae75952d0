import Inventory
import RemoteOps

/// One service's log on one host.
struct LogSource: Sendable, Equatable {
    var host: Host
    var service: ServiceName

    /// What labels its lines.
    var label: String { "\(host.name)/\(service)" }

    /// The logs of what was chosen, host by host.
    static func all(_ chosen: Selection) -> [LogSource] {
        chosen.hosts.flatMap { host in
            chosen.services(on: host.name).map { LogSource(host: host, service: $0.name) }
        }
    }

    /// A host with more than so many of these logs.
    static func crowded(_ sources: [LogSource], max: Int) -> HostName? {
        Dictionary(grouping: sources, by: \.host.name).first { $0.value.count > max }?.key
    }
}

/// What is wanted of every log.
struct LogRequest: Sendable, Equatable {
    /// Nil for all.
    var lines: Int?
    var follow: Bool
    /// As logs.sh takes it; empty for from the beginning.
    var since: String
    /// journalctl's word; empty for all.
    var priority: String
    var isJSON: Bool

    /// What shows a log on its host.
    func command(_ source: LogSource) -> RemoteCommand {
        return RemoteCommand.script(
            [
                source.host.initSystem.rawValue, source.service.text,
                lines.map(String.init) ?? "all",
                follow ? "yes" : "no", since, priority, isJSON ? "json" : "text",
            ], as: source.host.privilege == .unprivileged ? .login : .root)
    }
}

/// Reads logs: those of different hosts at once; those of one host at once where they are
/// followed, else one after the other.
struct LogReader: Sendable {
    /// Why a log could not be read.
    struct Failure: Sendable {
        var text: String
        var kind: RemoteError.Kind
    }

    let request: LogRequest
    let connections: Connections
    let printer: LogPrinter

    /// Reads them all and tells what failed.
    func run(_ sources: [LogSource], hosts: [Host], limit: Int) async -> [Failure] {
        // Followers never end: each host must have its turn at once.
        let atOnce = request.follow ? max(limit, hosts.count) : limit
        let outcomes = await connections.forEachHost(hosts, limit: atOnce) {
            (host) async throws(Never) -> [Failure] in
            await read(sources.filter { $0.host.name == host.name })
        }
        return outcomes.flatMap { outcome -> [Failure] in
            switch outcome.result {
            case .success(let failures): failures
            }
        }
    }

    private func read(_ sources: [LogSource]) async -> [Failure] {
        guard request.follow else {
            var failures: [Failure] = []
            for source in sources {
                if let failure = await read(source) { failures.append(failure) }
            }
            return failures
        }
        return await withTaskGroup(of: Failure?.self) { group in
            for source in sources { group.addTask { await read(source) } }
            var failures: [Failure] = []
            for await failure in group { if let failure { failures.append(failure) } }
            return failures
        }
    }

    private func read(_ source: LogSource) async -> Failure? {
        defer { printer.finish(source) }
        do throws(RemoteError) {
            let remote = try await connections.host(source.host.name)
            var options = RunOptions(
                deadline: request.follow ? LogsCommand.followMax : LogsCommand.deadline)
            options.outputLimit = LogsCommand.outputMax
            options.onOutput = { printer.write($1, of: $0, from: source) }
            let result = try await remote.run(
                request.command(source), input: input, options: options)
            guard !result.succeeded else { return nil }
            return Failure(text: "\(source.label): the log could not be read", kind: .failed)
        } catch {
            return Failure(text: error.message, kind: error.kind)
        }
    }

    /// The script; a follower's input stays open behind it, since the script ends with its input.
    private var input: ByteSource {
        guard request.follow else { return .bytes(RemoteScripts.logs) }
        let script = ByteSource.bytes(RemoteScripts.logs)
        return ByteSource {
            if let bytes = try await script.next() { return bytes }
            try await Task.sleep(for: LogsCommand.followMax)
            return nil
        }
    }
}
