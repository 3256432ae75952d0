import Inventory

extension Service {
    /// The declared health checks as steps; one second up where none is declared.
    func healthSteps(steady: (Int) -> Step) -> [Step] {
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
}
