// Every setting by its name: the same name is an option and a key of the configuration file.

import ChargePolicy
import ModbusPort
import Platform

extension Options {
    /// The names, for the command line, the configuration file and its suggestions.
    static var names: [String] {
        [
            "inverter-port", "inverter-baud", "inverter-slave", "generator-host",
            "generator-port", "poll", "health-interval", "log-dir", "log-interval",
            "manual-folder", "state-file", "status-file", "stop-on-exit", "verbose",
            "soc-start", "soc-stop", "voltage-start", "voltage-stop", "start-hold", "stop-hold",
            "run-min", "run-max", "blind-run-max", "rest", "pause-after-stop", "failures-max",
            "failure-wait", "quiet-hours", "quiet-soc-start", "exercise-every", "exercise-run",
            "exercise-hours", "service-every", "service-done-at", "reading-age-max",
            "frozen-after", "jump-settle", "low-soc-voltage-max", "start-max", "stop-max",
            "stop-retry", "no-charge-after", "lease",
        ]
    }

    /// Sets one; nil where that is done, or what it should have been.
    mutating func set(_ name: String, _ text: String) -> String? {
        var value = SettingValue(text)
        setPlaces(name, &value)
        setBattery(name, &value)
        setTimes(name, &value)
        setWatch(name, &value)
        return value.problem
    }

    private mutating func setPlaces(_ name: String, _ value: inout SettingValue) {
        switch name {
        case "inverter-port": if let path = value.path() { inverter.path = path }
        case "inverter-baud":
            if let baud = value.whole(1_200...115_200) { inverter.baud = Int32(baud) }
        case "inverter-slave":
            if let slave = value.whole(1...247) { inverter.slave = Int32(slave) }
        case "generator-host": generatorHost = value.text
        case "generator-port":
            if let port = value.whole(1...65_535) { generatorPort = UInt16(port) }
        case "poll": if let time = value.pause(upTo: 3_600) { poll = time }
        case "health-interval":
            if let time = value.seconds(1...86_400) { healthInterval = time }
        case "log-dir": if let path = value.path() { logFolder = path }
        case "log-interval": if let time = value.seconds(1...86_400) { logInterval = time }
        case "manual-folder": if let path = value.path() { manualFolder = path }
        case "state-file": if let path = value.path() { statePath = path }
        case "status-file": if let path = value.path() { statusPath = path }
        case "stop-on-exit":
            if let stops = value.yesNo() { atExit = stops ? .stop : .leaveRunning }
        case "verbose": if let says = value.yesNo() { saysEachRound = says }
        default: break
        }
    }

    private mutating func setBattery(_ name: String, _ value: inout SettingValue) {
        switch name {
        case "soc-start": if let soc = value.whole(1...99) { charge.socStart = soc }
        case "soc-stop": if let soc = value.whole(2...100) { charge.socStop = soc }
        case "voltage-start":
            if value.isOff {
                charge.voltageStartMillivolts = nil
            } else if let volts = value.millivolts() {
                charge.voltageStartMillivolts = volts
            }
        case "voltage-stop":
            if value.isOff {
                charge.voltageStopMillivolts = nil
            } else if let volts = value.millivolts() {
                charge.voltageStopMillivolts = volts
            }
        case "quiet-hours":
            if value.isOff {
                charge.quietHours = nil
            } else if let hours = value.window() {
                charge.quietHours = hours
            }
        case "quiet-soc-start": if let soc = value.whole(0...99) { charge.quietSocStart = soc }
        case "exercise-every":
            if value.isOff {
                charge.exerciseEvery = nil
            } else if let time = value.days(upTo: 365) {
                charge.exerciseEvery = time
            }
        case "exercise-hours":
            if value.isOff {
                charge.exerciseHours = nil
            } else if let hours = value.window() {
                charge.exerciseHours = hours
            }
        default: break
        }
    }

    private mutating func setTimes(_ name: String, _ value: inout SettingValue) {
        switch name {
        case "start-hold": if let time = value.seconds(0...3_600) { charge.startHold = time }
        case "stop-hold": if let time = value.seconds(0...3_600) { charge.stopHold = time }
        case "run-min": if let time = value.seconds(0...14_400) { charge.runMin = time }
        case "run-max": if let time = value.seconds(1...86_400) { charge.runMax = time }
        case "blind-run-max": if let time = value.seconds(0...86_400) { charge.blindRunMax = time }
        case "rest": if let time = value.seconds(0...86_400) { charge.rest = time }
        case "pause-after-stop":
            if let time = value.seconds(0...86_400) { charge.pauseAfterStop = time }
        case "failures-max": if let count = value.whole(1...10) { charge.failuresMax = count }
        case "failure-wait": if let time = value.seconds(1...86_400) { charge.failureWait = time }
        case "exercise-run": if let time = value.seconds(1...14_400) { charge.exerciseRun = time }
        default: break
        }
    }

    private mutating func setWatch(_ name: String, _ value: inout SettingValue) {
        switch name {
        case "service-every":
            if value.isOff {
                charge.serviceEveryHours = nil
            } else if let hours = value.whole(1...10_000) {
                charge.serviceEveryHours = hours
            }
        case "service-done-at":
            if let hours = value.whole(0...1_000_000) { charge.serviceDoneAtHours = hours }
        case "reading-age-max":
            if let time = value.seconds(1...3_600) { charge.battery.ageMax = time }
        case "frozen-after":
            if let time = value.seconds(10...86_400) { charge.battery.frozenAfter = time }
        case "jump-settle":
            if let time = value.seconds(1...86_400) { charge.battery.jumpSettle = time }
        case "low-soc-voltage-max":
            if let volts = value.millivolts() { charge.battery.lowSocMillivoltsMax = volts }
        case "start-max": if let time = value.seconds(1...900) { charge.server.startMax = time }
        case "stop-max": if let time = value.seconds(1...900) { charge.server.stopMax = time }
        case "stop-retry": if let time = value.seconds(1...900) { charge.server.stopRetry = time }
        case "no-charge-after":
            if let time = value.seconds(1...86_400) { charge.server.noChargeAfter = time }
        case "lease": if let time = value.seconds(10...3_600) { charge.server.lease = time }
        default: break
        }
    }
}
