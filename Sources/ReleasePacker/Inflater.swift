import CZlib

/// Expands what a host compressed with gzip (RFC 1952). The host is not trusted: what comes out is
/// bounded, whatever went in.
public enum Inflater {
    /// Why bytes cannot be expanded.
    public enum Failure: Error, Sendable, Equatable {
        /// They are not gzip's, or damaged; zlib's code.
        case damaged(Int32)
        /// They break off.
        case cutOff
        /// More than the limit would come out.
        case tooLarge
    }

    /// Memory for one step's output.
    private static let bufferSize = 128 * 1024

    /// What one gzip member holds; bytes behind it are left alone.
    ///
    /// - Parameter limit: most bytes that may come out.
    /// - Throws: `Failure`, by the codes of zlib's `inflate`.
    public static func expand(
        _ bytes: ArraySlice<UInt8>, limit: Int
    ) throws(Failure) -> [UInt8] {
        // zlib keeps the address of its stream, so it must never move.
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        defer { stream.deallocate() }
        // Window 15, plus 16 for gzip's header and trailer (zlib.h, inflateInit2).
        let code = inflateInit2_(
            stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard code == Z_OK else { throw .damaged(code) }
        defer { inflateEnd(stream) }
        return try run(stream, bytes, limit)
    }

    private static func run(
        _ stream: UnsafeMutablePointer<z_stream>, _ bytes: ArraySlice<UInt8>, _ limit: Int
    ) throws(Failure) -> [UInt8] {
        var output: [UInt8] = []
        var input = Array(bytes)
        var buffer = [UInt8](repeating: 0, count: bufferSize)
        let code = input.withUnsafeMutableBufferPointer { input -> Int32 in
            stream.pointee.next_in = input.baseAddress
            stream.pointee.avail_in = UInt32(clamping: input.count)
            var code = Z_OK
            while code == Z_OK, output.count <= limit {
                code = buffer.withUnsafeMutableBufferPointer { free in
                    stream.pointee.next_out = free.baseAddress
                    stream.pointee.avail_out = UInt32(free.count)
                    return inflate(stream, Z_NO_FLUSH)
                }
                output += buffer[..<(buffer.count - Int(stream.pointee.avail_out))]
            }
            return code
        }
        guard output.count <= limit else { throw .tooLarge }
        switch code {
        case Z_STREAM_END: return output
        // There is nothing left to read, and the end was not there.
        case Z_BUF_ERROR, Z_OK: throw .cutOff
        default: throw .damaged(code)
        }
    }
}
