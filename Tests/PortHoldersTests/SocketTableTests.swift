import PortHolders
import Testing

/// What the kernel's tables say, from recordings, and what hostile ones do.
struct SocketTableTests {
    private static let tcp = """
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 00000000:17A5 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1167 1 00000000b9f3cdf1 100 0 0 10 0
           1: 0100007F:8363 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 9426672 1 00000000e3222f63 100 0 0 10 0
           2: 0100007F:17A5 0100007F:A0E2 01 00000000:00000000 00:00000000 00000000  1000        0 3000 1 0000000000000000 20 4 30 10 -1

        """
    private static let udp6 = """
          sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
         1038: 00000000000000000000000001000000:14E9 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000   108        0 20318 2 0000000000000000 0

        """

    @Test func listenersAndNobodyElse() {
        let sockets = SocketTable.listening(Array(Self.tcp.utf8), .tcp)
        #expect(sockets.map(\.port) == [6053, 33_635])
        #expect(sockets.map(\.inode) == [1167, 9_426_672])
        #expect(sockets[0].isOnAllAddresses && !sockets[0].isLocal && sockets[0].uid == 1000)
        #expect(sockets[1].isLocal && !sockets[1].isOnAllAddresses)
    }

    @Test func datagramsOfTheLongerFamily() {
        let sockets = SocketTable.listening(Array(Self.udp6.utf8), .udp6)
        #expect(sockets.map(\.port) == [5353])
        #expect(sockets[0].isLocal)
        // The same bytes are no table of the shorter family.
        #expect(SocketTable.listening(Array(Self.udp6.utf8), .udp).isEmpty)
    }

    @Test(arguments: [
        "", "\n\n\n", "0: 00000000:17A5", "0: 00000000 00000000:0000 0A 0 0 0 0 0 1167",
        "0: 00000000:17A5 00000000:0000 0A 0 0 0 1000 0 -1",
        "0: 00000000:1FFFF 00000000:0000 0A 0 0 0 1000 0 1",
        "0: 0000000G:17A5 00000000:0000 0A 0 0 0 1000 0 1",
        "0: 00000000:0000 00000000:0000 0A 0 0 0 1000 0 1",
        "0: 00000000:17A5 00000000:0000 0A 0 0 0 99999999999 0 1",
        "0: 00000000:17A5 00000000:0000 0A 0 0 0 1000 0 99999999999999999999999",
    ])
    func whatIsNoLineOfATableIsSkipped(_ line: String) {
        let good = "9: 00000000:17A5 00000000:0000 0A 0 0 0 1000 0 42"
        let table = Array((line + "\n" + good).utf8)
        #expect(SocketTable.listening(table, .tcp).map(\.inode) == [42])
    }

    @Test(arguments: [
        ("socket:[9426672]", UInt64?.some(9_426_672)), ("socket:[]", nil), ("socket:[1", nil),
        ("pipe:[12]", nil), ("/tmp/socket:[12]", nil), ("socket:[-1]", nil), ("", nil),
    ])
    func linksToSockets(_ link: String, _ inode: UInt64?) {
        #expect(PortProcess.socketInode(link: Array(link.utf8)) == inode)
    }

    @Test(arguments: [
        (
            "680 (python3) S 1 680 680 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 12345 9 9",
            UInt64?.some(12345)
        ),
        ("680 (a) b) ) R 1 680 680 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 77 9 9", 77),
        ("680 (dead) Z 1 680 680 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 77 9 9", nil),
        ("680 (short) S 1", nil), ("", nil), ("no parenthesis", nil),
    ])
    func startTimes(_ stat: String, _ ticks: UInt64?) {
        #expect(PortProcess.startTicks(stat: Array(stat.utf8)) == ticks)
    }
}
