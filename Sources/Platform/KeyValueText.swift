/// Lines of `key=value`, as the small files of the daemons have them. A list and not a dictionary:
/// hashing texts costs the old board more memory than all of these files.
public struct KeyValueText {
    private var pairs: [(key: String, value: String)] = []

    /// Reads the lines; what is no such line is skipped.
    public init(_ bytes: [UInt8], separator: UInt8 = 0x3D) {
        for line in bytes.split(separator: 0x0A) {
            let parts = line.split(separator: separator, maxSplits: 1)
            guard parts.count == 2 else { continue }
            let value = parts[1].drop { $0 == 0x20 }
            pairs.append(
                (String(decoding: parts[0], as: UTF8.self), String(decoding: value, as: UTF8.self)))
        }
    }

    /// The value of a key; nil where there is none.
    public subscript(_ key: String) -> String? { pairs.first { $0.key == key }?.value }

    /// The whole number that a value begins with; nil where there is none, or where it is not in
    /// the range.
    public func number(_ key: String, in range: ClosedRange<Int64>) -> Int64? {
        guard let text = self[key],
            let number = Int64(
                String(decoding: text.utf8.prefix { (0x30...0x39).contains($0) }, as: UTF8.self)),
            range.contains(number)
        else { return nil }
        return number
    }
}
