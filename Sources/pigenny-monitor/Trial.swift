import ChargePolicy
import GeneratorWire
import InverterRegisters
import ModbusPort
import Platform

/// One look at the inverter or the server, for an operator at the terminal. Nothing is changed.
enum Trial {
    private static var attempts: Int { 2 }
    private static var patience: Duration { .seconds(20) }

    /// Reads the inverter once; true where it says how the battery is.
    static func inverter(_ options: Options) -> Bool {
        var reader = InverterReader(options.inverter)
        var registers = InputRegisters()
        for _ in 0..<attempts where registers.isEmpty {
            // A new one each time: it knows of no pause after the failure before.
            reader = InverterReader(options.inverter)
            registers = reader.read()
        }
        let place = options.inverter.path
        guard !registers.isEmpty else {
            Terminal.complain(place + ": " + (reader.problem ?? "no answer"))
            return false
        }
        let snapshot = InverterSnapshot(registers)
        Terminal.say(place + ": " + ReportLine.battery(snapshot))
        Terminal.say(place + ": " + ReportLine.alarms(snapshot))
        if let problem = reader.problem { Terminal.complain(place + ": " + problem) }
        return snapshot.stateOfChargePercent != nil
    }

    /// Asks the server for its STATUS; true where it answers.
    static func generator(_ options: Options) throws(PosixError) -> Bool {
        guard let endpoint = options.generator else {
            Terminal.complain("no generator server is named: give --generator-host")
            return false
        }
        let name = endpoint.host + ":\(endpoint.port)"
        var link = GeneratorLink(endpoint, options.charge.server)
        let deadline = SystemClock.sinceBoot() + patience
        var poll = PollSet()
        while SystemClock.sinceBoot() < deadline {
            for event in link.service(poll, at: SystemClock.sinceBoot()) {
                switch event {
                case .status(let status):
                    for entry in status.entries { Terminal.say(entry.key + ": " + entry.value) }
                    Terminal.say(name + ": the generator " + GeneratorView(status).activity.text)
                    return true
                case .lost(let reason):
                    Terminal.complain(name + ": " + reason)
                    return false
                case .startAnswered, .stopAnswered: break
                }
            }
            poll.removeAll()
            link.add(to: &poll)
            try poll.wait(.milliseconds(100))
        }
        Terminal.complain(name + ": no answer in time")
        return false
    }
}
