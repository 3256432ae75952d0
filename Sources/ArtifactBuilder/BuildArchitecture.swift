/// A processor that the daemons are built for. The raw value is the word of the inventory and the
/// name of the SDK under `Tools/sdk/targets`.
public enum BuildArchitecture: String, Sendable, CaseIterable, Codable {
    /// 64-bit Raspberry Pi OS or Debian: linked to the host's glibc.
    case arm64
    /// 32-bit Debian with hardware floating point, ARMv7: linked to the host's glibc.
    case armhf
    /// ARMv5TE such as the Olimex board: static, with musl; runs on old kernels and userlands.
    case armv5
    /// This machine's own kind: Embedded Swift as well, without an SDK.
    case amd64

    /// Whether `Tools/sdk/make-sdk` makes an SDK for it.
    var needsSDK: Bool { self != .amd64 }

    /// Where Debian puts its shared libraries, relative to the root or the sysroot.
    var libraryFolders: [String] {
        switch self {
        case .arm64: ["usr/lib/aarch64-linux-gnu", "lib/aarch64-linux-gnu"]
        case .armhf: ["usr/lib/arm-linux-gnueabihf", "lib/arm-linux-gnueabihf"]
        case .armv5: []
        case .amd64: ["usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu"]
        }
    }

    /// What every host of this kind has: the C library and its loader, and libsystemd, which
    /// systemd itself stands on. Nothing where the binary is static.
    var hostLibraries: Set<String> {
        let common: Set<String> = ["libc.so.6", "libm.so.6", "libsystemd.so.0"]
        return switch self {
        case .arm64: common.union(["ld-linux-aarch64.so.1"])
        case .armhf: common.union(["ld-linux-armhf.so.3"])
        case .armv5: []
        case .amd64: common.union(["ld-linux-x86-64.so.2"])
        }
    }

    /// Libraries that a host may lack and that therefore travel beside the binary, which finds
    /// them through its `$ORIGIN` run path.
    static let carriedLibraries: Set<String> = ["libmodbus.so.5"]
}
