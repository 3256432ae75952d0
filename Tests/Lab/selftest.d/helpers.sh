# shellcheck shell=bash
# Words of the self-test.

# shellcheck source=../lib/common.sh
. "$here/lib/common.sh"

WAIT=$((20 * LAB_PATIENCE))
failed=

run_check() { # NAME: in a subshell with errexit; the others go on where it fails
    local begin=$EPOCHREALTIME log status=0 end
    log=$(mktemp)
    set +e
    (
        set -e
        "$1"
    ) >"$log" 2>&1
    status=$?
    set -e
    end=$EPOCHREALTIME
    local took=$(((${end/[.,]/} - ${begin/[.,]/}) / 1000))
    if [ "$status" = 0 ]; then
        echo "ok      ${1//_/ } ($took ms)"
    else
        echo "FAILED  ${1//_/ } ($took ms)"
        sed 's/^/        /' "$log"
        failed="$failed $1"
    fi
    rm -f "$log"
}

expect() { # WANTED GOT WHAT
    [ "$1" = "$2" ] || { echo "$3: wanted '$1', got '$2'"; exit 1; }
}

fails() { # CMD…: succeeds where CMD does not
    ! "$@"
}

ssh_to() { # HOST CMD…: by the plain client, with the password where one is asked
    local variable=
    case $1 in
        olimex*) variable=LAB_OLIMEX_PASSWORD ;;
        operator@*) variable=LAB_OPERATOR_PASSWORD ;;
    esac
    if [ -n "$variable" ]; then
        SSHPASS=${!variable} "$lab" ws sshpass -e ssh -F "$LAB_RUN/ssh_config" "$@"
    else
        "$lab" ws ssh -F "$LAB_RUN/ssh_config" -o BatchMode=yes "$@"
    fi
}

in_host() { "$lab" sh "$1" sh -c "$2"; }

banner_of() { # ADDRESS PORT SECONDS: what the workstation reads first; empty where nothing comes
    "$lab" ws timeout "$3" bash -c 'exec 3<>"/dev/tcp/$0/$1" && head -n 1 <&3' \
        "$1" "$2" 2>/dev/null || true
}

answers() { [ -n "$(banner_of 198.51.100.10 22 "$LAB_PATIENCE")" ]; }

connect_ms() { # ADDRESS PORT: the median of five connections, from the workstation, in milliseconds
    "$lab" ws "$PYTHON" -c '
import socket, statistics, sys, time
def once():
    begin = time.monotonic()
    socket.create_connection((sys.argv[1], int(sys.argv[2])), 5).close()
    return (time.monotonic() - begin) * 1000
once()
print(round(statistics.median(once() for _ in range(5))))' "$1" "$2"
}

boot_id_of() { in_host "$1" 'cat /proc/sys/kernel/random/boot_id'; }

machine_settings() { # what a lab changes on the machine and must put back
    sysctl fs.inotify kernel.keys.maxkeys kernel.pty.max kernel.hostname
    ls /proc/sys/fs/binfmt_misc
    stat -c '%n %a %U %t:%T' /dev/null /dev/zero /dev/tty /dev/ptmx
    # What other labs, or preparing one, mount at the same time is theirs.
    cut -d' ' -f1-4 /proc/mounts | grep -vE '^overlay|/fleet-|/fleetctl/|/run/netns'
}

has_no_leftovers() { # TAG
    LAB_TAG=$1 "$lab" leftovers >/dev/null
}
