import DeployPlan
import Inventory
import RemoteOps

/// Hosts, services and facts for the tests: everything as it must be, to be spoilt by each test.
enum Sample {
    static let old = release("0")
    static let new = release("2")
    static let older = release("1")

    static func release(_ digit: Character) -> ReleaseID {
        guard let release = ReleaseID(String(repeating: digit, count: ReleaseID.length)) else {
            preconditionFailure("a digit makes a release's name")
        }
        return release
    }

    static func sha(_ text: String) -> String {
        let digits = text.utf8.reduce(UInt64(14_695_981_039_346_656_037)) {
            ($0 ^ UInt64($1)) &* 1_099_511_628_211
        }
        let word = String(digits, radix: 16)
        let padded = String(repeating: "0", count: 16 - word.count) + word
        return padded + padded + padded + padded
    }

    static func file(_ path: String, _ content: String, mode: Int = 0o644) -> ReleaseFile {
        ReleaseFile(path: path, mode: mode, size: content.utf8.count, sha256: sha(content))
    }

    static func installed(_ files: [ReleaseFile]) -> [InstalledFile] {
        files.map { InstalledFile(path: $0.path, sha256: $0.sha256, mode: $0.mode) }
    }

    static func host(_ initSystem: Host.InitSystem = .systemd) -> Host {
        guard let name = HostName("pi") else { preconditionFailure("pi is a host name") }
        return Host(
            name: name, address: "pi", user: "pi", architecture: .amd64, initSystem: initSystem)
    }

    static func service(
        _ name: String = "app", ports: [PortClaim] = [], replaces: [String] = [],
        health: [HealthCheck] = [], arguments: [String] = [],
        environment: [EnvironmentVariable] = [], afterExit: [String] = []
    ) -> Service {
        guard let name = ServiceName(name), let host = HostName("pi") else {
            preconditionFailure("these are names")
        }
        return Service(
            name: name, hosts: [host], source: .product("app"), executable: "app",
            arguments: arguments, environment: environment, ports: ports, replaces: replaces,
            health: health, afterExit: afterExit)
    }

    static func unitText(_ name: String = "app", _ more: String = "") -> String {
        "[Unit]\nDescription=\(name)\n\(more)[Service]\n"
            + "ExecStart=\(HostLayout.current(name))/app\n"
            + "[Install]\nWantedBy=multi-user.target\n"
    }

    /// A service with a unit; its release holds a program, its unit and a configuration file.
    static func desired(
        _ service: Service = Sample.service(), release: ReleaseID = new,
        program: String = "program",
        config: String = "a\n", unit: String? = nil
    ) -> DesiredService {
        let name = service.name.text
        let text = unit ?? unitText(name)
        return DesiredService(
            service: service, release: release,
            manifest: ReleaseManifest([
                file("app", program, mode: 0o755), file("config/app.conf", config),
                file("unit/\(name).service", text),
            ]),
            start: .unit(name: "\(name).service", text: text),
            configTexts: ["config/app.conf": config])
    }

    /// A service that is supervised.
    static func supervised(
        _ service: Service = Sample.service(), release: ReleaseID = new, program: String = "program"
    ) -> DesiredService {
        DesiredService(
            service: service, release: release,
            manifest: ReleaseManifest([
                file("app", program, mode: 0o755), file("supervise", "sh", mode: 0o755),
            ]),
            start: .supervisor)
    }

    /// Facts of a host on which everything is as it must be.
    static func facts(_ desired: [DesiredService], rcLocal: String? = nil) -> HostFacts {
        var facts = HostFacts()
        facts.userID = 0
        facts.tools = ["awk", "gzip", "sed", "sha256sum", "tar"]
        facts.diskFree = 1 << 30
        facts.isSystemd = true
        for service in desired {
            var found = ServiceFacts()
            found.current = service.release
            found.releases[service.release] = installed(service.manifest.files)
            for (path, text) in service.configTexts { found.configTexts[path] = fileText(text) }
            switch service.start {
            case .unit(_, let text):
                found.unitFile = fileText(text)
                found.unitProperties = [
                    "LoadState": "loaded", "ActiveState": "active", "UnitFileState": "enabled",
                    "NeedDaemonReload": "no", "MainPID": "100",
                ]
            case .supervisor:
                facts.isSystemd = false
                found.supervisor = "running supervisor=99 process=100 since=5 restarts=0"
            }
            found.process = process(service.name, service.release)
            facts.services[service.name] = found
        }
        facts.rcLocal = rcLocal.map { ExactFile(sha256: sha($0), bytes: Array($0.utf8)) }
        return facts
    }

    static func process(_ service: String, _ release: ReleaseID) -> ProcessFacts {
        let folder = "\(HostLayout.releases(service))/\(release)"
        return ProcessFacts(
            pid: 100, startTime: 7, executable: folder + "/app", workingDirectory: folder)
    }

    static func fileText(_ text: String) -> FileText {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        return FileText(sha256: sha(text), lines: lines)
    }

    static func listener(
        pid: Int?, cgroup: String, port: Int = 80, commandLine: String = "thing --serve"
    ) -> Listener {
        Listener(
            transport: "tcp", port: port, pid: pid, cgroup: cgroup, commandLine: commandLine)
    }
}
