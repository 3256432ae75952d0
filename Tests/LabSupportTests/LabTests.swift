import LabSupport
import TestSupport
import Testing

@Suite(.lab, .sharesLab) struct LabTests {
    @Test(arguments: ["pi", "olimex", "renogy"]) func everyHostKnowsItsName(_ host: String)
        async throws
    {
        let lab = try Lab.required()
        let result = try await lab.sh(host, "hostname; cat", input: "more\n")
        #expect(result == LabResult(status: 0, output: "\(host)\nmore\n"))
    }

    @Test func statusAndOutputOfAFailedCommandAreAResult() async throws {
        let lab = try Lab.required()
        let result = try await lab.sh("pi", "echo said; echo also >&2; exit 7")
        #expect(result == LabResult(status: 7, output: "said\nalso\n"))
    }

    @Test func aCommandPastItsDeadlineIsEnded() async throws {
        let lab = try Lab.required()
        await #expect(throws: LabError.self) {
            try await lab.sh("pi", "exec sleep 4711", deadline: .milliseconds(500))
        }
        try await waitUntil("the sleep has ended") {
            try await lab.sh("pi", "pgrep -f '^sleep 4711'").status == 1
        }
    }

    @Test func addressesAndSecretsAreThere() throws {
        let lab = try Lab.required()
        #expect(try lab.addressOf("pi") == "198.51.100.10")
        #expect(try lab.addressOf("olimex") == "203.0.113.2")
        #expect(try lab.password("olimex").count == 20)
        let passwords = [try lab.password("operator"), try lab.password("olimex")]
        #expect(passwords[0] != passwords[1])
        #expect(throws: LabError.self) { try lab.password("nobody") }
    }

    @Test func relaysAndInputsGoThroughTheKernelsInterface() async throws {
        let lab = try Lab.required()
        try lab.setInputs(0x03)
        // Through sshd: only what descends from the host's init sees the bus.
        let result = try await lab.run([
            "ws", "sh", "-c",
            """
            SSHPASS=$LAB_OLIMEX_PASSWORD sshpass -e ssh -F "$FLEET_LAB/ssh_config" olimex '
                i2cset -y 0 0x58 0x10 0x0a && i2cset -y 0 0x58 0x20 && sleep 0.01 &&
                i2cget -y 0 0x58'
            """,
        ])
        #expect(result == LabResult(status: 0, output: "0x03\n"))
        #expect(try lab.relays() == 0x0a)
    }
}

@Suite(.lab, .faultsLab, .serialized) struct LabFaultTests {
    @Test func aCutLinkIsDeafUntilJoined() async throws {
        let lab = try Lab.required()
        let probe = "python3 -c 'import socket; socket.create_connection((\"203.0.113.2\", 22), 1)'"
        #expect(try await lab.sh("pi", probe).status == 0)
        try await lab.whileCut("pi", "eth1") {
            let deaf = try await lab.sh("pi", probe)
            #expect(deaf.status == 1)
        }
        try await waitUntil("the link carries again") {
            try await lab.sh("pi", probe).status == 0
        }
    }

    @Test func aRebootChangesTheBootID() async throws {
        let lab = try Lab.required()
        let before = try await lab.bootID(of: "renogy")
        try await lab.reboot("renogy")
        let after = try await lab.bootID(of: "renogy")
        #expect(after != before)
    }

    @Test func aWireDelaysAndEnds() async throws {
        let lab = try Lab.required()
        // The quickest of ten: a busy machine makes some slower, none faster.
        let probe = """
            python3 -c 'import socket, time
            def once():
                begin = time.monotonic()
                socket.create_connection(("203.0.113.1", 22), 5).close()
                return (time.monotonic() - begin) * 1000
            print(int(min(once() for _ in range(10))))'
            """
        let milliseconds = { @Sendable () async throws -> Int in
            let result = try await lab.sh("olimex", probe)
            return try #require(Int(result.output.dropLast()), "\(result.output)")
        }
        let slow = try await lab.whileWired(
            "olimex", "eth0", roundTrip: .milliseconds(40), milliseconds)
        #expect((40..<80).contains(slow))
        try await waitUntil("the link is fast again") { try await milliseconds() < 40 }
    }
}
