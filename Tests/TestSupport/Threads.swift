import Foundation

/// How many threads of this process have a name that begins so, such as `ssh ` for sessions.
public func threadCount(named prefix: String) throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").filter {
        // One that ends meanwhile has no name any more.
        let name = try? String(contentsOfFile: "/proc/self/task/\($0)/comm", encoding: .utf8)
        return name?.hasPrefix(prefix) ?? false
    }.count
}
