// pigenny-monitor watches: it reads the inverter, asks gen-server how the generator is, and says
// both. It writes nothing to the inverter and starts nothing.
import Platform
import SystemdNotify

@main struct PigennyMonitor {
    static func main() {
        guard let arguments = ProcessArguments.current() else {
            fail("cannot read /proc/self/cmdline", usage: false)
        }
        do throws(Options.Failure) {
            switch try Options.parse(arguments) {
            case .help: Terminal.say(Options.help)
            case .version: Terminal.say("pigenny-monitor " + Product.version)
            case .watch(let options): watch(options)
            }
        } catch {
            fail(error.text + "; see --help", usage: true)
        }
    }

    private static func watch(_ options: Options) {
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
