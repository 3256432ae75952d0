// port-guard runs before a service starts and sees to it that nobody else has its port. It signals
// only what is the service's own program outside of every service, and only that very process.
import Platform
import PortHolders

@main struct PortGuard {
    static func main() {
        guard let arguments = ProcessArguments.current() else {
            fail("cannot read /proc/self/cmdline", .failed)
        }
        do throws(Options.Failure) {
            switch try Options.parse(arguments) {
            case .help: Terminal.say(Options.help)
            case .version: Terminal.say("port-guard " + Product.version)
            case .watch(let options): watch(options)
            }
        } catch {
            fail(error.text + "; see --help", .badOption)
        }
    }

    private static func watch(_ options: Options) {
        if options.hasRun { execute(options) }
        do throws(PosixError) {
            let outcome = try Guard(options).run()
            if outcome == .free { execute(options) }
            Terminal.exit(outcome.rawValue)
        } catch {
            Terminal.complain("port-guard: " + error.text)
            execute(options)
            Terminal.exit(Guard.Outcome.failed.rawValue)
        }
    }

    private static func execute(_ options: Options) {
        guard !options.command.isEmpty, !options.isDryRun else { return }
        fail(Program.become(options.command).text, .failed)
    }

    private static func fail(_ text: String, _ outcome: Guard.Outcome) -> Never {
        Terminal.complain("port-guard: " + text)
        Terminal.exit(outcome.rawValue)
    }
}
