import Inventory
import RemoteOps

/// What a host is, as it says itself.
struct HostKind: Equatable {
    var architecture: Inventory.Host.Architecture
    var initSystem: Inventory.Host.InitSystem

    /// Asks for the processor, what PID 1 is, and whether the C library is one for a floating-point
    /// unit: a 32-bit ARM kernel's name alone does not tell.
    static let command = RemoteCommand([
        "sh", "-c",
        "uname -m; if [ -d /run/systemd/system ]; then echo systemd; else echo other; fi; "
            + "for f in /lib/ld-linux-armhf.so.*; do [ -e \"$f\" ] && echo armhf; done; :",
    ])

    /// What a host's answer says; nil where it is none of those that fleetctl knows.
    init?(_ said: String) {
        let lines = said.split(separator: "\n").map(String.init)
        guard lines.count >= 2 else { return nil }
        switch lines[0] {
        case "x86_64": architecture = .amd64
        case "aarch64": architecture = .arm64
        case let arm where arm.hasPrefix("armv7") || arm.hasPrefix("armv6"):
            architecture = lines.contains("armhf") ? .armhf : .armv5
        case let arm where arm.hasPrefix("armv5"): architecture = .armv5
        default: return nil
        }
        initSystem = lines[1] == "systemd" ? .systemd : .rcLocal
    }
}
