import InverterRegisters
import Testing

/// Faults and warnings by the maker's numbers and names.
@Suite struct AlarmTests {
    @Test func eachBitHasItsNumber() {
        #expect(InverterFaults([]).texts == [])
        #expect(
            InverterFaults(rawValue: 1 << 16 | 1).texts
                == ["E000 internal communication fault 1", "E016 relay check failed"])
        #expect(InverterWarnings(rawValue: 1 << 9).texts == ["W009 a fan is stuck"])
        #expect(InverterWarnings.gridOutage.texts == ["W016 no grid"])
        #expect(InverterWarnings(rawValue: 1 << 31).texts.first?.hasPrefix("W031 ") == true)
    }

    @Test func aBitWithoutANameIsToldToo() {
        #expect(InverterFaults(rawValue: 1 << 29).texts == ["E029 (no name)"])
        let all = InverterFaults(rawValue: .max).texts + InverterWarnings(rawValue: .max).texts
        #expect(all.count == 64 && Set(all.map { $0.prefix(4) }).count == 64)
    }
}
