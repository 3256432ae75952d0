import CZlib

/// Compresses a stream of bytes in gzip's format (RFC 1952) by zlib's deflate.
final class Deflater {
    /// Memory for one step's output.
    private static let bufferSize = 128 * 1024

    // zlib keeps the address of its stream, so it must never move.
    private let stream: UnsafeMutablePointer<z_stream>
    private var buffer = [UInt8](repeating: 0, count: bufferSize)
    private var currentLevel: Int32

    /// - Parameter level: zlib's, 0 to 9.
    init(level: Int32) throws(PackingError) {
        currentLevel = level
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // Window 15, plus 16 for gzip's header and trailer (zlib.h, deflateInit2).
        let code = deflateInit2_(
            stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard code == Z_OK else {
            stream.deallocate()
            throw .compression(code)
        }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// From here on at this level, where 0 only wraps. Appends what was held back to `output`.
    func compress(at level: Int32, into output: inout [UInt8]) throws(PackingError) {
        guard level != currentLevel else { return }
        currentLevel = level
        stream.pointee.avail_in = 0
        var code = Z_BUF_ERROR
        repeat {
            code = produce(into: &output) { deflateParams($0, level, Z_DEFAULT_STRATEGY) }
        } while code == Z_BUF_ERROR
        guard code == Z_OK else { throw .compression(code) }
    }

    /// Takes `bytes` and appends what comes out so far.
    func add(_ bytes: [UInt8], into output: inout [UInt8]) throws(PackingError) {
        try run(bytes, flush: Z_NO_FLUSH, into: &output)
    }

    /// Appends the rest and the trailer.
    func finish(into output: inout [UInt8]) throws(PackingError) {
        try run([], flush: Z_FINISH, into: &output)
    }

    private func run(
        _ bytes: [UInt8], flush: Int32, into output: inout [UInt8]
    ) throws(PackingError) {
        var bytes = bytes
        let count = bytes.count
        let code = bytes.withUnsafeMutableBufferPointer { input -> Int32 in
            stream.pointee.next_in = input.baseAddress
            stream.pointee.avail_in = UInt32(count)
            var code = Z_OK
            repeat {
                code = produce(into: &output) { deflate($0, flush) }
            } while code == Z_OK && (stream.pointee.avail_out == 0 || flush == Z_FINISH)
            return code
        }
        // Z_BUF_ERROR only says that there was nothing left to do (zlib.h).
        guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else {
            throw .compression(code)
        }
    }

    /// One call of zlib with the buffer as its output.
    private func produce(
        into output: inout [UInt8], _ call: (UnsafeMutablePointer<z_stream>) -> Int32
    ) -> Int32 {
        let code = buffer.withUnsafeMutableBufferPointer { free -> Int32 in
            stream.pointee.next_out = free.baseAddress
            stream.pointee.avail_out = UInt32(free.count)
            return call(stream)
        }
        output += buffer[..<(buffer.count - Int(stream.pointee.avail_out))]
        return code
    }

    /// Whether a sample gets at least 5 % smaller.
    static func isCompressible(_ sample: [UInt8]) -> Bool {
        guard sample.count >= 1024 else { return true }
        var size = compressBound(UInt(sample.count))
        var scratch = [UInt8](repeating: 0, count: Int(size))
        guard compress2(&scratch, &size, sample, UInt(sample.count), 1) == Z_OK else { return true }
        return Double(size) < 0.95 * Double(sample.count)
    }
}
