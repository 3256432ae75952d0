import GeneratorWire
import Platform

/// A connection to the generator server: bytes in and out without waiting, one command at a time.
struct LineConnection {
    /// How it stands.
    enum State: Equatable {
        /// Not there.
        case closed
        /// Begun; given up at the deadline.
        case connecting(Duration)
        /// There, but the server has not greeted.
        case greeting(Duration)
        /// Ready for commands.
        case open
    }

    /// What came of it.
    enum Event {
        /// The server has greeted.
        case opened
        /// The answer to a command.
        case reply(Command, [String])
        /// It is closed, and why; what was under way has no answer.
        case broken(Command?, String)
    }

    /// What is said, and how long the answer may take.
    struct Command: Equatable {
        enum Kind: Equatable { case status, start, stop, reset, lease }
        var kind: Kind
        var text: String
        var limit: Duration
    }

    private static var connectTime: Duration { .seconds(3) }
    private static var greetingTime: Duration { .seconds(10) }

    private(set) var state = State.closed
    /// The command that waits for its answer, and until when.
    private(set) var asked: (command: Command, deadline: Duration)?
    private var socket: FileDescriptor?
    private var reader = ReplyReader()
    private var buffer = [UInt8](repeating: 0, count: 1024)
    private var place: Int?

    var isFree: Bool { state == .open && asked == nil }

    /// Begins to connect.
    mutating func open(_ endpoint: Options.Endpoint, at now: Duration) -> Event? {
        do throws(PosixError) {
            socket = try TCP.begin(host: endpoint.host, port: endpoint.port)
            reader = ReplyReader()
            state = .connecting(now + Self.connectTime)
            return nil
        } catch {
            return close(error.text)
        }
    }

    /// Says a command. Call only while it is free.
    mutating func say(_ command: Command, at now: Duration) -> Event? {
        guard let socket else { return close("not connected") }
        // A few bytes on a connection that has just been read empty: they fit, or it is broken.
        let bytes = Array((command.text + "\n").utf8)
        asked = (command, now + command.limit)
        guard socket.write(bytes) == .bytes(bytes.count) else {
            return close("the connection broke")
        }
        return nil
    }

    /// Closes it; what was under way has no answer.
    mutating func close(_ reason: String) -> Event {
        let command = asked?.command
        socket = nil
        asked = nil
        state = .closed
        return .broken(command, reason)
    }

    /// Adds what it waits for.
    mutating func add(to poll: inout PollSet) {
        place = nil
        guard let socket else { return }
        if case .connecting = state {
            place = poll.add(socket, .write)
        } else {
            place = poll.add(socket, .read)
        }
    }

    /// When it gives up; nil where nothing is awaited.
    var deadline: Duration? {
        switch state {
        case .closed: nil
        case .connecting(let deadline), .greeting(let deadline): deadline
        case .open: asked?.deadline
        }
    }

    /// Goes on after a poll.
    mutating func service(_ poll: PollSet, at now: Duration) -> [Event] {
        var events: [Event] = []
        if let place, let socket {
            if case .connecting = state {
                if poll.isWritable(place) || poll.isReadable(place) {
                    do throws(PosixError) {
                        try TCP.finish(socket)
                        state = .greeting(now + Self.greetingTime)
                    } catch {
                        return [close(error.text)]
                    }
                }
            } else if poll.isReadable(place) {
                receive(socket, &events)
            }
        }
        if let deadline, now >= deadline { events.append(close("no answer in time")) }
        return events
    }

    private mutating func receive(_ socket: FileDescriptor, _ events: inout [Event]) {
        switch socket.read(into: &buffer) {
        case .notNow: return
        case .closed: events.append(close("the server closed the connection"))
        case .bytes(let count):
            for place in 0..<count {
                switch reader.push(buffer[place]) {
                case nil: continue
                case .overlong:
                    return events.append(close("the answer is longer than any server's"))
                case .reply(let lines):
                    let event = take(lines)
                    events.append(event)
                    if case .broken = event { return }
                }
            }
        }
    }

    private mutating func take(_ lines: [String]) -> Event {
        if case .greeting = state {
            guard lines == Reply.greeting.lines else {
                return close("not a generator server: it says '" + (lines.first ?? "") + "'")
            }
            state = .open
            return .opened
        }
        guard let asked else { return close("the server says what nobody asked") }
        self.asked = nil
        return .reply(asked.command, lines)
    }
}
