/// What `csv.sh` sent of a host's CSV files.
public struct CSVAnswer: Sendable, Equatable {
    /// One file, or the end of it.
    public struct File: Sendable, Equatable {
        /// Its name in its folder.
        public var name: String
        /// Its lines.
        public var bytes: [UInt8] = []
        /// Whether lines behind the header are missing.
        public var isCut = false

        /// A file from its parts.
        public init(name: String, bytes: [UInt8] = [], isCut: Bool = false) {
            self.name = name
            self.bytes = bytes
            self.isCut = isCut
        }
    }

    /// One folder.
    public struct Folder: Sendable, Equatable {
        /// Its files, the newest first.
        public var files: [File] = []
        /// How many older files of the days asked for were left out.
        public var left = 0
        /// What could not be read, and why, each as a sentence; bounded.
        public var unread: [String] = []

        /// A folder of which nothing is known yet.
        public init() {}
    }

    /// By the folders' paths.
    public var folders: [String: Folder] = [:]

    /// An empty answer.
    public init() {}
}

/// Reads the records of `csv.sh`. The host is not trusted: what makes no sense is left out, and of
/// files and complaints no more are taken than were asked for.
public struct CSVAnswerParser {
    /// Why the answer cannot be used.
    public enum Failure: Error, Sendable, Equatable {
        /// It does not begin as such an answer does; its first line.
        case notFiles(String)
        /// It breaks off: the last record is missing.
        case cutOff
    }

    /// How the records are sent.
    public enum Encoding: String, Sendable, Equatable { case gzip, plain }

    /// Most complaints that are kept of a folder.
    public static let unreadMax = 20
    private static let lineEnd = UInt8(ascii: "\n")

    private let wanted: Set<String>
    private let filesMax: Int
    private var answer = CSVAnswer()
    private var folder: String?
    private var isCut = false
    private var isInFile = false
    private var isEnded = false

    /// How the records behind the first line are encoded, and where they begin.
    public static func head(
        _ output: [UInt8]
    ) throws(Failure) -> (encoding: Encoding, records: ArraySlice<UInt8>) {
        let first = output.prefix(200).prefix { $0 != lineEnd }
        let line = String(decoding: first, as: UTF8.self)
        let words = line.split(separator: "\t", omittingEmptySubsequences: false)
        guard words.count == 3, words[0] == "fleet-csv", words[1] == "1",
            let encoding = Encoding(rawValue: String(words[2])), first.endIndex < output.endIndex
        else { throw .notFiles(line) }
        return (encoding, output[(first.endIndex + 1)...])
    }

    /// The answer in expanded records.
    ///
    /// - Parameters:
    ///   - folders: those that were asked for; others are left out.
    ///   - filesMax: most files of a folder.
    public static func parse(
        _ records: ArraySlice<UInt8>, folders: Set<String>, filesMax: Int
    ) throws(Failure) -> CSVAnswer {
        var parser = CSVAnswerParser(wanted: folders, filesMax: filesMax)
        var rest = records
        while !rest.isEmpty, !parser.isEnded {
            let end = rest.firstIndex(of: lineEnd) ?? rest.endIndex
            parser.take(rest[rest.startIndex..<end])
            rest = rest[min(end + 1, rest.endIndex)...]
        }
        guard parser.isEnded else { throw .cutOff }
        return parser.answer
    }

    private init(wanted: Set<String>, filesMax: Int) {
        self.wanted = wanted
        self.filesMax = filesMax
    }

    private mutating func take(_ line: ArraySlice<UInt8>) {
        if line.first == UInt8(ascii: "|") { return takeText(line.dropFirst()) }
        isInFile = false
        let fields = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        switch (fields.first, fields.count) {
        case ("folder", 2):
            folder = wanted.contains(fields[1]) ? fields[1] : nil
            with { _ in }
        case ("cut", 2): isCut = true
        case ("file", 2): begin(fields[1])
        case ("left", 2): with { $0.left = max(0, Int(fields[1]) ?? 0) }
        case ("unread", 3):
            with { folder in
                guard folder.unread.count < Self.unreadMax else { return }
                folder.unread.append("\(fields[1]): \(fields[2])")
            }
        case ("end", 1): isEnded = true
        default: break
        }
    }

    private mutating func begin(_ name: String) {
        let file = CSVAnswer.File(name: name, isCut: isCut)
        isCut = false
        guard let folder, (answer.folders[folder]?.files.count ?? 0) < filesMax else { return }
        with { $0.files.append(file) }
        isInFile = true
    }

    private mutating func takeText(_ line: ArraySlice<UInt8>) {
        guard isInFile, let folder, let last = answer.folders[folder]?.files.indices.last else {
            return
        }
        answer.folders[folder]?.files[last].bytes += line
        answer.folders[folder]?.files[last].bytes.append(Self.lineEnd)
    }

    private mutating func with(_ change: (inout CSVAnswer.Folder) -> Void) {
        guard let folder else { return }
        change(&answer.folders[folder, default: CSVAnswer.Folder()])
    }
}
