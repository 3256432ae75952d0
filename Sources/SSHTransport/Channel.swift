import CLibSSH
import RemoteOps

/// One channel of a session, with libssh's callbacks turned into values. Confined to the
/// session's thread.
final class Channel {
    /// What is opened.
    enum Kind {
        case session
        case forward(host: String, port: Int)
    }

    /// How a step that may have to wait went.
    enum Step {
        case done
        case waiting
        case refused
    }

    /// More unread bytes than a window allows mean a server that ignores our window.
    static let unreadLimit = 4 << 20
    /// Bytes handed to libssh at once.
    static let writeLimit = 128 << 10

    private let kind: Kind
    private let session: SSHSession
    private let handle: ssh_channel
    private let callbacks: UnsafeMutablePointer<ssh_channel_callbacks_struct>
    private var isFreed = false

    /// Takes data as it comes and answers how many bytes it took; the rest stays with libssh,
    /// whose window keeps the server from sending more. Called from inside libssh.
    var receive: (_ bytes: UnsafeRawBufferPointer, _ isError: Bool) -> Int = { _, _ in 0 }
    /// Bytes of the main stream that `receive` left behind.
    private(set) var unread = 0
    /// The server will send no more.
    private(set) var hasRemoteEOF = false
    /// The server has closed the channel.
    private(set) var isClosed = false
    /// The server sent more than it was allowed to.
    private(set) var isOverrun = false
    /// How the command ended, as far as the server has said.
    private(set) var status: ExitStatus = .unknown

    init?(_ kind: Kind, on session: SSHSession) {
        guard let handle = ssh_channel_new(session.handle) else { return nil }
        self.kind = kind
        self.session = session
        self.handle = handle
        callbacks = .allocate(capacity: 1)
        callbacks.initialize(to: ssh_channel_callbacks_struct())
        callbacks.pointee.size = MemoryLayout<ssh_channel_callbacks_struct>.size
        // Unretained: `free` takes the callbacks off the channel before this object can go.
        callbacks.pointee.userdata = Unmanaged.passUnretained(self).toOpaque()
        setCallbacks()
        ssh_set_channel_callbacks(handle, callbacks)
    }

    deinit {
        free()
        callbacks.deinitialize(count: 1)
        callbacks.deallocate()
    }

    private static func from(_ data: UnsafeMutableRawPointer?) -> Channel? {
        data.map { Unmanaged<Channel>.fromOpaque($0).takeUnretainedValue() }
    }

    private func setCallbacks() {
        callbacks.pointee.channel_data_function = { _, _, data, length, isError, user in
            guard let channel = Channel.from(user), let data else { return 0 }
            let bytes = UnsafeRawBufferPointer(start: data, count: Int(length))
            return Int32(clamping: channel.take(bytes, isError: isError != 0))
        }
        callbacks.pointee.channel_eof_function = { _, _, user in
            Channel.from(user)?.hasRemoteEOF = true
        }
        callbacks.pointee.channel_close_function = { _, _, user in
            Channel.from(user)?.isClosed = true
        }
        callbacks.pointee.channel_exit_status_function = { _, _, code, user in
            Channel.from(user)?.status = .code(Int(UInt32(bitPattern: code) & 0xff))
        }
        callbacks.pointee.channel_exit_signal_function = { _, _, signal, _, _, _, user in
            let name = signal.map { Printable.text(String(cString: $0), limit: 32) }
            Channel.from(user)?.status = .signal(name ?? "")
        }
    }

    private func take(_ bytes: UnsafeRawBufferPointer, isError: Bool) -> Int {
        let taken = receive(bytes, isError)
        let left = bytes.count - taken
        if !isError { unread = left }
        if left > Self.unreadLimit { isOverrun = true }
        return taken
    }

    // MARK: Steps

    /// Opens the channel; repeat while `waiting`.
    func open() -> Step {
        switch kind {
        case .session: step(ssh_channel_open_session(handle))
        case .forward(let host, let port):
            step(ssh_channel_open_forward(handle, host, Int32(port), "127.0.0.1", 0))
        }
    }

    /// Asks for a command; repeat with the same line while `waiting`. Data may follow before the
    /// answer: the server handles messages in order.
    func execute(_ line: String) -> Step { step(ssh_channel_request_exec(handle, line)) }

    private func step(_ code: Int32) -> Step {
        switch code {
        case SSH_OK: .done
        case SSH_AGAIN: .waiting
        default: .refused
        }
    }

    // MARK: Data

    /// Bytes that may be written now: nothing while libssh still holds output of before, so that
    /// no more than one write is ever buffered.
    var writable: Int {
        guard !isClosed, !isFreed, ssh_get_poll_flags(session.handle) & SSH_WRITE_PENDING == 0
        else { return 0 }
        return min(Int(ssh_channel_window_size(handle)), Self.writeLimit)
    }

    /// Whether the server's window has room, whatever the socket says.
    var hasWindow: Bool { !isClosed && !isFreed && ssh_channel_window_size(handle) > 0 }

    /// Writes up to `writable` bytes; the number written, nil where the channel takes none any
    /// more.
    func write(_ bytes: UnsafeRawBufferPointer) -> Int? {
        let count = min(bytes.count, writable)
        guard count > 0, let start = bytes.baseAddress else { return 0 }
        let written = ssh_channel_write(handle, start, UInt32(count))
        return written < 0 ? nil : Int(written)
    }

    /// Tells the server that no more will be written.
    func sendEOF() {
        guard !isClosed, !isFreed else { return }
        // A failure means a lost link, which the loop sees by itself.
        _ = ssh_channel_send_eof(handle)
    }

    /// Takes up to `count` of the bytes that `receive` left behind.
    func readUnread(upTo count: Int) -> [UInt8] {
        let wanted = min(count, unread)
        guard wanted > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: wanted)
        let got = ssh_channel_read_nonblocking(handle, &bytes, UInt32(wanted), 0)
        guard got > 0 else { return [] }
        unread -= Int(got)
        bytes.removeLast(wanted - Int(got))
        return bytes
    }

    /// Closes the channel and lets it go. libssh keeps its own record until the server has
    /// closed too.
    func free() {
        guard !isFreed else { return }
        isFreed = true
        ssh_remove_channel_callbacks(handle, callbacks)
        ssh_channel_free(handle)
    }
}
