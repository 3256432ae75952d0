import Glibc
import RemoteOps

/// One command on one exec channel, from the request to its result. Confined to the session's
/// thread.
final class ExecOperation: Operation {
    typealias Finish = @Sendable (Result<CommandResult, RemoteError>) -> Void

    /// Time that sudo may take to ask for a password or to let the command begin.
    static let sudoLimit: Duration = .seconds(30)

    /// Everything that a command needs, from the caller's side.
    struct Request: Sendable {
        var command: RemoteCommand
        var options: RunOptions
        var source: ByteSource
        var ticket: Ticket
        var deadline: Deadline
        var finish: Finish
    }

    private enum Phase {
        case opening
        case running
        /// The caller has its answer; the channel has still to open so that it can be closed.
        case abandoned
        case over
    }

    private let session: SSHSession
    private let request: Request
    private let line: String
    private let input: InputPump
    private var channel: Channel?
    private var phase = Phase.opening
    private var isRequestAnswered = false
    private var gate: SudoGate?
    private var sudoSecret: SSHSettings.SecretSource?
    private var sudoVerdict = SudoGate.Verdict.wait
    private var sudoDeadline: Deadline?
    private var password: [UInt8] = []
    private var effect = RemoteError.Effect.nothingRan
    private var output: [UInt8] = []
    private var errorOutput: [UInt8] = []
    private var isOverLimit = false

    init(_ request: Request, id: UInt64, session: SSHSession, thread: SessionThread) {
        self.request = request
        self.session = session
        input = InputPump(request.source, operation: id, on: thread)
        switch (request.command.identity, session.settings.privilege) {
        case (.login, _), (.root, .isRoot), (.root, .unprivileged):
            line = request.command.line
        case (.root, .passwordlessSudo):
            let gate = SudoGate(nonce: Self.nonce())
            line = gate.line(request.command, asksPassword: false)
            self.gate = gate
        case (.root, .sudo(let secret)):
            let gate = SudoGate(nonce: Self.nonce())
            line = gate.line(request.command, asksPassword: true)
            self.gate = gate
            sudoSecret = secret
        }
    }

    private static func nonce() -> String {
        var generator = SystemRandomNumberGenerator()
        return String(generator.next(), radix: 36) + String(generator.next(), radix: 36)
    }

    var isOver: Bool { if case .over = phase { true } else { false } }
    var interest: pollfd? { nil }

    var deadline: Deadline? {
        switch phase {
        case .opening, .running: min(request.deadline, sudoDeadline ?? request.deadline)
        case .abandoned, .over: nil
        }
    }

    // MARK: Progress

    func advance() {
        if request.ticket.isCancelled { finish(error(.cancelled)) }
        if request.deadline.hasPassed { finish(timedOut) }
        if let sudoDeadline, sudoDeadline.hasPassed {
            finish(error(.sudoRefused, detail: "sudo neither asked nor began: \(talk)"))
        }
        switch phase {
        case .opening: open()
        case .running: run()
        case .abandoned: closeAbandoned()
        case .over: break
        }
    }

    private func open() {
        if case .root = request.command.identity, case .unprivileged = session.settings.privilege {
            finish(error(.sudoRefused, detail: "the inventory says that this user cannot be root"))
            return
        }
        if channel == nil {
            channel = Channel(.session, on: session)
            channel?.receive = { [unowned self] in take($0, isError: $1) }
            input.prefetch()
        }
        guard let channel else {
            finish(error(.channelRefused, detail: "out of memory"))
            return
        }
        switch channel.open() {
        case .waiting: break
        case .refused:
            // A lost link ends every operation; the loop sees to it.
            if !session.isDead { finish(error(.channelRefused, detail: session.errorText)) }
        case .done:
            phase = .running
            if gate == nil { effect = .mayHaveRun } else { sudoDeadline = .now + Self.sudoLimit }
            run()
        }
    }

    private func run() {
        guard let channel else { return }
        if !isRequestAnswered {
            switch channel.execute(line) {
            case .waiting: break
            case .done: isRequestAnswered = true
            case .refused:
                guard !session.isDead else { return }
                effect = .nothingRan
                finish(error(.channelRefused, detail: "the server refused to run a command"))
                return
            }
        }
        heedSudo(channel)
        if isOver { return }
        if isOverLimit {
            finish(error(.outputLimit, detail: "\(request.options.outputLimit) bytes"))
        } else if channel.isClosed {
            conclude(channel)
        } else if mayWriteInput {
            input.pump(into: channel)
        }
    }

