import Foundation
import InverterRegisters
import Testing

/// An inverter at the far end of a pseudo-terminal. It answers reads of input registers and notes
/// everything else as a problem. Its end is that of a device that is pulled out.
final class SimulatedInverter: @unchecked Sendable {
    // Everything below `lock` is touched with it held; the thread and the tests share nothing else.
    private let lock = NSLock()
    private var presentMood = Mood.well
    private var noted: [String] = []
    private var skip: Int
    private let master: Int32
    private let slave: Int32
    let path: String

    private var answers = 0
    private var words: [UInt16: UInt16] = [
        0: 64, 4: 521, 5: 24108, 7: 431, 8: 559, 11: 1491, 63: 1, 98: 0xFF73, 170: 1415,
    ]

    init(losesFirst: Int) throws {
        skip = losesFirst
        master = open("/dev/ptmx", O_RDWR | O_NOCTTY | Int32(O_CLOEXEC))
        // TIOCSPTLCK and TIOCGPTN of <asm-generic/ioctls.h>: unlock, and ask for the number.
        var unlocked: Int32 = 0
        var number: UInt32 = 0
        let isOpen =
            ioctl(master, 0x4004_5431, &unlocked) == 0 && ioctl(master, 0x8004_5430, &number) == 0
        try #require(isOpen)
        path = "/dev/pts/\(number)"
        slave = open(path, O_RDWR | O_NOCTTY | Int32(O_CLOEXEC))
        var settings = termios()
        tcgetattr(slave, &settings)
        cfmakeraw(&settings)
        tcsetattr(slave, TCSANOW, &settings)
        // A child that had this one too would keep the device alive.
        let descriptor = fcntl(master, F_DUPFD_CLOEXEC, 0)
        Thread.detachNewThread { [weak self] in
            defer { close(descriptor) }
            var frame: [UInt8] = []
            var byte: UInt8 = 0
            while true {
                var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                // A pause of 20 ms ends a frame.
                let ready = poll(&entry, 1, 20)
                guard let self else { return }
                if ready > 0, read(descriptor, &byte, 1) == 1 { frame.append(byte) }
                // Requests that came while it was slow follow each other without a pause.
                if frame.count == 8 || (ready == 0 && !frame.isEmpty) {
                    for (answer, pause) in self.answer(frame) {
                        // How long a device takes, nothing that a test waits for.
                        usleep(pause)
                        guard write(descriptor, answer, answer.count) == answer.count else {
                            return
                        }
                    }
                    frame = []
                }
            }
        }
    }

    deinit {
        close(slave)
        close(master)
    }

    /// How it answers.
    enum Mood {
        /// As it should.
        case well
        /// Not at all.
        case silent
        /// With a refusal; after so many of them it is well again.
        case refusing(UInt8, times: Int)
        /// With a changed byte in each frame; after so many of them it is well again.
        case garbled(times: Int)
        /// With the beginning of an answer.
        case short
        /// As another slave.
        case other
        /// As it should, so late that nobody waits any more.
        case late
        /// With bytes that come one by one and take half a minute.
        case dribbling
        /// Whatever it is asked, after some noise.
        case noisy
    }

    var mood: Mood {
        get { lock.withLock { presentMood } }
        set { lock.withLock { presentMood = newValue } }
    }

    /// Loses the next requests.
    func lose(_ count: Int) { lock.withLock { skip = count } }

    /// Whether nothing is wrong any more: what it was to lose or refuse, it has.
    var isWell: Bool {
        lock.withLock {
            if case .well = presentMood { skip == 0 } else { false }
        }
    }

    /// What the battery says of itself; its health stays as it was.
    var stateOfCharge: UInt16 {
        get { lock.withLock { (words[5] ?? 0) & 0xFF } }
        set { lock.withLock { words[5] = 94 << 8 | newValue } }
    }

    /// Requests that it took note of; three are a round of the monitor's.
    var answered: Int { lock.withLock { answers } }

    var problems: [String] { lock.withLock { noted } }

    /// The pieces of an answer, each with the microseconds before it.
    private func answer(_ frame: [UInt8]) -> [([UInt8], UInt32)] {
        lock.withLock {
            guard let asked = RTUFrame.parseRequest(frame, slave: 1),
                RegisterBlock(start: asked.start, count: asked.count) != nil
            else {
                noted.append("asked \(frame)")
                return [(RTUFrame.answer(slave: 1, .exception(2)), 0)]
            }
            if skip > 0 {
                skip -= 1
                return []
            }
            // No inverter at work says twice the same.
            answers += 1
            words[38] = 3_900 + UInt16(answers % 50)
            let words = (asked.start..<asked.start + asked.count).map { self.words[$0] ?? 0 }
            return inMood(words)
        }
    }

    /// With the lock held.
    private func inMood(_ words: [UInt16]) -> [([UInt8], UInt32)] {
        var good = RTUFrame.answer(slave: 1, .words(words))
        switch presentMood {
        case .well: return [(good, 0)]
        case .silent: return []
        case .refusing(let code, let times):
            presentMood = times > 1 ? .refusing(code, times: times - 1) : .well
            return [(RTUFrame.answer(slave: 1, .exception(code)), 0)]
        case .garbled(let times):
            presentMood = times > 1 ? .garbled(times: times - 1) : .well
            good[4] ^= 0x40
            return [(good, 0)]
        case .short: return [(Array(good.prefix(4)), 0)]
        case .other: return [(RTUFrame.answer(slave: 2, .words(words)), 0)]
        case .late: return [(good, 1_200_000)]
        case .dribbling: return good.map { ([$0], 350_000) }
        case .noisy: return [([0x00, 0xFF, 0x55], 0), (good, 0)]
        }
    }
}
