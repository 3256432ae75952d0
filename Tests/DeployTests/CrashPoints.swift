extension CrashHost {
    /// What the host's scripts read where a test wants to stop them: every command that makes
    /// something last, or has systemd do something, is a point once it has succeeded, because the
    /// shell finds these functions before the commands. What is written without such a command is
    /// synced by one afterwards. The scripts' own `point` marks what has no command.
    ///
    /// A point is counted, and one of them is waited at. Locks are no points: the watch has one every
    /// two seconds, and no two runs would count alike. The files lie in memory, so that after a
    /// power cut nobody waits.
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
            command mv /run/points/new /run/points/reached
            while [ -e /run/points/reached ]; do sleep 0.05; done
        }
        points_after() { # status command argument…
            [ "$1" = 0 ] || return "$1"
            points_command=$2
            for points_path; do :; done
            case $points_path in */run/fleet/*) return 0 ;; esac
            points_path=${points_path##*/}
            # The same in every run.
            case $points_path in
            done-*) points_path=done ;;
            *.about) points_path=about ;;
            *[!0-9a-f-]*) ;;
            ????????????????*) points_path=release ;;
            esac
            point "$points_command $points_path"
        }
        mv() { command mv "$@"; points_after $? mv "$@"; }
        ln() { command ln "$@"; points_after $? ln "$@"; }
        rm() {
            points_there=''
            for points_path; do
                [ ! -e "$points_path" ] && [ ! -L "$points_path" ] || points_there=yes
            done
            command rm "$@" || return
            [ -z "$points_there" ] || points_after 0 rm "$@"
        }
        sync() {
            command sync "$@" || return
            [ "${1-}" = journal ] || { points_after 0 sync "$@"; return; }
            points_event=$(tail -n 1 journal)
            case $points_event in switched*) points_event='switched ;' ;; esac
            point "journal ${points_event% ;}"
        }
        systemctl() {
            command systemctl "$@" || return
            points_command=systemctl
            for points_path; do
                case $points_path in
                -*) ;;
                show | is-*) return 0 ;;
                *) points_command="$points_command $points_path" ;;
                esac
            done
            point "$points_command"
        }

        """
}
