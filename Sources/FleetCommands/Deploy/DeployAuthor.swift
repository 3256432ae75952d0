import DeployPlan
import Foundation

/// Who deploys, from where and from which commit, for the host's log and the history.
struct DeployAuthor: Sendable {
    var user: String
    var machine: String
    var commit: String?
    /// What they do, for the host's log.
    var action = Action.deploy

    /// A verb that changes hosts.
    enum Action: String, Encodable {
        case deploy, rollback
        case unitsInstall = "units install"
        case auditFix = "audit fix"
    }

    /// The user of this process, and the commit of the folder's git checkout where there is one.
    static func current(folder: String) async -> DeployAuthor {
        DeployAuthor(
            user: NSUserName(), machine: ProcessInfo.processInfo.hostName,
            commit: await GitCommit.describe(folder: folder))
    }

    /// The owner that the host's lock names; one line.
    var owner: String { "\(user)@\(machine)".printable.replacing("\n", with: " ") }

    /// Members of the JSON object that the host appends to its audit log; one line.
    ///
    /// - Parameter forced: why the services are restarted although a gate is closed.
    func record(fleet: String, plan: HostPlan, forced: String? = nil) -> String {
        struct Record: Encodable {
            var action: Action
            var fleet: String
            var host: String
            var owner: String
            var commit: String?
            var client: String
            var services: [Change]
            var forced: String?
        }
        struct Change: Encodable {
            var service: String
            var from: String?
            var to: String
            var restart: String?
        }
        let record = Record(
            action: action, fleet: fleet, host: plan.host.text, owner: owner, commit: commit,
            client: Version.text,
            services: plan.services.filter { !$0.isEmpty }.map {
                Change(
                    service: $0.service, from: $0.from?.text, to: $0.to.text,
                    restart: $0.restart?.rawValue)
            }, forced: forced)
        return Self.members(of: record)
    }

    /// Members of the JSON object that the host keeps beside a release: who sent it, from where.
    func about(fleet: String) -> String {
        struct About: Encodable {
            var fleet: String
            var owner: String
            var commit: String?
            var client: String
        }
        return Self.members(
            of: About(fleet: fleet, owner: owner, commit: commit, client: Version.text))
    }

    /// The members of a value's JSON object on one line, as the host's audit log takes them.
    static func members(of record: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            let text = String(decoding: try encoder.encode(record), as: UTF8.self)
            return String(text.dropFirst().dropLast())
        } catch {
            preconditionFailure("strings and lists always encode: \(error)")
        }
    }
}
