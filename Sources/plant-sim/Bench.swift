import Foundation
import GeneratorCore
import PlantSimulator
import Platform

/// The plant between its line, its board and whoever types: one loop, one thread.
struct Bench {
    static let speeds = 0.0...3600
    /// Between two looks at the board.
    private static let tick: Duration = .milliseconds(10)
    /// Simulated time in one step of the plant.
    private static let stepSecondsMax = 60.0
    /// Bytes of a line that nobody ends.
    private static let lineLimit = 256

    private var plant: Plant
    /// The inverter's line; nil where it is unplugged.
    private var line: InverterLine?
    private let board: BoardFile?
    private var speed: Double
    private var relays: RelaySet = []
    private var typed: [UInt8] = []
    private var isListening = true
    private var isOver = false

    init(plant: Plant, line: InverterLine, board: BoardFile?, speed: Double) {
        self.plant = plant
        self.line = line
        self.board = board
        self.speed = speed
    }

    /// Goes round until a signal or `quit`.
    mutating func run() throws {
        let signals = try Signals()
        defer { line?.unlink() }
        Terminal.say("ready \(line?.path ?? "")")
        var before = SystemClock.monotonic()
        while !isOver {
            let now = SystemClock.monotonic()
            try advance(by: (now - before) / .seconds(1) * speed)
            before = now
            line?.serve(plant)
            wait(signals.descriptor.number)
            if signals.next() != nil { isOver = true }
        }
    }

    private mutating func advance(by seconds: Double) throws {
        if let board { relays = try board.relays() }
        var left = seconds
        repeat {
            let step = min(left, Self.stepSecondsMax)
            plant.advance(seconds: step, relays: relays)
            left -= step
        } while left > 0
        try board?.setInputs(plant.inputs)
    }

    /// Until a request, a typed line, a signal, or the next look at the board.
    private mutating func wait(_ signals: Int32) {
        var entries = [
            pollfd(fd: signals, events: Int16(POLLIN), revents: 0),
            pollfd(fd: isListening ? STDIN_FILENO : -1, events: Int16(POLLIN), revents: 0),
            // A line that nobody has open is "ready" all the time.
            pollfd(
                fd: line.flatMap { $0.isOpen ? $0.descriptor : nil } ?? -1,
                events: Int16(POLLIN), revents: 0),
        ]
        poll(&entries, 3, Self.tick.wholeMilliseconds)
        if entries[1].revents != 0 { listen() }
    }

    private mutating func listen() {
        var buffer = [UInt8](repeating: 0, count: Self.lineLimit)
        let count = read(STDIN_FILENO, &buffer, buffer.count)
        guard count > 0 else {
            isListening = count < 0 && errno == EINTR
            return
        }
        for byte in buffer[..<count] {
            if byte != UInt8(ascii: "\n") {
                if typed.count < Self.lineLimit { typed.append(byte) }
                continue
            }
            let text = String(decoding: typed, as: UTF8.self)
            typed = []
            Terminal.say(obey(text))
        }
    }
}

// MARK: What is typed

extension Bench {
    /// Obeys a line and answers in one.
    mutating func obey(_ text: String) -> String {
        let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        guard let verb = words.first else { return "error: nothing said" }
        let rest = words.dropFirst().joined(separator: " ")
        let isDone =
            switch verb {
            case "fault": inject(rest)
            case "clear": clear(rest)
            case "soc": set(rest, in: 0...100) { $0.stateOfChargePercent = $1 }
            case "load": rest == "auto" ? auto(\.fixedLoadWatts) : fix(rest, \.fixedLoadWatts)
            case "sun": rest == "auto" ? auto(\.fixedSunWatts) : fix(rest, \.fixedSunWatts)
            case "fuel": set(rest, in: 0...10_000) { $0.fuelLitres = $1 }
            case "time": setTime(rest)
            case "speed": setSpeed(rest)
            case "relays": setRelays(rest)
            case "unplug": unplug(rest)
            case "plug": plug(rest)
            case "quit": quit(rest)
            default: false
            }
        if verb == "status", rest.isEmpty { return status }
        return isDone ? "ok" : "error: cannot do '\(text)'; see plant-sim --help"
    }

    private mutating func inject(_ text: String) -> Bool {
        guard let fault = PlantFault(text) else { return false }
        plant.inject(fault)
        return true
    }

    private mutating func clear(_ rest: String) -> Bool {
        guard rest.isEmpty else { return false }
        plant.clearFaults()
        return true
    }

    /// Takes the line away, as if the adapter were pulled out.
    private mutating func unplug(_ rest: String) -> Bool {
        guard rest.isEmpty, let line else { return false }
        line.unlink()
        self.line = nil
        return true
    }

    /// Another line, at this path, in place of the one before.
    private mutating func plug(_ path: String) -> Bool {
        line?.unlink()
        line = nil
        do throws(PosixError) {
            line = try InverterLine(path: path)
            return true
        } catch {
            Terminal.complain(error.text)
            return false
        }
    }

    private mutating func quit(_ rest: String) -> Bool {
        isOver = rest.isEmpty
        return isOver
    }

    private mutating func set(
        _ text: String, in range: ClosedRange<Double>, _ apply: (inout Plant, Double) -> Void
    ) -> Bool {
        guard let value = Double(text), range.contains(value) else { return false }
        apply(&plant, value)
        return true
    }

    private mutating func fix(_ text: String, _ path: WritableKeyPath<Plant, Double?>) -> Bool {
        set(text, in: 0...30_000) { $0[keyPath: path] = $1 }
    }

    private mutating func auto(_ path: WritableKeyPath<Plant, Double?>) -> Bool {
        plant[keyPath: path] = nil
        return true
    }

    private mutating func setTime(_ text: String) -> Bool {
        guard let time = TimeOfDay(argument: text) else { return false }
        plant.secondOfDay = time.second
        return true
    }

    private mutating func setSpeed(_ text: String) -> Bool {
        guard let value = Double(text), Self.speeds.contains(value) else { return false }
        speed = value
        return true
    }

    private mutating func setRelays(_ text: String) -> Bool {
        guard board == nil, let bits = UInt8(text, radix: 16), bits <= 0x0F else { return false }
        relays = RelaySet(rawValue: bits)
        return true
    }

    private var status: String {
        let faults = plant.faults.map { $0.text.replacing(" ", with: "=") }
        let fuel = plant.fuelLitres.map { Self.tenths($0) } ?? "any"
        return [
            "soc=" + Self.tenths(plant.stateOfChargePercent),
            "volts=" + Self.tenths(plant.batteryVolts),
            "amperes=" + Self.tenths(plant.batteryAmperes),
            "charger=" + Self.tenths(plant.chargerAmperes),
            "load=\(Int(plant.loadWatts))", "sun=\(Int(plant.sunWatts))",
            "relays=0\(String(relays.rawValue, radix: 16, uppercase: true))",
            "inputs=\(plant.inputs.rawValue)",
            "engine=" + (plant.isEngineRunning ? "running" : "standing"),
            "starts=\(plant.engine.starts)", "fuel=" + fuel,
            "time=\(TimeOfDay(second: plant.secondOfDay))", "speed=\(speed)",
            "requests=\(line?.requests ?? 0)", "refused=\(line?.refused ?? 0)",
            "lost=\(line?.lost ?? 0)",
            "faults=" + (faults.isEmpty ? "none" : faults.joined(separator: ",")),
        ].joined(separator: " ")
    }

    private static func tenths(_ value: Double) -> String {
        String((value * 10).rounded() / 10)
    }
}
