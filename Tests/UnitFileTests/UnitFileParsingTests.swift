import Testing

@testable import UnitFile

@Suite struct UnitFileParsingTests {
    static let awkward = """
        # A comment at the top
        ; and another kind

        [Unit]
        Description=A unit with \\
          # a comment inside
          three lines
        After=a.service
        After=b.service

        [Service]
        ExecStart=/bin/echo "a \\\\" \\
            b
        Environment=
        [Unit]
          Wants = c.service\t
        [Install]
        WantedBy=multi-user.target
        """

    @Test func whatIsParsedComesOutByteForByte() throws {
        for text in [
            Self.awkward, Self.awkward + "\n", "", "\n", "# only a comment", "[A]\n\n\n",
            "[A]\nK=v \\", "[A]\nK=v \\\n", "[A]\nK=é 日本\n",
        ] {
            #expect(try UnitFile(parsing: text).text == text)
        }
    }

    @Test func assignmentsAreReadAsSystemdReadsThem() throws {
        let unit = try UnitFile(parsing: Self.awkward)
        #expect(unit.values(of: "Description", in: "Unit") == ["A unit with    three lines"])
        #expect(unit.values(of: "After", in: "Unit") == ["a.service", "b.service"])
        #expect(unit.values(of: "ExecStart", in: "Service") == ["/bin/echo \"a \\\\\"      b"])
        #expect(unit.values(of: "Wants", in: "Unit") == ["c.service"])
        #expect(unit.assignments.map(\.line) == [5, 8, 9, 12, 14, 16, 18])
    }

    @Test func anEmptyAssignmentClearsThoseBefore() throws {
        let unit = try UnitFile(parsing: "[S]\nA=1\nA=2\nA=\nA=3\n")
        #expect(unit.values(of: "A", in: "S") == ["3"])
    }

    @Test(arguments: [
        ("K=v\n", 1, "before the first section"), ("[S]\nno equals\n", 2, "no '='"),
        ("[S\nK=v\n", 1, "']' is missing"), ("[S]\n=v\n", 2, "no name"),
        ("[S]\nK=v\r\n", 2, "U+D"), ("[S]\nK=a\u{0}b\n", 2, "U+0"),
        ("[S]\nK=v \\\nmore\u{1}\n", 3, "U+1"), ("[]\n", 1, "no name"),
    ])
    func whatIsNoUnitIsRefusedWithItsLine(text: String, line: Int, reason: String) {
        let error = #expect(throws: UnitFileError.self) { try UnitFile(parsing: text) }
        #expect(error?.line == line)
        #expect(error?.reason.contains(reason) == true)
    }

    @Test func appendingChangesNothingElse() throws {
        var unit = try UnitFile(
            parsing: "# top\n[Unit]\nA=1\n\n# about the service\n[Service]\nB=2")
        try unit.append("C", "3", to: "Service")
        try unit.append("D", "4", to: "Install")
        try unit.replace(["old.service", "older.service"])
        #expect(
            unit.text == """
                # top
                [Unit]
                A=1
                Conflicts=old.service
                After=old.service
                Conflicts=older.service
                After=older.service

                # about the service
                [Service]
                B=2
                C=3

                [Install]
                D=4

                """)
        #expect(try UnitFile(parsing: unit.text).values(of: "C", in: "Service") == ["3"])
    }

    @Test func appendingToALastLineThatGoesOnEndsItFirst() throws {
        for text in ["[S]\nA=1 \\", "[S]\nA=1 \\\n", "[S]\nA=1\n# \\"] {
            var unit = try UnitFile(parsing: text)
            try unit.append("B", "2", to: "S")
            let again = try UnitFile(parsing: unit.text)
            #expect(again.values(of: "A", in: "S") == ["1"])
            #expect(again.values(of: "B", in: "S") == ["2"])
        }
    }

    @Test(arguments: ["a\nExecStart=/bin/rm", "a\\", "a\u{0}"])
    func aValueCannotLeaveItsLine(value: String) throws {
        var unit = try UnitFile(parsing: "[S]\n")
        #expect(throws: UnitFileError.self) { try unit.append("K", value, to: "S") }
        #expect(unit.text == "[S]\n")
    }
}
