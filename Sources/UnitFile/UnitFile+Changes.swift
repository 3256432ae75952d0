extension UnitFile {
    /// Adds an assignment at the end of a section, after its last assignment; makes the section at
    /// the end of the file where there is none.
    ///
    /// - Parameter value: as it is to stand in the file, already quoted.
    /// - Throws: where the value would not stay on its line.
    public mutating func append(
        _ key: String, _ value: String, to section: String
    ) throws(UnitFileError) {
        let hasBreak = (key + value + section).unicodeScalars.contains { $0.value < 0x20 }
        guard !hasBreak, !value.hasSuffix("\\") else {
            throw UnitFileError(line: nil, reason: "the value of \(key)= does not stay on its line")
        }
        let assignment = Assignment(section: section, key: key, value: value, line: 0)
        let piece = Piece.assignment(assignment, raw: Array("\(key)=\(value)\n".utf8))
        if let index = lastIndex(of: section) {
            endLine(at: index)
            pieces.insert(piece, at: index + 1)
        } else {
            if !pieces.isEmpty {
                endLine(at: pieces.count - 1)
                pieces.append(.other(Array("\n".utf8), line: 0))
            }
            pieces += [.section(section, raw: Array("[\(section)]\n".utf8), line: 0), piece]
        }
    }

    /// Adds an assignment before the first one of the same key in its section, or at the end of the
    /// section where there is none: commands run in their order.
    ///
    /// - Throws: as `append` does.
    public mutating func prepend(
        _ key: String, _ value: String, to section: String
    ) throws(UnitFileError) {
        let first = pieces.firstIndex { piece in
            guard case .assignment(let assignment, _) = piece else { return false }
            return assignment.section == section && assignment.key == key
        }
        let count = pieces.count
        try append(key, value, to: section)
        guard let first, pieces.count == count + 1, let new = lastIndex(of: section) else {
            return
        }
        pieces.insert(pieces.remove(at: new), at: first)
    }

    /// Takes the place of older units: they are stopped before this one starts. `Conflicts=` alone
    /// gives no order, so each also stands in `After=`.
    public mutating func replace(_ units: [String]) throws(UnitFileError) {
        for unit in units {
            try append("Conflicts", unit, to: "Unit")
            try append("After", unit, to: "Unit")
        }
    }

    /// The last assignment of a section, or its heading.
    private func lastIndex(of section: String) -> Int? {
        pieces.lastIndex { piece in
            switch piece {
            case .other: false
            case .section(let name, _, _): name == section
            case .assignment(let assignment, _): assignment.section == section
            }
        }
    }

    /// A file's last line may lack its line break, or go on behind the file's end; what follows
    /// needs a line of its own.
    private mutating func endLine(at index: Int) {
        let newline = UInt8(ascii: "\n")
        func ended(_ raw: [UInt8], isComment: Bool = false) -> [UInt8] {
            let line = raw.last == newline ? raw.dropLast() : raw[...]
            let goesOn = !isComment && UnitReader.continues(line)
            return line + (goesOn ? [newline, newline] : [newline])
        }
        switch pieces[index] {
        case .other(let raw, let line):
            pieces[index] = .other(ended(raw, isComment: true), line: line)
        case .section(let name, let raw, let line):
            pieces[index] = .section(name, raw: ended(raw), line: line)
        case .assignment(let assignment, let raw):
            pieces[index] = .assignment(assignment, raw: ended(raw))
        }
    }
}