    /// Input goes to a command that runs, or to `sudo -n`, which never reads.
    private var mayWriteInput: Bool {
        guard let gate else { return true }
        return gate.hasStarted || sudoSecret == nil
    }

    private func conclude(_ channel: Channel) {
        if let gate, !gate.hasStarted {
            finish(error(.sudoRefused, detail: talk))
            return
        }
        finish(
            .success(
                CommandResult(
                    status: channel.status, output: output, errorOutput: errorOutput)))
    }

    private func closeAbandoned() {
        guard let channel else {
            phase = .over
            return
        }
        if case .waiting = channel.open(), !session.isDead { return }
        letGo()
    }

    // MARK: sudo

    private func heedSudo(_ channel: Channel) {
        switch sudoVerdict {
        case .wait: break
        case .started: sudoDeadline = nil
        case .refused:
            finish(error(.sudoRefused, detail: "the password was not accepted: \(talk)"))
        case .givePassword:
            sudoVerdict = .wait
            askForPassword()
        }
        guard !password.isEmpty, !(gate?.hasStarted ?? true) else { return }
        let written = password.withUnsafeBytes { channel.write($0) } ?? 0
        password.removeFirst(written)
    }

    private func askForPassword() {
        guard let sudoSecret else {
            finish(error(.sudoRefused, detail: talk))
            return
        }
        input.fetch(sudoSecret)
    }

    /// The secret that sudo waits for.
    func givePassword(_ text: String) {
        guard case .running = phase else { return }
        guard !text.utf8.contains(where: { $0 == 10 || $0 == 0 }) else {
            finish(error(.secretUnavailable, detail: "sudo's password holds a line break"))
            return
        }
        password = Array(text.utf8) + [UInt8(ascii: "\n")]
    }

    /// Why there is no such secret.
    func passwordUnavailable(_ detail: String) { finish(error(.secretUnavailable, detail: detail)) }

    private var talk: String { gate.map { Printable.text($0.talk) } ?? "" }

    // MARK: Data

    /// Called from inside libssh: keeps, never frees.
    private func take(_ bytes: UnsafeRawBufferPointer, isError: Bool) -> Int {
        if isError, var gate, !gate.hasStarted {
            let verdict = gate.receive(bytes)
            self.gate = gate
            if verdict != .wait { sudoVerdict = verdict }
            if case .started(let own) = verdict {
                effect = .mayHaveRun
                keep(own, .errorOutput)
            }
        } else {
            keep(Array(bytes), isError ? .errorOutput : .output)
        }
        return bytes.count
    }

    private func keep(_ bytes: [UInt8], _ stream: RunOptions.Channel) {
        guard !bytes.isEmpty, !isOverLimit, case .running = phase else { return }
        let held = stream == .output ? output.count : errorOutput.count
        let room = request.options.outputLimit - held
        if bytes.count > room { isOverLimit = true }
        if stream == .output {
            output.append(contentsOf: bytes.prefix(max(0, room)))
        } else {
            errorOutput.append(contentsOf: bytes.prefix(max(0, room)))
        }
        request.options.onOutput?(stream, bytes)
    }

    /// The next chunk of the caller's input, nil at its end.
    func deliver(_ chunk: [UInt8]?) { input.deliver(chunk) }

    /// The caller's input cannot be read.
    func inputFailed(_ detail: String) { finish(error(.inputFailed, detail: detail)) }

    // MARK: End

    private var timedOut: Result<CommandResult, RemoteError> {
        var detail = "after \(request.options.deadline)"
        if let channel, channel.status != .unknown {
            detail +=
                "; the command has ended, but something that it started still holds its "
                + "output open"
        }
        return error(.commandTimedOut, detail: detail)
    }

    private func error(
        _ code: RemoteError.Code, detail: String = ""
    ) -> Result<CommandResult, RemoteError> {
        .failure(session.hop.error(code, effect: effect, detail: detail))
    }

    private func finish(_ result: Result<CommandResult, RemoteError>) {
        switch phase {
        case .abandoned, .over: return
        case .opening, .running: break
        }
        input.stop()
        password = []
        request.finish(result)
        if case .opening = phase, channel != nil, !session.isDead {
            phase = .abandoned
        } else {
            letGo()
        }
    }

    private func letGo() {
        phase = .over
        channel?.free()
        channel = nil
    }

    func fail(_ end: SessionEnd) {
        finish(error(end.code, detail: end.detail))
        letGo()
    }
}
