import Inventory
import InventoryFile

/// An inventory as it is begun: hosts and no services yet.
struct NewInventory: Equatable {
    /// A host with what was said of it.
    struct Entry: Equatable {
        var name: String
        var address: String
        var port = 22
        var user: String
        var via: String?
        var identity: String?
        /// A reference, such as `env:NAME`.
        var password: String?
        var sudo: String?
        var arch: String
        var initSystem: String
    }

    var fleet: String
    var hosts: [Entry]

    /// The file's text.
    var text: String {
        var lines = [
            "# Made by fleetctl init. Every key: Documentation/inventory.md;",
            "# `fleetctl inventory check` says what is wrong with it.",
            "version: 1", "fleet: \(Self.scalar(fleet))", "", "hosts:",
        ]
        for host in hosts {
            lines.append("  \(Self.scalar(host.name)):")
            func row(_ key: String, _ value: String?) {
                if let value { lines.append("    \(key): \(Self.scalar(value))") }
            }
            row("address", host.address)
            if host.port != 22 { lines.append("    port: \(host.port)") }
            row("via", host.via)
            row("user", host.user)
            row("identity", host.identity)
            row("password", host.password)
            row("sudo", host.sudo)
            row("arch", host.arch)
            if host.initSystem != "systemd" { row("init", host.initSystem) }
        }
        lines += [
            "", "# What runs on them, for example:", "#", "#   weather:", "#     host: pi",
            "#     artifact: ../weather", "#     executable: weather.py", "services: {}", "",
        ]
        return lines.joined(separator: "\n")
    }

    /// The fleet that the text describes, as fleetctl would load it from `path`.
    ///
    /// - Throws: every problem, with its place in the text.
    func fleet(path: String) throws(InventoryProblems) -> Fleet {
        try InventoryFile.load(Array(text.utf8), path: path)
    }

    /// A value as YAML takes it for text: in quotes unless every reader agrees that it is some.
    static func scalar(_ text: String) -> String {
        let isPlain =
            text.utf8.allSatisfy { byte in
                byte.isLetter || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || [UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "/")].contains(byte)
            } && text.utf8.first.map { $0.isLetter || $0 == UInt8(ascii: "/") } == true
        let words = ["yes", "no", "on", "off", "true", "false", "null", "y", "n"]
        if isPlain, !words.contains(text.lowercased()) { return text }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            default:
                // Control characters are refused by the inventory's own rules, visibly so.
                quoted +=
                    scalar.value < 0x20
                    ? "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
                    : String(scalar)
            }
        }
        return quoted + "\""
    }
}

extension UInt8 {
    fileprivate var isLetter: Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self)
            || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self)
    }
}
