import Inventory
import Testing

@Suite struct SecretsInPlainSightTests {
    static let secret = "hunter2-Tr0ub4dor"

    /// Places where somebody may write a password. Each is refused, and no message repeats it.
    @Test(arguments: [
        "b: {address: b, user: u, arch: amd64, password: SECRET}",
        "b: {address: b, user: u, arch: amd64, password: 'env:SECRET'}",
        "b: {address: b, user: u, arch: amd64, password: [SECRET]}",
        "b: {address: b, user: u, arch: amd64, password: {x: SECRET}}",
        "b: {address: b, user: u, arch: amd64, passwort: SECRET}",
        "b: {address: b, user: u, arch: amd64, sudo: password, sudo_password: SECRET}",
    ])
    func ofHosts(line: String) {
        let text = Inventories.with(hosts: line.replacing("SECRET", with: Self.secret))
        let found = Inventories.problems(text)
        #expect(!found.isEmpty)
        #expect(found.allSatisfy { !$0.contains(Self.secret) })
    }

    @Test func aLiteralPasswordIsToldWhatToWrite() {
        let text = Inventories.with(
            hosts: "b: {address: b, user: u, arch: amd64, password: \(Self.secret)}")
        #expect(
            Inventories.problems(text) == [
                "5:51: error: hosts.b.password: a password does not belong in the inventory — write "
                    + "env:NAME, file:PATH (a file of mode 0600) or command:COMMAND"
            ])
    }

    @Test(arguments: [
        "args: ['--password=SECRET']", "args: ['--db-passwd', 'SECRET']",
        "args: ['--api-key=SECRET']",
        "args: ['-pass', 'SECRET']", "environment: {MQTT_PASSWORD: SECRET}",
        "environment: {API_KEY: SECRET}", "environment: {access_token: SECRET}",
        "after_exit: ['--secret=SECRET']",
    ])
    func ofServices(keys: String) {
        let found = ServiceValidationTests.faults(keys.replacing("SECRET", with: Self.secret))
        #expect(found.count == 1)
        #expect(found.allSatisfy { $0.contains("passes a secret") && !$0.contains(Self.secret) })
    }

    @Test(arguments: [
        "args: [--password-file=/x, --token-path, /y, password, --passive, --keyboard]",
        "environment: {PASSWORD_FILE: /x, TOKENIZER: y, COMPASS: x}",
    ])
    func placesOfSecretsAreNone(keys: String) {
        #expect(
            ServiceValidationTests.faults(keys) == [])
    }
}
