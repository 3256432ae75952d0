import Foundation
import RemoteOps
import Testing

@testable import SSHTransport

/// Lines of known_hosts that are passed over cheaply are lines that libssh's parser finds no name in.
@Suite struct KnownHostsTests {
    private static let key =
        "AAAAC3NzaC1lZDI1NTE5AAAAIJsK5nixxT+Md/OthDX0BjVwuq0Cww790kd/eAqT2KtR"
    private static let otherKey =
        "AAAAC3NzaC1lZDI1NTE5AAAAINKrKVDw2kSy0clrEld8tqi+vMeyxFkvl5axaCxsiqdW"
    /// pi.example, as `ssh-keygen -H` hashed it.
    private static let hashed = "|1|88K++EqeO5DcSVi5A1kDVQ4sL7s=|KRbxLXw0g32lo3iVwOJw1dolrk0="

    private func line(_ text: String) -> KnownHostsLine { KnownHostsLine(Array(text.utf8)[...]) }

    @Test(arguments: [
        "pi.example", "PI.Example", "other,pi.example", "pi.example,other", "pi.*", "p?.example",
        "*", "*,!other", "[pi.example]:22", "  pi.example", "xpi.example", "pi.examplex",
        "!pi.example,*", "other", "[pi.example]:2222", "pi", "", hashed,
    ])
    func noLineIsPassedOverThatNamesTheHost(_ names: String) {
        for label in ["pi.example", "[pi.example]:2222", "pi", "[pi]:22"] {
            let text = "\(names) ssh-ed25519 \(Self.key)"
            if KnownHosts.key(in: text, for: label) != nil {
                #expect(line(text).mayName(Array(label.utf8)), "\(text) for \(label)")
            }
        }
    }

    @Test func linesOfOtherHostsArePassedOver() {
        let label = Array("pi.example".utf8)
        for names in ["p", "198.51.100.7", "pi.exampl", "[olimex]:22,renogy"] {
            #expect(!line("\(names) ssh-ed25519 pi.example").mayName(label))
        }
    }

    /// The verdict on `key` by a file with these lines, which end as they say.
    private func verdict(_ text: String) throws -> KnownHosts.Verdict {
        let path = try TestFolder.make() + "/known_hosts"
        try text.write(toFile: path, atomically: false, encoding: .utf8)
        var known = KnownHosts(SSHSettings(name: "pi", address: "pi.example", user: "pi"))
        known.files = [path]
        let shown = try #require(
            KnownHosts.key(in: "pi.example ssh-ed25519 \(Self.key)", for: "pi.example"))
        return known.verdict(on: shown, host: "Pi.Example", port: 22)
    }

    @Test(arguments: ["\n", "\r\n"]) func everyKindOfLineHasItsVerdict(_ end: String) throws {
        let strangers = (1...300).map { "h\($0) ssh-ed25519 \(Self.otherKey)" + end }.joined()
        for name in ["pi.example", "PI.example,h1", "*.example", Self.hashed] {
            guard
                case .known = try verdict(
                    "# first" + end + strangers + "\(name) ssh-ed25519 \(Self.key)" + end)
            else { throw TestFailure(name) }
        }
        guard case .unknown = try verdict(strangers) else { throw TestFailure("strangers") }
        guard
            case .changed(let entries) = try verdict(
                strangers + "pi.example ssh-ed25519 \(Self.otherKey)" + end)
        else { throw TestFailure("changed") }
        #expect(entries.map(\.line) == [301])
        guard
            case .revoked(_, let line) = try verdict(
                "pi.example ssh-ed25519 \(Self.key)" + end + strangers
                    + "@revoked\th1 ssh-ed25519 \(Self.key)" + end)
        else { throw TestFailure("revoked") }
        #expect(line == 302)
    }
}
