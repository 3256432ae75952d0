import Foundation
import LabSupport
import TestSupport
import Testing

/// A host on which deploys are broken off: how it is looked at, and where its scripts stop.
struct CrashHost: Sendable {
    /// What starts its services.
    enum Kind: Sendable { case systemd, board }

    let lab: Lab
    let name: String
    let kind: Kind

    /// What the host's scripts do at each point: count it, and wait at one of them. The files lie in
    /// memory, so that after a power cut nobody waits.
    static let points = """
        point() {
            [ -e /run/points/stop ] || return 0
            read -r points_count </run/points/count
            points_count=$((points_count + 1))
            echo "$points_count" >/run/points/count
            echo "$1" >>/run/points/log
            read -r points_stop </run/points/stop
            [ "$points_count" = "$points_stop" ] || [ "$1" = "$points_stop" ] || return 0
            echo "$$ $1" >/run/points/new
            mv /run/points/new /run/points/reached
            while [ -e /run/points/reached ]; do sleep 0.05; done
        }

        """

    /// Has the scripts stop at this point, from 1; at none where it is 0.
    func stop(at point: Int) async throws { try await stop(at: String(point)) }

    /// The same, also by the point's name.
    func stop(at point: String) async throws {
        try await sh(
            """
            rm -rf /run/points; mkdir -p /run/points; : >/run/points/log
            echo 0 >/run/points/count; echo '\(point)' >/run/points/stop
            """)
    }

    /// The points that were passed since.
    func passed() async throws -> [String] {
        try await sh("cat /run/points/log").split(separator: "\n").map(String.init)
    }

    /// The process that waits at a point; nil while none does.
    func waiting() async throws -> String? {
        let line = try await lab.sh(name, "cat /run/points/reached 2>/dev/null").output.trimmed
        return line.isEmpty ? nil : String(line.prefix { $0 != " " })
    }

    /// Lets the process at the point go on, and stops nobody any more.
    func goOn() async throws { try await sh("rm -f /run/points/stop /run/points/reached") }

    /// Brings the host to where no deploy was ever made: a unit made by hand has the port.
    func bringOldUnit() async throws {
        let server = Data(Programs.server.utf8).base64EncodedString()
        try await sh(
            """
            systemctl disable -q --now app.service 2>/dev/null
            cd /etc/systemd/system
            rm -rf app.service fleet-* sysinit.target.wants/fleet-* /opt/fleet
            mkdir -p /opt/old
            echo old >/opt/old/reply
            echo \(server) | base64 -d >/opt/old/server
            chmod 755 /opt/old/server
            printf '%s\\n' '[Service]' 'ExecStart=/opt/old/server 7777 /opt/old/reply' \
                '[Install]' 'WantedBy=multi-user.target' >old.service
            systemctl daemon-reload
            systemctl enable -q --now old.service
            sync
            """)
        try await waitUntil("the old unit has the port") { try await look() == "whole old" }
    }

    /// What runs: `whole TEXT`, where everything says that it is the release that answers TEXT, else
    /// what is found.
    func look() async throws -> String {
        let process =
            kind == .systemd
            ? """
            pid=$(systemctl show -p MainPID --value app)
            unit=$(systemctl show -p Description --value app)
            file=$(sed -n 's/^Description=//p' /etc/systemd/system/app.service)
            state="$(systemctl is-active app) $(systemctl is-enabled app) \
            $(systemctl show -p NeedDaemonReload --value app)"
            good='active enabled no'
            if systemctl is-enabled -q old.service 2>/dev/null; then
                owners=$(ss -Hltnp sport = 7777 | grep -o 'pid=[0-9]*' | sort -u)
                if [ "$owners" = "pid=$(systemctl show -p MainPID --value old)" ] &&
                    [ -z "$(ls -A /opt/fleet/app/current /etc/systemd/system/app.service 2>/dev/null)" ] &&
                    [ "$(systemctl is-active app)" = inactive ]; then
                    echo 'whole old'
                    exit 0
                fi
                state="old is enabled, $state"
            fi
            """
            : """
            line=$(/opt/fleet/app/current/supervise status)
            pid=${line#* process=} pid=${pid%% *}
            unit=$(cat /opt/fleet/app/current/config/reply) file=$unit
            state="${line%% *} $(grep -c '# fleet:app$' /etc/rc.local)"
            good='running 1'
            """
        return try await sh(
            """
            exec 2>/dev/null
            \(process)
            current=$(readlink /opt/fleet/app/current)
            reply=$(cat /opt/fleet/app/current/config/reply)
            cwd=$(readlink "/proc/$pid/cwd")
            answer=$(timeout 2 bash -c 'exec 3<>/dev/tcp/127.0.0.1/7777 && head -n 1 <&3' 2>&1)
            owners=$(ss -Hltnp sport = 7777 | grep -o 'pid=[0-9]*' | sort -u | tr '\\n' ' ')
            if [ "$owners" = "pid=$pid " ] && [ "$answer" = "$reply" ] && [ "$unit" = "$reply" ] &&
                [ "$file" = "$reply" ] && [ "$cwd" = "/opt/fleet/app/$current" ] &&
                [ "$state" = "$good" ]; then
                echo "whole $answer"
            else
                echo "answer=$answer owners=$owners pid=$pid current=$current cwd=$cwd" \
                    "reply=$reply unit=$unit file=$file state=$state"
            fi
            """)
    }

    /// What a deploy must not leave behind; empty where there is nothing.
    func leftovers() async throws -> String {
        try await sh(
            """
            find /opt/fleet/.staging /run/fleet -mindepth 1 -maxdepth 1 ! -name app 2>/dev/null
            find /etc /opt/fleet \\( -name '*.fleet-new' -o -name .current-new -o -name saved \
                -o -name .transaction \\) 2>/dev/null
            [ ! -d /run/systemd/system ] || [ "$(systemctl is-active fleet-watch.timer)" = inactive ] ||
                echo fleet-watch.timer
            for link in /proc/[0-9]*; do
                ! tr '\\0' ' ' <"$link/cmdline" 2>/dev/null | grep -q '^sh ./watcher.sh' ||
                    echo "watcher $link"
            done
            true
            """)
    }

    @discardableResult
    func sh(_ script: String) async throws -> String {
        let result = try await lab.sh(name, script)
        guard result.status == 0 else {
            throw LabError(message: "\(name): \(script): \(result.output)")
        }
        return result.output.trimmed
    }
}
