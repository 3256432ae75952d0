import RemoteOps

/// A TCP connection carried by a host's session. Closed when its last reference goes.
final class SSHStream: RemoteStream {
    private let id: UInt64
    private let hop: Hop
    private let thread: SessionThread

    init(id: UInt64, hop: Hop, thread: SessionThread) {
        self.id = id
        self.hop = hop
        self.thread = thread
    }

    deinit {
        let id = id
        thread.post { $0.openStream(id)?.close() }
    }

    func read(upTo count: Int, timeout: Duration) async throws(RemoteError) -> [UInt8] {
        precondition(count > 0, "a read of nothing cannot be told from the end of the stream")
        let (id, deadline) = (id, Deadline.now + timeout)
        return try await request { ticket, loop, finish in
            guard let stream = loop.openStream(id) else {
                return finish(.failure(loop.streamGone()))
            }
            stream.read(upTo: count, ticket: ticket, deadline: deadline, finish)
        }
    }

    func write(_ bytes: [UInt8], timeout: Duration) async throws(RemoteError) {
        let (id, deadline) = (id, Deadline.now + timeout)
        try await request { (ticket, loop, finish: @escaping StreamOperation.Written) in
            guard let stream = loop.openStream(id) else {
                return finish(.failure(loop.streamGone()))
            }
            stream.write(bytes, ticket: ticket, deadline: deadline, finish)
        }
    }

    func close() async {
        let id = id
        await withCheckedContinuation { continuation in
            let end = thread.post {
                $0.openStream(id)?.close()
                continuation.resume()
            }
            if end != nil { continuation.resume() }
        }
    }

    /// Has the session's thread do something and waits for its answer.
    private func request<Value: Sendable>(
        _ begin:
            @escaping @Sendable (
                Ticket, SessionLoop, @escaping @Sendable (Result<Value, RemoteError>) -> Void
            ) -> Void
    ) async throws(RemoteError) -> Value {
        let ticket = Ticket(wake: thread.wake)
        let hop = hop
        let result: Result<Value, RemoteError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let end = thread.post { loop in
                    begin(ticket, loop) { continuation.resume(returning: $0) }
                }
                if let end {
                    continuation.resume(
                        returning: .failure(hop.error(end.code, detail: end.detail)))
                }
            }
        } onCancel: {
            ticket.cancel()
        }
        return try result.get()
    }
}
