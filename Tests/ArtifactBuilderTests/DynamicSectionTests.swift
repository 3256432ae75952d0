import Testing

@testable import ArtifactBuilder

struct DynamicSectionTests {
    /// `llvm-objdump --private-headers` of an arm64 daemon, its program headers shortened.
    static let dynamic = """

        monitor:\tfile format elf64-littleaarch64

        Program Header:
            PHDR off    0x0000000000000040 vaddr 0x0000000000000040 paddr 0x0000000000000040
         DYNAMIC off    0x00000000000242c8 vaddr 0x00000000000442c8 paddr 0x00000000000442c8
          NEEDED off    0x0000000000000000 vaddr 0x0000000000000000 paddr 0x0000000000000000

        Dynamic Section:
          RUNPATH      $ORIGIN
          NEEDED       libmodbus.so.5
          NEEDED       libsystemd.so.0
          NEEDED       libc.so.6
          NEEDED       ld-linux-aarch64.so.1
          FLAGS        0x0000000000000008
          DEBUG        0x0000000000000000

        Version References:
          required from libsystemd.so.0:
            0x0562c8b9 0x00 05 LIBSYSTEMD_209
          NEEDED       libversion.so.1
        """

    /// The same of a static ARMv5 daemon.
    static let isStatic = """

        server:\tfile format elf32-littlearm

        Program Header:
         UNKNOWN off    0x00000154 vaddr 0x00010154 paddr 0x00010154 align 2**2
                 filesz 0x00000188 memsz 0x00000188 flags r--

        Dynamic Section:

        """

    @Test func theNeededLibrariesAndTheRunPathAreRead() {
        let section = DynamicSection(objdump: Self.dynamic)
        #expect(
            section.needed
                == ["libmodbus.so.5", "libsystemd.so.0", "libc.so.6", "ld-linux-aarch64.so.1"])
        #expect(section.runPath == "$ORIGIN")
    }

    @Test func aStaticProgramNeedsNothing() throws {
        let section = DynamicSection(objdump: Self.isStatic)
        #expect(section.needed.isEmpty)
        #expect(section.runPath == nil)
        #expect(try section.carried(for: .armv5) == [])
    }

    @Test(arguments: [
        "", "\n", "Dynamic Section:", "Dynamic Section:\n  NEEDED\n  \n NEEDED",
        "  NEEDED       libstray.so", "\u{0}\nDynamic Section: x\n  NEEDED  liba.so",
    ])
    func otherTextGivesNothing(_ text: String) {
        #expect(DynamicSection(objdump: text).needed == [])
    }

    /// Needed library, processor, and what becomes of it: carried, on the host, or an error.
    @Test(arguments: [
        ("libmodbus.so.5", BuildArchitecture.arm64, "carried"),
        ("libmodbus.so.5", .armhf, "carried"),
        ("libmodbus.so.5", .amd64, "carried"),
        ("libmodbus.so.5", .armv5, "error"),
        ("libc.so.6", .arm64, "host"),
        ("libc.so.6", .armv5, "error"),
        ("libsystemd.so.0", .armhf, "host"),
        ("ld-linux-armhf.so.3", .armhf, "host"),
        ("ld-linux-armhf.so.3", .arm64, "error"),
        ("libmodbus.so.6", .arm64, "error"),
        ("libswiftCore.so", .amd64, "error"),
        ("libgcc_s.so.1", .armhf, "error"),
    ])
    func aLibraryIsCarriedOrExpectedOrRefused(
        name: String, architecture: BuildArchitecture, fate: String
    ) {
        let section = DynamicSection(objdump: "Dynamic Section:\n  NEEDED       \(name)\n")
        let found: String
        do {
            found = try section.carried(for: architecture) == [name] ? "carried" : "host"
        } catch {
            #expect(error == UnexpectedLibrary(name: name))
            found = "error"
        }
        #expect(found == fate)
    }
}
