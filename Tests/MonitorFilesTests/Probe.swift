// The program in Tests/MonitorProbe, here and on test hosts.
import Foundation
import LabSupport
import TestSupport
import Testing

enum Probe {
    private static let folder = "/tmp/monitor-probe"

    /// The program as it was built with the tests.
    static func path() throws -> String {
        let path =
            URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().path + "/monitor-probe"
        try #require(FileManager.default.isExecutableFile(atPath: path), "\(path) is not built")
        return path
    }

    /// Puts it on a host, with the toolchain's libraries beside it; the command that runs it there.
    static func install(_ lab: Lab, on host: String) async throws -> String {
        let script = """
            libraries=$(ldd "$0" | sed -n '/^[[:space:]]*lib[cm][.]/d; s/.* => \\([/][^ ]*\\) .*/\\1/p')
            tar -ch --transform 's,.*/,,' "$0" $libraries 2>/dev/null |
                "$1" sh \(host) sh -c 'mkdir -p \(folder) && tar -xC \(folder)'
            """
        let result = try await Shell.run(["sh", "-c", script, try path(), lab.script])
        try #require(result.status == 0, "\(result.errorText)")
        return "env LD_LIBRARY_PATH=\(folder) \(folder)/monitor-probe"
    }
}
