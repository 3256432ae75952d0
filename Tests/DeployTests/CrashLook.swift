import Foundation
import LabSupport

/// How a host is looked at whose deploy was broken off. What has to be waited for is waited for in
/// the host: to look in from outside costs more than what is seen.
extension CrashHost {
    /// What runs: `whole TEXT`, where everything says that it is the release that answers TEXT, or
    /// `whole old`, where it is what no deploy has touched; else what is found.
    func look() async throws -> String { try await sh("\(lookScript)\nlook") }

    /// What the host runs once nothing is at work in it and that is one of these; else what is found
    /// after 40 s.
    func atRest(_ expected: [String]) async throws -> String {
        let cases = expected.map { "'\($0)'" }.joined(separator: " | ")
        return try await sh(
            """
            \(lookScript)
            read -r begun _ </proc/uptime
            while :; do
                found='something is at work'
                [ -e /opt/fleet/.transaction ] ||
                    ls -l /proc/[0-9]*/cwd 2>/dev/null | grep -v ' (deleted)$' |
                    grep -q ' /opt/fleet/\\.\\(staging\\|transaction\\)' || found=$(look)
                case $found in \(cases)) break ;; esac
                read -r up _ </proc/uptime
                [ "$((${up%.*} - ${begun%.*}))" -lt 40 ] || break
                sleep 0.1
            done
            echo "$found"
            """)
    }

    /// What a deploy must not leave behind; empty where there is nothing.
    func leftovers() async throws -> String { try await sh("\(leftoversScript)\nleftovers") }

    /// The same after ten seconds; empty as soon as there is nothing.
    func lastingLeftovers() async throws -> String {
        try await sh(
            """
            \(leftoversScript)
            tries=0
            while left=$(leftovers) && [ -n "$left" ] && [ "$tries" -lt 100 ]; do
                tries=$((tries + 1))
                sleep 0.1
            done
            echo "$left"
            """)
    }

    /// Everything that may be there when no deploy is under way is named, so that what is not is seen.
    private var leftoversScript: String {
        """
        leftovers() {
            find /opt/fleet /run/fleet -mindepth 1 2>/dev/null | grep -vxE \\
                -e '/opt/fleet/(\\.staging|app(/current|/releases)?)' \\
                -e '/opt/fleet/app/releases/[0-9a-f]{16}((/.*)?|\\.about)' \\
                -e '/run/fleet/app(/.*)?'
            find /etc -name '*.fleet-new' 2>/dev/null
            [ ! -d /run/systemd/system ] ||
                for unit in fleet-watch.timer fleet-watch.service; do
                    state=$(systemctl is-active "$unit")
                    [ "$state" = inactive ] || echo "$unit is $state"
                done
            grep -alE '[a]pply\\.sh|[s]tage\\.sh|[w]atcher\\.sh' /proc/[0-9]*/cmdline 2>/dev/null
            true
        }
        """
    }

    private var lookScript: String {
        """
        owners() { ss -Hltnp sport = 7777 | grep -o 'pid=[0-9]*' | sort -u | tr '\\n' ' '; }
        look() (
            exec 2>/dev/null
            \(kind == .systemd ? Self.systemdProcess : Self.boardProcess)
            current=$(readlink /opt/fleet/app/current)
            reply=$(cat /opt/fleet/app/current/config/reply)
            cwd=$(readlink "/proc/$pid/cwd")
            answer=$(timeout 2 bash -c 'exec 3<>/dev/tcp/127.0.0.1/7777 && head -n 1 <&3' 2>&1)
            owners=$(owners)
            if [ "$owners" = "pid=$pid " ] && [ "$answer" = "$reply" ] && [ "$unit" = "$reply" ] &&
                [ "$file" = "$reply" ] && [ "$cwd" = "/opt/fleet/app/$current" ] &&
                [ "$state" = "$good" ]; then
                echo "whole $answer"
            else
                echo "answer=$answer owners=$owners pid=$pid current=$current cwd=$cwd" \\
                    "reply=$reply unit=$unit file=$file state=$state"
            fi
        )
        """
    }

    private static let systemdProcess = """
        pid=$(systemctl show -p MainPID --value app)
        unit=$(systemctl show -p Description --value app)
        file=$(sed -n 's/^Description=//p' /etc/systemd/system/app.service)
        state="$(systemctl is-active app) $(systemctl is-enabled app) \
        $(systemctl show -p NeedDaemonReload --value app)"
        good='active enabled no'
        if systemctl is-enabled -q old.service; then
            if [ "$(owners)" = "pid=$(systemctl show -p MainPID --value old) " ] &&
                [ -z "$(ls -A /opt/fleet/app/current /etc/systemd/system/app.service)" ] &&
                [ "$(systemctl is-active app)" = inactive ]; then
                echo 'whole old'
                exit 0
            fi
            state="old is enabled, $state"
        fi
        """

    private static let boardProcess = """
        line=$(/opt/fleet/app/current/supervise status)
        pid=${line#* process=} pid=${pid%% *}
        unit=$(cat /opt/fleet/app/current/config/reply) file=$unit
        state="${line%% *} $(grep -c '# fleet:app$' /etc/rc.local)"
        good='running 1'
        if [ -z "$(ls -A /opt/fleet/app/current)" ] && [ -z "$(owners)" ] &&
            [ "$(grep -c '# fleet:app$' /etc/rc.local)" = 0 ]; then
            echo 'whole old'
            exit 0
        fi
        """

    /// Brings the host to where no deploy was ever made: on a host with systemd a unit made by hand
    /// has the port, on a board nobody has.
    func forgetDeploys() async throws {
        try await sh(kind == .systemd ? Self.bringOldUnit : Self.bringOldBoard)
        let found = try await atRest(["whole old"])
        guard found == "whole old" else { throw LabError(message: "\(name): \(found)") }
    }

    private static let bringOldUnit = """
        systemctl disable -q --now app.service 2>/dev/null
        cd /etc/systemd/system
        rm -rf app.service fleet-* sysinit.target.wants/fleet-* /opt/fleet
        mkdir -p /opt/old
        echo old >/opt/old/reply
        echo \(Data(Programs.server.utf8).base64EncodedString()) | base64 -d >/opt/old/server
        chmod 755 /opt/old/server
        printf '%s\\n' '[Service]' 'ExecStart=/opt/old/server 7777 /opt/old/reply' \
            '[Install]' 'WantedBy=multi-user.target' >old.service
        systemctl daemon-reload
        systemctl enable -q --now old.service
        sync
        """

    private static let bringOldBoard = """
        [ ! -x /opt/fleet/app/current/supervise ] || /opt/fleet/app/current/supervise stop
        rm -rf /opt/fleet
        sed -i '/# fleet/d' /etc/rc.local
        sync
        """
}
