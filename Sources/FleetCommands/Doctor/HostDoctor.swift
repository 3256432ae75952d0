import Foundation
import Inventory
import RemoteOps

/// Looks at one host: the way there, its key, the login, root, its clock.
struct HostDoctor: Sendable {
    let connections: Connections

    func findings(_ host: Host) async -> [DoctorFinding] {
        let name = host.name.text
        do throws(RemoteError) {
            let session = try await connections.host(host.name)
            var findings = [DoctorFinding.ok("host", name, "reached, key known, logged in")]
            let asked = Date()
            let said = try await session.run(ClockChecks.command)
            findings.append(
                ClockChecks.finding(
                    name, String(decoding: said.output, as: UTF8.self), asked: asked,
                    answered: Date()))
            findings.append(await root(host, session))
            return findings
        } catch {
            return [Self.finding(error, name)]
        }
    }

    private func root(_ host: Host, _ session: any RemoteHost) async -> DoctorFinding {
        let name = host.name.text
        guard host.privilege != .unprivileged else {
            return .ok("root", name, "the inventory says `sudo: none`: never asked for")
        }
        do throws(RemoteError) {
            let result = try await session.run(RemoteCommand(["id", "-u"], as: .root))
            guard result.succeeded, result.output == Array("0\n".utf8) else {
                return .wrong(
                    "root", name, "`id -u` as root did not say 0",
                    fix: "see `sudo` of this host in the inventory, and sudoers there")
            }
            return .ok("root", name, "can be had")
        } catch {
            return Self.finding(error, name, check: "root")
        }
    }

    /// A failure as the doctor tells it; what it is about decides the check's name.
    static func finding(
        _ error: RemoteError, _ name: String, check: String? = nil
    ) -> DoctorFinding {
        let kind =
            switch error.code {
            case .hostKeyUnknown, .hostKeyChanged: "host-key"
            case .authenticationRefused, .secretUnavailable: "login"
            case .sudoRefused: "root"
            case .addressUnknown, .unreachable, .connectTimedOut, .notSSH, .noCommonAlgorithm,
                .channelRefused, .connectionLost, .silent, .commandTimedOut, .outputLimit,
                .inputFailed, .cancelled, .badSetting:
                "host"
            }
        return .wrong(
            check ?? kind, name,
            error.summary + (error.detail.isEmpty ? "" : " (\(error.detail))"), fix: error.advice)
    }
}
