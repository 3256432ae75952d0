// plant-sim is the plant for a bench or a test: the inverter answers on a serial line, the engine
// hangs on the emulated relay board, and both are one simulated plant.

import ArgumentParser
import Foundation
import PlantSimulator
import Platform

@main struct PlantSim: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plant-sim",
        abstract: "Plays battery, inverter, house, sun and generator in simulated time.",
        discussion: """
            The inverter answers Modbus RTU on a pseudo-terminal, to which --line becomes a link. \
            As the real one it answers reads of input registers only, at most 40 and never across \
            a multiple of 40, and loses the first request after the line was opened. With --board \
            the relays of an emulated MOD-IO move the engine, and its inputs show what the engine \
            does.

            It says 'ready PATH' once the line is there, and then obeys lines on standard input. \
            Each is answered by one line: 'ok', 'error: …' or what 'status' shows.

              fault NAME [VALUE]   clear              soc PERCENT      time HH:MM
              load W | load auto   sun W | sun auto   fuel LITRES      speed FACTOR
              relays HEX (without --board)            unplug           plug PATH
              status                                  quit

            Faults: bogus-soc PERCENT, frozen, no-answer, exception CODE, will-not-catch, \
            stall SECONDS, fuel-out. They add up; 'clear' mends all but an empty tank.
            """)

    @Option(help: "Path that becomes the link to the inverter's line.")
    var line: String

    @Option(help: "State file of the emulated I2C bus; 'Tests/Lab/lab i2c olimex' prints its path.")
    var board: String?

    @Option(help: "Simulated seconds in a second, 0 to 3600.")
    var speed = 1.0

    @Option(help: "State of charge at the beginning, in percent.")
    var soc = 60.0

    @Option(help: "Capacity of the battery, in Ah.")
    var capacity = 400.0

    @Option(help: "Load in W; without it the house follows the clock.")
    var load: Double?

    @Option(help: "Power of the sun in W; without it the sky follows clock and season.")
    var sun: Double?

    @Option(help: "Time of day at the beginning.")
    var time = TimeOfDay(second: 20 * 3600)

    @Option(help: "Day of the year, 0 to 364.")
    var day = 361

    @Option(help: "Litres in the tank; without it nobody has to think of fuel.")
    var fuel: Double?

    @Option(help: "Seed of weather and people; without it all days are alike.")
    var seed: UInt64?

    @Option(help: "Recording whose rows the inverter answers with; data_*.csv of a logger.")
    var play: String?

    @Option(help: "Fault at the beginning, such as 'bogus-soc 3'; may be given more than once.")
    var fault: [FaultText] = []

    func validate() throws {
        func check(_ isRight: Bool, _ text: String) throws {
            if !isRight { throw ValidationError(text) }
        }
        try check(Bench.speeds.contains(speed), "--speed takes 0 to 3600")
        try check((0...100).contains(soc), "--soc takes 0 to 100")
        try check((1...100_000).contains(capacity), "--capacity takes 1 to 100000")
        try check((0...364).contains(day), "--day takes 0 to 364")
        for (name, value) in [("load", load), ("sun", sun)] {
            try check((0...30_000).contains(value ?? 0), "--\(name) takes 0 to 30000")
        }
        try check((0...10_000).contains(fuel ?? 0), "--fuel takes 0 to 10000")
    }

    func run() throws {
        do {
            var bench = try Bench(
                plant: try plant(), line: InverterLine(path: line),
                board: try board.map(BoardFile.init(path:)), speed: speed)
            try bench.run()
        } catch let error as PosixError {
            Terminal.complain("plant-sim: " + error.text)
            throw ExitCode.failure
        }
    }

    private func plant() throws -> Plant {
        var setup = PlantSetup()
        setup.stateOfChargePercent = soc
        setup.capacityAmpereHours = capacity
        setup.secondOfDay = time.second
        setup.dayOfYear = day
        setup.engine.fuelLitres = fuel
        var plant = Plant(setup)
        if let seed {
            var generator = Seed(value: seed)
            plant = Plant(setup, using: &generator)
        }
        plant.fixedLoadWatts = load
        plant.fixedSunWatts = sun
        if let play {
            let text = try String(contentsOfFile: play, encoding: .utf8)
            do {
                plant.recording = try RecordedPlant(csv: text)
            } catch {
                throw ValidationError("\(play): \(error)")
            }
        }
        for fault in fault { plant.inject(fault.fault) }
        return plant
    }
}

/// The plant draws its own numbers from one.
private struct Seed: RandomNumberGenerator {
    let value: UInt64
    mutating func next() -> UInt64 { value }
}

/// `20:30`.
struct TimeOfDay: ExpressibleByArgument, CustomStringConvertible {
    let second: Double

    init(second: Double) { self.second = second }

    init?(argument: String) {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let hour = UInt8(parts[0]), hour < 24,
            let minute = UInt8(parts[1]), minute < 60
        else { return nil }
        second = Double(hour) * 3600 + Double(minute) * 60
    }

    var description: String {
        let minutes = Int(second) / 60
        let pair = [minutes / 60, minutes % 60].map { ($0 < 10 ? "0" : "") + String($0) }
        return pair.joined(separator: ":")
    }

    var defaultValueDescription: String { description }
}

/// `bogus-soc 3`.
struct FaultText: ExpressibleByArgument {
    let fault: PlantFault

    init?(argument: String) {
        guard let fault = PlantFault(argument) else { return nil }
        self.fault = fault
    }
}
