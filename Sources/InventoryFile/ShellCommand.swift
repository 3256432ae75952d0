import Foundation
import Synchronization

/// Runs a command line that prints a secret, in a process group of its own, so that at the end
/// of its time the whole group can be ended.
struct ShellCommand: Sendable {
    var line: String
    var environment: [String: String]
    var outputLimit: Int
    var timeout: Duration

    /// How often the child's end and the caller's cancellation are looked at, in milliseconds.
    private static let pollInterval: Int32 = 50

    /// What it prints; its standard error goes to fleetctl's own, for questions and complaints.
    func output() async throws(SecretFault) -> [UInt8] {
        let isCancelled = Cancellation()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // Blocking calls keep off the cooperative threads.
                Thread.detachNewThread {
                    continuation.resume(
                        returning: Result { () throws(SecretFault) in
                            try run(isCancelled)
                        })
                }
            }
        } onCancel: {
            isCancelled.flag.store(true, ordering: .relaxed)
        }
        return try result.get()
    }

    private final class Cancellation: Sendable {
        let flag = Atomic(false)
    }

    private func run(_ cancellation: Cancellation) throws(SecretFault) -> [UInt8] {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw SecretFault(FileBytes.reason(errno)) }
        defer { close(ends[0]) }
        // Another thread may start a child between these calls; nothing here waits for the end
        // of the stream, so such a child delays nobody.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let child: pid_t
        do throws(SecretFault) {
            child = try spawn(output: ends[1])
        } catch {
            close(ends[1])
            throw error
        }
        close(ends[1])
        return try gather(from: ends[0], child, cancellation)
    }

    /// Starts `/bin/sh -c line` with nothing on its standard input.
    private func spawn(output: Int32) throws(SecretFault) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        let arguments: [UnsafeMutablePointer<CChar>?] = ["/bin/sh", "-c", line].map {
            (word: String) in strdup(word)
        }
        let variables: [UnsafeMutablePointer<CChar>?] = environment.map {
            (name: String, value: String) in strdup(name + "=" + value)
        }
        defer { for pointer in arguments + variables { free(pointer) } }
        var child: pid_t = 0
        let code = posix_spawn(
            &child, "/bin/sh", &actions, &attributes, arguments + [nil], variables + [nil])
        guard code == 0 else { throw SecretFault(FileBytes.reason(code)) }
        return child
    }

    /// Reads until the child has ended, then what is still in the pipe: a process that it left
    /// behind may hold the other end open.
    private func gather(
        from descriptor: Int32, _ child: pid_t, _ cancellation: Cancellation
    ) throws(SecretFault) -> [UInt8] {
        let deadline = ContinuousClock.now + timeout
        var bytes: [UInt8] = []
        var status: Int32 = 0
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        while true {
            let ended = waitpid(child, &status, WNOHANG) == child
            let isOpen = drain(descriptor, into: &bytes)
            if ended { break }
            let fault: SecretFault? =
                if bytes.count > outputLimit {
                    SecretFault("the command prints too much for a secret")
                } else if cancellation.flag.load(ordering: .relaxed) {
                    SecretFault("cancelled")
                } else if ContinuousClock.now >= deadline {
                    SecretFault("the command did not end within \(timeout)")
                } else {
                    nil
                }
            if let fault {
                kill(-child, SIGKILL)
                while waitpid(child, &status, 0) == -1, errno == EINTR {}
                throw fault
            }
            var wait = pollfd(fd: isOpen ? descriptor : -1, events: Int16(POLLIN), revents: 0)
            poll(&wait, 1, Self.pollInterval)
        }
        guard status == 0 else {
            let ending =
                status & 0x7F == 0 ? "exit code \(status >> 8 & 0xFF)" : "signal \(status & 0x7F)"
            throw SecretFault("the command failed with \(ending)")
        }
        return bytes
    }

    /// Takes what is there; false at the end of the stream.
    private func drain(_ descriptor: Int32, into bytes: inout [UInt8]) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 4096)
        while bytes.count <= outputLimit {
            let count = read(descriptor, &chunk, chunk.count)
            if count == 0 { return false }
            if count < 0 { return errno == EAGAIN || errno == EINTR }
            bytes += chunk[..<count]
        }
        return true
    }
}
