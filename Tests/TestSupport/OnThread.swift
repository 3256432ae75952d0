import Foundation

/// Runs what blocks or computes for long on a thread of its own. The threads of Swift's concurrency
/// are as many as the machine has cores: one that is held up makes every other test late.
public func onThread<Result: Sendable>(
    _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Swift.Result { try body() }) }
    }
}
