/// What a program asks of the dynamic loader, read from `llvm-objdump --private-headers`.
struct DynamicSection: Sendable, Equatable {
    /// DT_NEEDED: the libraries' names, in the file's order.
    var needed: [String] = []
    /// DT_RUNPATH or DT_RPATH, as written.
    var runPath: String?

    /// Reads the lines of the section; what else objdump prints is left alone.
    init(objdump text: String) {
        var isInside = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            guard line.hasPrefix(" ") else {
                isInside = line == "Dynamic Section:"
                continue
            }
            guard isInside else { continue }
            let words = line.split(separator: " ", maxSplits: 1)
            guard words.count == 2 else { continue }
            let value = words[1].drop(while: { $0 == " " })
            switch words[0] {
            case "NEEDED": needed.append(String(value))
            case "RUNPATH", "RPATH": runPath = String(value)
            default: break
            }
        }
    }

    /// Which of the needed libraries travel with the binary. Throws the name of the first that
    /// neither travels nor is on the host.
    func carried(for architecture: BuildArchitecture) throws(UnexpectedLibrary) -> [String] {
        var carried: [String] = []
        for name in needed {
            if BuildArchitecture.carriedLibraries.contains(name), architecture != .armv5 {
                carried.append(name)
            } else if !architecture.hostLibraries.contains(name) {
                throw UnexpectedLibrary(name: name)
            }
        }
        return carried
    }
}

/// A library that a program needs and no host is sure to have.
struct UnexpectedLibrary: Error, Equatable {
    var name: String
}
