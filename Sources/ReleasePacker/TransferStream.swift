import Foundation
import RemoteOps

/// What travels to a host in one stream: a compressed tar archive, made while it is sent.
public actor TransferStream {
    /// One file of the archive.
    public struct Item: Sendable {
        /// Path in the archive.
        public var path: String
        /// Permission bits.
        public var mode: Int
        /// Bytes; what the file really has must be this.
        public var size: Int
        /// Where the bytes come from.
        public var origin: ReleaseContent.Origin

        /// A file of a release.
        public init(path: String, file: ReleaseFile, origin: ReleaseContent.Origin) {
            self.path = path
            mode = file.mode
            size = file.size
            self.origin = origin
        }

        /// A text made here.
        public init(path: String, mode: Int = 0o644, text: [UInt8]) {
            self.path = path
            self.mode = mode
            size = text.count
            origin = .bytes(text)
        }
    }

    /// Bytes that a chunk has at least, but for the last one.
    static let chunkSize = 96 * 1024

    private var items: ArraySlice<Item>
    private var reader: FileReader?
    private var current: Item?
    private var left = 0
    private var deflater: Deflater?
    private var pace = CompressionPace()
    /// False where a file does not get smaller anyway.
    private var isCompressing = true
    private let now: @Sendable () -> ContinuousClock.Instant
    private var lastEnd: ContinuousClock.Instant?
    private var isDone = false
    /// Compressed bytes so far, for the summary.
    public private(set) var bytesProduced = 0

    /// A stream of these files; `now` is the time by which the link is judged.
    public init(
        _ items: [Item],
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) {
        self.items = items[...]
        self.now = now
    }

    /// The stream as a command's standard input.
    public nonisolated var source: ByteSource {
        ByteSource { try await self.next() }
    }

    private func next() throws(PackingError) -> [UInt8]? {
        guard !isDone else { return nil }
        let begin = now()
        let deflater: Deflater
        if let begun = self.deflater {
            deflater = begun
        } else {
            deflater = try Deflater(level: pace.level)
        }
        self.deflater = deflater
        var output: [UInt8] = []
        while output.count < Self.chunkSize, !isDone {
            try step(deflater, into: &output)
        }
        let end = now()
        if isCompressing {
            let waited = lastEnd.map { begin - $0 } ?? .zero
            pace.note(produced: end - begin, waited: waited)
            if !isDone { try deflater.compress(at: pace.level, into: &output) }
        }
        lastEnd = end
        bytesProduced += output.count
        return output
    }

    /// Adds the next piece of the archive.
    private func step(_ deflater: Deflater, into output: inout [UInt8]) throws(PackingError) {
        if let item = current {
            if let data = try reader?.next() {
                left -= data.count
                guard left >= 0 else { throw .unreadable(item.path, "it grew while it was sent") }
                try deflater.add([UInt8](data), into: &output)
                return
            }
            guard left == 0 else { throw .unreadable(item.path, "it shrank while it was sent") }
            try deflater.add(TarArchive.padding(after: item.size), into: &output)
            current = nil
            reader = nil
        } else if let item = items.popFirst() {
            try begin(item, deflater, into: &output)
        } else {
            try deflater.add(TarArchive.end, into: &output)
            try deflater.finish(into: &output)
            isDone = true
        }
    }

    private func begin(
        _ item: Item, _ deflater: Deflater, into output: inout [UInt8]
    ) throws(PackingError) {
        try deflater.add(
            TarArchive.header(path: item.path, mode: item.mode, size: item.size), into: &output)
        switch item.origin {
        case .bytes(let bytes):
            try choose(true, deflater, into: &output)
            try deflater.add(bytes + TarArchive.padding(after: bytes.count), into: &output)
        case .file(let path):
            try choose(Self.isCompressible(path), deflater, into: &output)
            current = item
            left = item.size
            reader = try FileReader(path)
        }
    }

    private func choose(
        _ isWorthIt: Bool, _ deflater: Deflater, into output: inout [UInt8]
    ) throws(PackingError) {
        isCompressing = isWorthIt
        try deflater.compress(at: isWorthIt ? pace.level : 0, into: &output)
    }

    /// Judged by 64 KiB from the file's middle.
    private static func isCompressible(_ path: String) throws(PackingError) -> Bool {
        let sampleSize = 64 * 1024
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw .unreadable(path, String(cString: strerror(errno)))
        }
        do {
            let size = try handle.seekToEnd()
            try handle.seek(toOffset: size / 2 - min(size / 2, UInt64(sampleSize / 2)))
            let sample = try handle.read(upToCount: sampleSize) ?? Data()
            try handle.close()
            return Deflater.isCompressible([UInt8](sample))
        } catch {
            throw .unreadable(path, "\(error)")
        }
    }
}
