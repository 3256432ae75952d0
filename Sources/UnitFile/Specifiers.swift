/// The `%` specifiers of a unit (systemd.unit(5), Specifiers), for units of the system manager.
public struct Specifiers: Sendable {
    /// What specifiers say of a host; nil is not known.
    public struct Host: Sendable, Equatable {
        /// `%H`.
        public var hostName: String?
        /// `%m`, 32 hexadecimal digits.
        public var machineID: String?
        /// `%b`, 32 hexadecimal digits.
        public var bootID: String?
        /// `%v`.
        public var kernelRelease: String?
        /// `%a`, such as `arm64`.
        public var architecture: String?
        /// `%o` `%w` `%B` `%M` `%A` `%W`: os-release's values, by its names.
        public var osRelease: [String: String]
        /// `%q`, the pretty name.
        public var prettyHostName: String?

        /// A host of which only this is known.
        public init(
            hostName: String? = nil, machineID: String? = nil, bootID: String? = nil,
            kernelRelease: String? = nil, architecture: String? = nil,
            osRelease: [String: String] = [:], prettyHostName: String? = nil
        ) {
            self.hostName = hostName
            self.machineID = machineID
            self.bootID = bootID
            self.kernelRelease = kernelRelease
            self.architecture = architecture
            self.osRelease = osRelease
            self.prettyHostName = prettyHostName
        }
    }

    /// A text with its specifiers expanded.
    public struct Expansion: Sendable, Equatable {
        /// The text; what could not be expanded stays as it was.
        public var text: String
        /// Specifiers that systemd knows and whose value is not known here.
        public var unresolved: [Character]
        /// Letters and digits behind a `%` that mean nothing: systemd does not take the setting,
        /// and does not load a unit with such a command. Other signs it keeps as they are.
        public var unknown: [Character]
    }

    private let name: UnitName
    private let fragment: String?
    private let host: Host

    /// The specifiers of a unit.
    ///
    /// - Parameter fragment: where the unit's file lies.
    public init(_ name: UnitName, fragment: String? = nil, host: Host = Host()) {
        self.name = name
        self.fragment = fragment
        self.host = host
    }

    /// The text with every specifier that is known expanded.
    public func expand(_ text: String) -> Expansion {
        var result = Expansion(text: "", unresolved: [], unknown: [])
        var rest = Substring(text).unicodeScalars
        while let scalar = rest.popFirst() {
            guard scalar == "%", let sign = rest.first else {
                result.text.unicodeScalars.append(scalar)
                continue
            }
            rest.removeFirst()
            if sign == "%" {
                result.text += "%"
            } else if !Self.signs.contains(sign) {
                result.text += "%\(sign)"
                let isAlphanumeric =
                    sign.isASCII && (sign.properties.isAlphabetic || ("0"..."9").contains(sign))
                if isAlphanumeric { result.unknown.append(Character(sign)) }
            } else if let value = value(of: sign) {
                result.text += value
            } else {
                result.text += "%\(sign)"
                result.unresolved.append(Character(sign))
            }
        }
        return result
    }

    /// Every sign with a meaning, as of systemd 252.
    private static let signs = Set("aAbBCdEfgGhHiIjJlLmMnNopPqsStTuUvVwWyY".unicodeScalars)

    private func value(of sign: Unicode.Scalar) -> String? {
        nameValue(of: sign) ?? placeValue(of: sign) ?? hostValue(of: sign)
    }

    private func nameValue(of sign: Unicode.Scalar) -> String? {
        let lastPart = String(
            Substring(name.prefix.utf8.split(separator: UInt8(ascii: "-")).last ?? "".utf8[...]))
        return switch sign {
        case "n": name.text
        case "N": name.stem
        case "p": name.prefix
        case "P": UnitName.unescaped(name.prefix)
        case "i": name.instance ?? ""
        case "I": UnitName.unescaped(name.instance ?? "")
        case "j": lastPart
        case "J": UnitName.unescaped(lastPart)
        case "f": path
        case "y": fragment
        case "Y": fragment.flatMap(Self.folder)
        default: nil
        }
    }

    /// `%f`: the instance, or the prefix where there is none, as an absolute path.
    private var path: String? {
        let part = name.instance.flatMap { $0.isEmpty ? nil : $0 } ?? name.prefix
        return UnitName.unescaped(part).map { $0.hasPrefix("/") ? $0 : "/\($0)" }
    }

    private static func folder(_ path: String) -> String? {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return nil }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// What is the same for every unit of a system manager, which runs as root.
    private func placeValue(of sign: Unicode.Scalar) -> String? {
        switch sign {
        case "C": "/var/cache"
        case "E": "/etc"
        case "L": "/var/log"
        case "S": "/var/lib"
        case "t": "/run"
        case "T": "/tmp"
        case "V": "/var/tmp"
        case "d": "/run/credentials/\(name.text)"
        case "g", "u": "root"
        case "G", "U": "0"
        case "h": "/root"
        default: nil
        }
    }

    private func hostValue(of sign: Unicode.Scalar) -> String? {
        switch sign {
        case "a": host.architecture
        case "b": host.bootID
        case "m": host.machineID
        case "v": host.kernelRelease
        case "H": host.hostName
        case "l": host.hostName.map { String($0.prefix { $0 != "." }) }
        case "q": host.prettyHostName ?? host.hostName
        case "o": host.osRelease["ID"]
        case "w": host.osRelease["VERSION_ID"]
        case "B": host.osRelease["BUILD_ID"]
        case "M": host.osRelease["IMAGE_ID"]
        case "A": host.osRelease["IMAGE_VERSION"]
        case "W": host.osRelease["VARIANT_ID"]
        default: nil
        }
    }
}
