// pigenny-monitor reads the inverter, asks gen-server how the generator is, and starts and stops it
// as the battery wants and the operators allow. It writes nothing to the inverter.
import Platform

@main struct PigennyMonitor {
    static func main() {
        guard let arguments = ProcessArguments.current() else {
            fail("cannot read /proc/self/cmdline", usage: false)
        }
        do throws(Options.Failure) {
            switch try Options.parse(arguments) {
            case .help: Terminal.say(Options.help)
            case .version: Terminal.say("pigenny-monitor " + Product.version)
            case .testInverter(let options): end(Trial.inverter(options))
            case .testGenerator(let options): testGenerator(options)
            case .run(let options): run(options)
            }
        } catch {
            fail(error.text + "; see --help", usage: true)
        }
    }

    private static func testGenerator(_ options: Options) {
        do throws(PosixError) {
            end(try Trial.generator(options))
        } catch {
            fail(error.text, usage: false)
        }
    }

    private static func end(_ isWell: Bool) -> Never { Terminal.exit(isWell ? 0 : 1) }

    private static func run(_ options: Options) {
        do throws(PosixError) {
            var loop = MonitorLoop(options: options, signals: try Signals())
            try loop.run()
        } catch {
            fail(error.text, usage: false)
        }
    }

    private static func fail(_ text: String, usage: Bool) -> Never {
        Terminal.complain("pigenny-monitor: " + text)
        Terminal.exit(usage ? 64 : 1)
    }
}
