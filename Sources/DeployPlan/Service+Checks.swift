import Inventory

extension Service {
    /// The declared health checks as steps; one second up where none is declared.
    ///
    /// - Parameters:
    ///   - steady: the step that sees whether the service stays up for so many seconds.
    ///   - listens: the step that sees whether it is the service that has a port.
    func healthSteps(
        steady: (Int) -> Step, listens: (PortClaim, _ seconds: Int) -> Step
    ) -> [Step] {
        let checks = health.isEmpty ? [.steady(.seconds(1))] : health
        return checks.map { check in
            switch check {
            case .steady(let time): steady(Int(time.components.seconds))
            case .tcp(let port, let send, let expect, let within):
                .tcp(
                    port: port, send: send ?? "", expect: expect ?? "",
                    seconds: Int(within.components.seconds))
            case .command(let argv, let within):
                .command(argv, seconds: Int(within.components.seconds))
            case .listens(let claim, let within): listens(claim, Int(within.components.seconds))
            case .http(let port, let path, let status, let within):
                .http(
                    port: port, path: path, status: status,
                    seconds: Int(within.components.seconds))
            case .file(let path, let younger, let within):
                .file(
                    path: path, younger: Int(younger.components.seconds),
                    seconds: Int(within.components.seconds))
            }
        }
    }

    /// What measures the time in which nobody answers, where the service has a gate and is taken
    /// away from what it controls.
    func gapSteps(_ restart: RestartReason?) -> [Step] {
        guard gate != nil, let restart, restart != .notRunning, let port = ports.first?.number
        else { return [] }
        return [.gap(service: name.text, port: port)]
    }

    /// The same for a service that a unit keeps up.
    func healthSteps(unit: String) -> [Step] {
        healthSteps {
            .steadyUnit(unit, seconds: $0)
        } listens: {
            .listensUnit(unit, $0, seconds: $1)
        }
    }
}
