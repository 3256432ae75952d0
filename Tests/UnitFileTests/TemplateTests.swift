import Testing

@testable import UnitFile

@Suite struct TemplateTests {
    @Test func variablesAreFilledAndOtherSignsStay() throws {
        let template = Template("Exec=@release@/x @args@\nAfter=getty@tty1.service a@b\nM=x@@y\n")
        let filled = try template.filled(with: ["release": "/opt/x", "args": "--to a@b@c"])
        #expect(filled == "Exec=/opt/x/x --to a@b@c\nAfter=getty@tty1.service a@b\nM=x@y\n")
        #expect(template.names == ["release", "args"])
    }

    @Test func everyProblemIsNamedAtOnce() {
        let template = Template("a=@one@\nb=@two@ @three@\n")
        let error = #expect(throws: TemplateError.self) {
            try template.filled(with: ["two": "2", "four": "4", "five": "a\nb"])
        }
        #expect(
            error?.problems == [
                .unknown("one", line: 1), .unknown("three", line: 2), .unused("five"),
                .breaksLine("five"), .unused("four"),
            ])
        #expect(error?.problems.first?.description == "line 1: there is no variable @one@")
    }

    @Test func optionalVariablesMayStayUnused() throws {
        #expect(try Template("x").filled(with: ["user": "u"], optional: ["user"]) == "x")
    }

    @Test func valuesAreNotFilledAgain() throws {
        #expect(try Template("@a@").filled(with: ["a": "@a@"]) == "@a@")
    }

    @Test(arguments: ["@", "@a", "a@", "@A@", "@1a@", "@a b@", "@a\n@", "@a-b@"])
    func whatIsNoVariableStays(text: String) throws {
        #expect(try Template(text).filled(with: [:]) == text)
    }
}
