import GeneratorWire
import Platform

/// Asks gen-server for its STATUS, on a connection of its own each time, within a limit.
enum GeneratorClient {
    private static var connectTime: Duration { .seconds(3) }
    private static var answerTime: Duration { .seconds(10) }

    struct Failure: Error {
        var text: String
    }

    static func status(of endpoint: Options.Endpoint) throws(Failure) -> GeneratorStatus {
        let socket: FileDescriptor
        do throws(PosixError) {
            socket = try TCP.connect(
                host: endpoint.host, port: endpoint.port, within: connectTime)
        } catch {
            throw Failure(text: endpoint.host + ":\(endpoint.port): " + error.text)
        }
        let deadline = SystemClock.monotonic() + answerTime
        var conversation = Conversation(socket: socket, deadline: deadline)
        let greeting = try conversation.reply()
        guard greeting == Reply.greeting.lines else {
            throw Failure(text: "not a generator server: it says '" + (greeting.first ?? "") + "'")
        }
        try conversation.send("STATUS\n")
        let answer = try conversation.reply()
        guard answer.count > 1 else {
            throw Failure(text: "STATUS was answered '" + (answer.first ?? "") + "'")
        }
        try conversation.send("QUIT\n")
        return GeneratorStatus.parse(answer)
    }
}

/// Lines out, replies in, until the deadline.
private struct Conversation {
    let socket: FileDescriptor
    let deadline: Duration
    private var reader = ReplyReader()
    private var input: ArraySlice<UInt8> = []

    init(socket: FileDescriptor, deadline: Duration) {
        self.socket = socket
        self.deadline = deadline
    }

    func send(_ text: String) throws(GeneratorClient.Failure) {
        // A few bytes on a connection that has just carried less: they fit, or it is broken.
        let bytes = Array(text.utf8)
        guard socket.write(bytes) == .bytes(bytes.count) else {
            throw GeneratorClient.Failure(text: "the connection broke")
        }
    }

    mutating func reply() throws(GeneratorClient.Failure) -> [String] {
        while true {
            while let byte = input.popFirst() {
                switch reader.push(byte) {
                case nil: continue
                case .reply(let lines): return lines
                case .overlong:
                    throw GeneratorClient.Failure(text: "the answer is longer than any server's")
                }
            }
            try receive()
        }
    }

    private mutating func receive() throws(GeneratorClient.Failure) {
        let left = deadline - SystemClock.monotonic()
        guard left > .zero else { throw GeneratorClient.Failure(text: "no answer in time") }
        var poll = PollSet()
        _ = poll.add(socket, .read)
        do throws(PosixError) {
            try poll.wait(left)
        } catch {
            throw GeneratorClient.Failure(text: error.text)
        }
        var buffer = [UInt8](repeating: 0, count: 1024)
        switch socket.read(into: &buffer) {
        case .bytes(let count): input = ArraySlice(Array(buffer[..<count]))
        case .notNow: break
        case .closed: throw GeneratorClient.Failure(text: "the server closed the connection")
        }
    }
}
