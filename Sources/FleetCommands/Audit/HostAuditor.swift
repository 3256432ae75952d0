import Audit
import Foundation
import Inventory
import RemoteOps

/// Why a host could not be audited.
enum AuditError: Error {
    case remote(RemoteError)
    case script(host: String, CommandResult)
    case answer(host: String, AuditParser.Failure)
    /// A unit of the inventory cannot be rendered.
    case units(String)

    var kind: RemoteError.Kind {
        if case .remote(let error) = self { error.kind } else { .failed }
    }

    var text: String {
        switch self {
        case .remote(let error): error.message
        case .script(let host, let result):
            "\(host): could not be looked at (\(result.status.text)): \(result.errorText)"
        case .answer(let host, .notAnAudit(let line)):
            "\(host): the answer begins with '\(line.printable)'. Does the login shell of the user"
                + " print something? It must be silent for commands."
        case .answer(let host, .cutOff): "\(host): the answer breaks off"
        case .units(let reason): reason
        }
    }
}

/// Looks at a host in one exec.
struct HostAuditor: Sendable {
    /// Old boards list their processes slowly.
    static let deadline = Duration.seconds(120)
    /// A host with 50,000 processes prints about 20 MB.
    static let outputLimit = 64 << 20

    let sources: UnitSources
    let connections: Connections
    let aspects: Set<Finding.Aspect>

    func findings(on host: Host, _ chosen: Selection) async throws(AuditError) -> [Finding] {
        // Every service of the host, chosen or not: what is left out would look like a stranger.
        let services = chosen.fleet.services(on: host.name)
        let subject = try subject(host, services)
        let facts = try await facts(host, subject)
        let findings = Auditor.findings(in: facts, of: subject, aspects: aspects)
        let names = Set(chosen.services(on: host.name).map(\.name.text))
        guard names.count < services.count else { return findings }
        // With --service only what is said of those services, or of no service at all, is wanted.
        let others = services.filter { !names.contains($0.name.text) }
        return findings.filter { finding in
            !others.contains { Self.isAbout($0, finding) }
        }
    }

    private static func isAbout(_ service: Service, _ finding: Finding) -> Bool {
        let claims = service.ports.map { "\($0.transport.rawValue)/\($0.number)" }
        return finding.subject == "\(service.name.text).service"
            || claims.contains(finding.subject)
    }

    private func subject(
        _ host: Host, _ services: [Service]
    ) throws(AuditError) -> AuditSubject {
        var subject = AuditSubject(host: host, services: services)
        guard host.initSystem == .systemd else { return subject }
        for service in services {
            do {
                subject.renderedUnits[service.name.text] = try sources.unit(of: service).text
            } catch {
                throw .units("\(host.name.text): \(unitErrorText(error))")
            }
        }
        return subject
    }

    private func facts(_ host: Host, _ subject: AuditSubject) async throws(AuditError) -> AuditFacts
    {
        let identity: RemoteCommand.Identity = host.privilege == .unprivileged ? .login : .root
        var options = RunOptions(deadline: Self.deadline)
        options.outputLimit = Self.outputLimit
        let result: CommandResult
        do throws(RemoteError) {
            let session = try await connections.host(host.name)
            result = try await session.run(
                .script([], as: identity),
                input: .bytes(RemoteScripts.input(RemoteScripts.audit, subject.paths)),
                options: options)
        } catch {
            throw .remote(error)
        }
        guard result.succeeded else { throw .script(host: host.name.text, result) }
        do throws(AuditParser.Failure) {
            return try AuditParser.parse(result.output)
        } catch {
            throw .answer(host: host.name.text, error)
        }
    }
}
