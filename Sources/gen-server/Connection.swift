import GeneratorCore
import GeneratorWire
import Platform

/// One client. Its memory is bounded: one read's worth of input, and output up to the high-water
/// mark plus one reply.
final class Connection {
    private enum Limits {
        /// Bytes read in one turn.
        static var read: Int { 512 }
        /// Above this much unsent output nothing more is taken from the client.
        static var highWater: Int { 8192 }
        /// Most unsent output: the above and the longest reply.
        static var output: Int { 16_384 }
    }

    let requester: Requester
    let descriptor: FileDescriptor
    private(set) var lastHeard: Instant
    /// A START, STOP or RELAY of this client is not answered yet.
    var isWaiting = false
    /// It wants a line for every change.
    var isWatching = false
    /// Nothing more is wanted from it: it is closed once its output is gone.
    var isLeaving = false
    /// It broke, or left: there is nobody to write to.
    private(set) var isGone = false

    private var framer = LineFramer()
    private var input: ArraySlice<UInt8> = []
    private var output: [UInt8] = []
    private var buffer = [UInt8](repeating: 0, count: Limits.read)

    init(requester: Requester, descriptor: FileDescriptor, at now: Instant) {
        self.requester = requester
        self.descriptor = descriptor
        lastHeard = now
    }

    /// What to poll for.
    var interest: PollSet.Interest {
        var interest: PollSet.Interest = []
        if !isLeaving, input.isEmpty, output.count < Limits.highWater { interest.insert(.read) }
        if !output.isEmpty { interest.insert(.write) }
        return interest
    }

    /// Whether there is input that a full output has held up.
    var hasHeldUpInput: Bool { !input.isEmpty && output.count < Limits.highWater }

    /// Whether it can be let go of.
    var isDone: Bool { isGone || isLeaving && output.isEmpty && !isWaiting && input.isEmpty }

    /// Takes what the client has sent.
    func receive(at now: Instant) {
        if isLeaving {
            // Its half is closed and the kernel reports more: the connection broke.
            isGone = true
            return
        }
        guard input.isEmpty else { return }
        switch descriptor.read(into: &buffer) {
        case .bytes(let count):
            lastHeard = now
            input = ArraySlice(Array(buffer[..<count]))
        case .notNow: break
        case .closed: isLeaving = true
        }
    }

    /// The next line; nil where there is none, or where the output must go first.
    func nextLine() -> LineFramer.Element? {
        while output.count < Limits.highWater, let byte = input.popFirst() {
            if let element = framer.push(byte) { return element }
        }
        return nil
    }

    /// Forgets the rest of the input.
    func discardInput() { input = [] }

    func send(_ reply: Reply) {
        let bytes = reply.bytes
        // Only who watches and does not read comes this far.
        guard output.count + bytes.count <= Limits.output else {
            isGone = true
            return
        }
        output.append(contentsOf: bytes)
        flush()
    }

    func flush() {
        while !output.isEmpty {
            switch descriptor.write(output) {
            case .bytes(let count): output.removeFirst(count)
            case .notNow: return
            case .closed:
                isGone = true
                return
            }
        }
    }
}
