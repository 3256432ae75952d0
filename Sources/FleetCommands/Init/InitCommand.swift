import ArgumentParser
import Foundation
import Inventory
import RemoteOps

/// `fleetctl init`: the first inventory.
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a first inventory: asks for the hosts and tries the way to them.",
        discussion: """
            Asks what is not said by options, shows each host's key and makes it known where you \
            agree, logs in and asks the host what it is. Then writes the inventory, never over \
            one that exists. Without a terminal the options must say everything, the key must be \
            known already or named by --fingerprint, and one host is written.

            EXIT STATUS: 0 written; 1 not written, or there is one already; 64 usage; 77 written \
            not, as a host key or a login was refused.
            """)

    @OptionGroup var base: BaseOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var answers: InitAnswers

    @Option(
        name: .long, parsing: .singleValue,
        help: "Accept the key with this SHA256:… without asking; may be repeated.")
    var fingerprint: [String] = []

    @Flag(name: .long, help: "Write it without connecting; needs --arch.")
    var offline = false

    func validate() throws {
        if offline, answers.arch == nil {
            throw ValidationError("--offline needs --arch: nobody is asked what the host is")
        }
    }

    func run() async throws {
        let console = Console(base)
        let path = base.inventoryPath
        guard !FileManager.default.fileExists(atPath: path) else {
            console.error("\(path) is there already; nothing was written")
            throw FleetExit.failed.error
        }
        let dialogue = InitDialogue(
            console: console, path: path, timeout: connection.timeout, answers: answers,
            fingerprints: fingerprint, isOffline: offline,
            hasTerminal: isatty(STDIN_FILENO) == 1)
        let inventory: NewInventory
        do {
            inventory = try await dialogue.inventory()
        } catch {
            for line in error.lines { console.error(line) }
            console.say("nothing was written")
            throw error.exit.error
        }
        try write(inventory, to: path, console)
        console.result(
            "\(path): \(inventory.hosts.count) host\(inventory.hosts.count == 1 ? "" : "s")")
        console.say(
            "next: fleetctl doctor -i \(ShellWord.quoted(path)), then describe your services in it")
    }

    private func write(_ inventory: NewInventory, to path: String, _ console: Console) throws {
        let file = URL(fileURLWithPath: path)
        do {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            // Not over one that has come to be meanwhile.
            try Data(inventory.text.utf8).write(to: file, options: .withoutOverwriting)
        } catch {
            console.error("\(path) cannot be written: \(error.localizedDescription)")
            throw FleetExit.failed.error
        }
    }
}

/// What the options say beforehand; the rest is asked.
struct InitAnswers: ParsableArguments {
    @Option(name: .long, help: "The fleet's name, for titles.")
    var fleet: String?

    @Option(name: .long, help: "The first host's name in the inventory.")
    var name: String?

    @Option(name: .long, help: "Its host name or IP address.")
    var address: String?

    @Option(name: .long, help: "Its SSH port, 1 to 65535.")
    var port: Int?

    @Option(name: .long, help: "Who logs in.")
    var user: String?

    @Option(name: .long, help: "A private key's file.", completion: .file())
    var identity: String?

    @Option(name: .long, help: "The password by reference: env:NAME, file:PATH, command:….")
    var password: String?

    @Option(name: .long, help: "root, passwordless, password or none.")
    var sudo: String?

    @Option(
        name: .long, help: "Its processor, where it is not to be asked: arm64, armhf, armv5, amd64."
    )
    var arch: String?

    @Option(name: .customLong("init"), help: "What starts its services: systemd or rc-local.")
    var initSystem: String?
}
