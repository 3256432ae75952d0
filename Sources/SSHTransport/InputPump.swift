import RemoteOps

/// Feeds a command's standard input from the caller's source: asks for a chunk only while little
/// is waiting, so that no more than the prefetch is ever held. Confined to the session's thread.
final class InputPump {
    /// Bytes held before the next chunk is asked for.
    static let prefetch = 256 << 10

    private let source: ByteSource
    private let thread: SessionThread
    private let operation: UInt64
    private var chunks: [[UInt8]] = []
    private var offset = 0
    private var held = 0
    private var isAsking = false
    private var hasEnded = false
    private var task: Task<Void, Never>?
    private var secretTask: Task<Void, Never>?
    /// End of file has been sent, or the command takes no more.
    private(set) var isDone = false

    init(_ source: ByteSource, operation: UInt64, on thread: SessionThread) {
        self.source = source
        self.operation = operation
        self.thread = thread
    }

    deinit { stop() }

    /// Takes what the source answered.
    func deliver(_ chunk: [UInt8]?) {
        isAsking = false
        guard let chunk else {
            hasEnded = true
            return
        }
        guard !chunk.isEmpty, !isDone else { return }
        chunks.append(chunk)
        held += chunk.count
    }

    /// Asks for more where little is held.
    func prefetch() {
        guard !isAsking, !hasEnded, !isDone, held < Self.prefetch else { return }
        isAsking = true
        let (source, thread, operation) = (source, thread, operation)
        task = Task {
            do {
                let chunk = try await source.next()
                thread.post { $0.deliver(chunk, to: operation) }
            } catch {
                let text = String(describing: error)
                thread.post { $0.inputFailed(text, of: operation) }
            }
        }
    }

    /// Asks for the password that sudo wants; the operation hears of it.
    func fetch(_ secret: @escaping SSHSettings.SecretSource) {
        let (thread, operation) = (thread, operation)
        secretTask = Task {
            do {
                let text = try await secret()
                thread.post { $0.givePassword(text, to: operation) }
            } catch {
                let text = String(describing: error)
                thread.post { $0.passwordUnavailable(text, for: operation) }
            }
        }
    }

    /// Writes what the channel takes now, and end of file after the last byte.
    func pump(into channel: Channel) {
        while !isDone, let chunk = chunks.first {
            let written = chunk[offset...].withUnsafeBytes { channel.write($0) }
            guard let written else {
                stop()
                return
            }
            guard written > 0 else { break }
            held -= written
            offset += written
            if offset == chunk.count {
                chunks.removeFirst()
                offset = 0
            }
        }
        if !isDone, hasEnded, chunks.isEmpty {
            channel.sendEOF()
            stop()
        }
        prefetch()
    }

    /// Asks the source for nothing any more.
    func stop() {
        isDone = true
        chunks = []
        held = 0
        task?.cancel()
        task = nil
        secretTask?.cancel()
        secretTask = nil
    }
}
