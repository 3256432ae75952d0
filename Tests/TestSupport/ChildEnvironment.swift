// What the children of tests inherit: this process's variables, but for two.

import Foundation
import Glibc

/// The environment in which every program of a test starts.
enum ChildEnvironment {
    /// Programs that Tools/prerequisites unpacked and did not install, as they start a server
    /// wherever they are installed.
    private static let unpacked: [String] = {
        let environment = ProcessInfo.processInfo.environment
        let home = environment["HOME", default: "/root"]
        let cache = environment["FLEET_CACHE"] ?? home + "/.cache/fleetctl"
        return ["mosquitto", "prometheus"].flatMap { package in
            ["bin", "sbin"].map { "\(cache)/debian/\(package)/usr/\($0)" }
        }
    }()

    /// A folder for what fleetctl keeps, so that no test writes into its user's own history. It goes
    /// with this process.
    private static let state: String = {
        let folder = NSTemporaryDirectory() + "fleet-test-state-\(getpid())"
        // Where the folder was never made there is nothing to remove.
        atexit { try? FileManager.default.removeItem(atPath: ChildEnvironment.state) }
        return folder
    }()

    /// All of it, with `more` counting first. Installed programs are found before unpacked ones.
    static func with(_ more: [String: String]) -> [String: String] {
        var all = ProcessInfo.processInfo.environment
        all["XDG_STATE_HOME"] = state
        let usual = all["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        all["PATH"] = ([usual, "/usr/sbin"] + unpacked).joined(separator: ":")
        return all.merging(more) { $1 }
    }

    /// Where a PATH has a program; its name where it is in none of the folders.
    static func located(_ program: String, path: String) -> String {
        if program.contains("/") { return program }
        let places = path.split(separator: ":").map { "\($0)/\(program)" }
        return places.first { access($0, X_OK) == 0 } ?? program
    }
}
