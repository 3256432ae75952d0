/// Reads numbers that a service wrote to a file in Prometheus' text format, version 0.0.4: lines
/// `name{label="value",…} number [time]`. What is no such line is passed over; comments, times and
/// numbers that are not finite too.
struct PrometheusReader {
    /// Most numbers of one file.
    static let samplesMax = 200
    private static let labelsMax = 8
    private static let nameMax = 80

    private var bytes: ArraySlice<UInt8>

    private init(_ line: ArraySlice<UInt8>) { bytes = line }

    /// The numbers of a file, each under its name.
    static func samples(in lines: [ArraySlice<UInt8>]) -> [MetricSample] {
        var found: [MetricSample] = []
        for line in lines {
            guard found.count < samplesMax else { break }
            var reader = PrometheusReader(line)
            if let sample = reader.sample() { found.append(sample) }
        }
        return found
    }

    private mutating func sample() -> MetricSample? {
        guard let name = name(), let labels = labels() else { return nil }
        skipBlanks()
        let number = bytes.prefix { $0 != 0x20 && $0 != 0x09 }
        guard number.count <= 32, number.allSatisfy(Self.isNumber),
            let value = Double(String(decoding: number, as: UTF8.self)), value.isFinite
        else { return nil }
        return MetricSample(name, value, labels: labels)
    }

    /// Digits, signs, a point and an exponent: neither NaN nor hexadecimal numbers.
    private static func isNumber(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains(byte)
    }

    private mutating func name() -> String? {
        let name = bytes.prefix { isLetter($0) || (0x30...0x39).contains($0) }
        guard let first = name.first, isLetter(first), name.count <= Self.nameMax else {
            return nil
        }
        bytes = bytes.dropFirst(name.count)
        return String(decoding: name, as: UTF8.self)
    }

    private func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
    }

    /// None where there are no braces; nil where they are not as they should be.
    private mutating func labels() -> [String: String]? {
        guard bytes.first == 0x7B else { return [:] }
        bytes.removeFirst()
        var labels: [String: String] = [:]
        while labels.count <= Self.labelsMax {
            skipBlanks()
            if take(0x7D) { return labels }
            guard let name = name(), take(0x3D), take(0x22), let value = value() else { return nil }
            guard labels.updateValue(value, forKey: name) == nil else { return nil }
            guard take(0x2C) || bytes.first == 0x7D else { return nil }
        }
        return nil
    }

    /// Up to the closing quote, which is taken too.
    private mutating func value() -> String? {
        var value: [UInt8] = []
        while let byte = bytes.popFirst() {
            switch byte {
            case 0x22: return HostText.clean(value)
            case 0x5C:
                guard let escaped = bytes.popFirst() else { return nil }
                value.append(escaped == 0x6E ? 0x0A : escaped)
            default: value.append(byte)
            }
        }
        return nil
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard bytes.first == byte else { return false }
        bytes.removeFirst()
        return true
    }

    private mutating func skipBlanks() {
        bytes = bytes.drop { $0 == 0x20 || $0 == 0x09 }
    }
}
