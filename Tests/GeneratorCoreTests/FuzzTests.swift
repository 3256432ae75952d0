import GeneratorCore
import GeneratorWire
import TestSupport
import Testing

/// Whatever arrives, the protocol neither traps nor grows.
struct FuzzTests {
    static let inputs = 1_000_000

    @Test func requestsOfEveryKind() async throws {
        let longest = try await onThread {
            var random = SeededGenerator.fresh("requestsOfEveryKind")
            var framer = LineFramer()
            var longest = 0
            for _ in 0..<Self.inputs {
                for byte in random.command() + [10] {
                    guard case .line(let line)? = framer.push(byte) else { continue }
                    guard line.count <= WireLimits.line else { throw Broken("a longer line") }
                    guard let request = Request.parse(line) else { continue }
                    longest = max(longest, try Self.answer(request))
                }
            }
            return longest
        }
        #expect(longest <= WireLimits.replyLine)
    }

    /// The bytes of the longest line that this request can be answered with.
    private static func answer(_ request: Request) throws -> Int {
        let reply: Reply
        switch request {
        case .unknown(let text): reply = .unknownCommand(text)
        case .relay(.relays(let relays)): reply = .outcome(.relaysSet(relays))
        case .relay(let argument): reply = .badRelay(argument)
        case .incomplete(let command): reply = .incomplete(command)
        case .hold(let owner, let seconds, let reason):
            let until = Instant(sinceOrigin: .seconds(seconds))
            guard until.sinceOrigin <= Hold.longest else { throw Broken("a longer hold") }
            let hold = Hold(owner: owner, reason: reason, until: until)
            reply = .outcome(.refusedByHold(hold, left: until.sinceOrigin))
        case .lease(let seconds):
            guard (0...86_400).contains(seconds) else { throw Broken("lease of \(seconds)") }
            reply = .outcome(.leased(.seconds(seconds)))
        case .release, .ping, .inputs, .status, .start, .stop, .watch, .reset, .version, .help,
            .quit, .empty:
            return 0
        }
        guard reply.lines.count == 1 else { throw Broken("more than a line") }
        let bytes = reply.bytes
        guard bytes.dropLast().allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else {
            throw Broken("unprintable: \(bytes)")
        }
        return bytes.count
    }

    @Test func repliesOfEveryKind() async throws {
        let replies = try await onThread {
            var random = SeededGenerator.fresh("repliesOfEveryKind")
            var reader = ReplyReader()
            var replies = 0
            for _ in 0..<Self.inputs / 4 {
                for byte in random.replyLine() + [10] {
                    switch reader.push(byte) {
                    case nil: break
                    case .overlong: reader = ReplyReader()
                    case .reply(let lines):
                        replies += 1
                        guard lines.count <= WireLimits.replyLines,
                            lines.allSatisfy({ $0.utf8.count <= WireLimits.replyLine })
                        else { throw Broken("a longer reply") }
                        let status = GeneratorStatus.parse(lines)
                        guard status.entries.count <= WireLimits.replyLines else {
                            throw Broken("more entries than lines")
                        }
                        _ = StateChange(line: lines[0])
                    }
                }
            }
            return replies
        }
        #expect(replies > 1000)
    }

    @Test func endlessLinesAreForgotten() {
        var framer = LineFramer(limit: 16)
        for _ in 0..<100_000 {
            let element = framer.push(0x41)
            #expect(element == nil)
        }
        #expect(framer.push(10) == .tooLong)
        #expect(framer.push(10) == .line([]))
    }

    struct Broken: Error {
        let what: String
        init(_ what: String) { self.what = what }
    }
}

extension SeededGenerator {
    private static let commands: [[UInt8]] = [
        "PING", "INPUTS", "STATUS", "START", "START NOWAIT", "STOP", "STOP NOW", "STOP NOWAIT",
        "RELAY 0A", "RELAY 0x08", "WATCH", "HOLD me 600 updating the server", "RELEASE me",
        "LEASE 300", "RESET", "VERSION", "HELP", "QUIT", "", " ", "99999999999999999999",
    ].map { Array($0.utf8) }

    private static let replies: [[UInt8]] = [
        "INPUTS: IN1=1 IN2=1 IN3=0 IN4=0 raw=3", "INPUTS: ERROR", "RELAYS: IGN+CHARGER (0x0A)",
        "RUNNING: YES", "START_IN_PROGRESS: NO", "I2C: OK", "THREADS: 1", "UPTIME: 6h45m",
        "STATE: CHARGING", "STATE_SECONDS: 12", "STATE_LEFT: -", "HOLD: me 99 because",
        "LEASE: none", "LATCHED: none", "RUN_SECONDS: 1", "PROTOCOL: 2", "END", "END", "END",
        "Commands:", "PONG", "OK: Watching", "CHANGE: OFF PREPARING 1", "CHANGE: HELD OFF -",
        "THREADS: 99999999999999999999", "HOLD: ", ":", "::::", "STATE_LEFT: -9223372036854775809",
    ].map { Array($0.utf8) }

    /// A number from 0 up to, not including, the limit.
    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }

    /// Something that a client may send: a command, one with faults, or noise.
    mutating func command() -> [UInt8] { line(of: Self.commands) }

    /// The same of a server.
    mutating func replyLine() -> [UInt8] { line(of: Self.replies) }

    private mutating func line(of words: [[UInt8]]) -> [UInt8] {
        if below(8) == 0 { return noise(below(40)) }
        if below(500) == 0 { return noise(200 + below(500)) }
        var line = words[below(words.count)]
        for _ in 0..<below(3) { mutate(&line, words) }
        return line
    }

    private mutating func noise(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    private mutating func mutate(_ line: inout [UInt8], _ words: [[UInt8]]) {
        let place = below(line.count + 1)
        switch below(7) {
        case 0: line.insert(UInt8(truncatingIfNeeded: next()), at: place)
        case 1: if place < line.count { line.remove(at: place) }
        case 2: if place < line.count { line[place] ^= 1 << UInt8(below(8)) }
        case 3: line.insert(contentsOf: words[below(words.count)], at: place)
        case 4: line.removeSubrange(place...)
        case 5: line.insert([0, 9, 13, 10, 32, 0xFF][below(6)], at: place)
        default: line += [32] + noise(below(100))
        }
    }
}
