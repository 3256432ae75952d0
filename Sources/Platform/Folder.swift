import CPlatform

/// Names and links of the file system, for those who look around in /proc.
public enum Folder {
    /// Longest name that Linux has, and its end.
    private static var nameRoom: Int { 256 }

    /// The names in a folder but `.` and `..`; nil where it cannot be read. At most `limit`.
    public static func names(_ path: String, limit: Int) -> [String]? {
        guard let folder = cp_open_folder(path) else { return nil }
        defer { cp_close_folder(folder) }
        var names: [String] = []
        var name = [CChar](repeating: 0, count: nameRoom)
        while names.count < limit, cp_next_name(folder, &name, nameRoom) != 0 {
            let length = name.firstIndex(of: 0) ?? 0
            let text = String(
                decoding: name[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if text != ".", text != ".." { names.append(text) }
        }
        return names
    }

    /// Where a link leads; nil where it cannot be read, or is no link. At most 4096 bytes.
    public static func link(_ path: String) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = bytes.withUnsafeMutableBytes { cp_read_link(path, $0.baseAddress, 4096) }
        return count >= 0 ? Array(bytes[..<Int(count)]) : nil
    }

    /// The user that a file belongs to; nil where there is none.
    public static func owner(_ path: String) -> UInt32? {
        let owner = cp_owner(path)
        return owner >= 0 ? UInt32(exactly: owner) : nil
    }
}
