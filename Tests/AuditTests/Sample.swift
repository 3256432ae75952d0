import Audit
import Inventory
import InventoryFile
import PortHolders

/// A host with a service on port 6053, and what is found there.
enum Sample {
    static let inventory = """
        version: 1
        fleet: test
        hosts:
          renogy: { address: 192.0.2.1, user: jorik, arch: arm64 }
        services:
          renogy-bt-proxy:
            host: renogy
            artifact: proxy.py
            executable: renogy_bt_proxy.py
            ports: [6053]
            match: renogy_bt_proxy.py
            replaces: [renogy-bt.service]
        """

    static func subject(_ text: String = inventory) throws -> AuditSubject {
        let fleet = try InventoryFile.parse(Array(text.utf8), file: "fleet.yaml")
        return AuditSubject(host: fleet.hosts[0], services: fleet.services)
    }

    static let unit = """
        [Service]
        ExecStart=/usr/bin/python3 /home/jorik/renogy_bt_proxy.py
        Restart=on-failure
        [Install]
        WantedBy=multi-user.target

        """

    /// A host with systemd that could be looked at wholly, and on which nothing runs.
    static func bareFacts() -> AuditFacts {
        var facts = AuditFacts()
        facts.clock = 1_000_000
        facts.uptime = 10_000
        facts.userID = 0
        facts.isSystemd = true
        facts.tables = Set(SocketProtocol.allCases)
        return facts
    }

    /// A host on which all is well.
    static func facts() -> AuditFacts {
        var facts = bareFacts()
        facts.users = [1000: "jorik"]
        facts.addUnit("renogy-bt-proxy.service", unit)
        facts.add(process(700, in: "/system.slice/renogy-bt-proxy.service"), port: 6053)
        return facts
    }

    static func process(
        _ pid: Int32, in cgroup: String, executable: String = "/usr/bin/python3.11",
        _ arguments: [String] = ["python3", "/home/jorik/renogy_bt_proxy.py"]
    ) -> PortProcess {
        PortProcess(
            pid: pid, startTicks: 5_000, uid: 1000, executable: executable, arguments: arguments,
            cgroup: Cgroup(path: Array(cgroup.utf8)[...]))
    }

    static let session = "/user.slice/user-1000.slice/session-4.scope"

    static func findings(
        _ facts: AuditFacts, _ inventory: String = inventory
    ) throws -> [Finding] {
        Auditor.findings(in: facts, of: try subject(inventory))
    }
}

extension AuditFacts {
    /// A unit that is loaded, enabled and active.
    mutating func addUnit(
        _ name: String, _ text: String, _ properties: [String: String] = [:],
        enabled: String = "enabled"
    ) {
        let path = "/etc/systemd/system/\(name)"
        files[path] = Array(text.utf8)
        fileStates[name] = enabled
        let usual = [
            "Id": name, "LoadState": "loaded", "ActiveState": "active", "SubState": "running",
            "UnitFileState": enabled, "NRestarts": "0", "Result": "success",
            "FragmentPath": path,
        ]
        loaded[name] = LoadedUnit(properties: usual.merging(properties) { $1 })
    }

    /// A process, which listens where a port is given.
    mutating func add(
        _ process: PortProcess, port: UInt16? = nil, _ proto: SocketProtocol = .tcp,
        address: String = "00000000"
    ) {
        processes[process.pid] = Process(core: process)
        guard let port else { return }
        let inode = UInt64(process.pid) * 100
        sockets.append(
            ListeningSocket(proto: proto, address: address, port: port, uid: 1000, inode: inode))
        holders[inode] = [process.pid]
    }
}
