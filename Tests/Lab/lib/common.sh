# shellcheck shell=bash
# Paths, limits and small words that every part of the lab uses.

EXIT_USAGE=64

# Exported: the processes of a lab are told from those of another by this in their environment.
export LAB_TAG=${LAB_TAG:-default}
LAB_CACHE=${FLEET_CACHE:-$HOME/.cache/fleetctl}/lab
LAB_RUN=$LAB_CACHE/run/$LAB_TAG
LAB_HOSTS=$LAB_RUN/hosts
# Prefix of the names of network namespaces and control groups.
LAB_PREFIX=fleet-$LAB_TAG
# What labs of this machine share (sysctl, binfmt_misc); gone when the last lab is down.
LAB_MACHINE=/run/fleet-lab

# Limits of the waits, in seconds; LAB_PATIENCE multiplies them on a slow machine.
export LAB_PATIENCE=${LAB_PATIENCE:-1}
START_LIMIT=$((20 * LAB_PATIENCE))
SSH_LIMIT=$((60 * LAB_PATIENCE))
STOP_LIMIT=$((100 * LAB_PATIENCE))
FREEZE_LIMIT=$((10 * LAB_PATIENCE))
CGROUP_LIMIT=$((5 * LAB_PATIENCE))
LOCK_LIMIT=$((180 * LAB_PATIENCE))
# Most extra hosts of one lab: their addresses are 198.51.100.101 and up.
EXTRA_LIMIT=100

PYTHON=${LAB_PYTHON:-/usr/bin/python3}

die() {
    echo "lab: $*" >&2
    exit 1
}

say() { echo "lab: $*" >&2; }

case $LAB_TAG in
    *[!a-z0-9]* | '') die "LAB_TAG '$LAB_TAG' must be lower-case letters and digits" ;;
esac

need_arguments() { # COUNT USAGE ARGUMENT…: stop with the usage where there are too few
    local count=$1 usage=$2
    shift 2
    if [ $# -lt "$count" ]; then
        echo "usage: lab $usage" >&2
        exit "$EXIT_USAGE"
    fi
}

wait_until() { # SECONDS CONDITION…: poll a command until it succeeds; 1 when the time is over
    local limit=$1 now start
    shift
    start=$EPOCHREALTIME
    start=${start/[.,]/}
    while :; do
        "$@" && return 0
        now=$EPOCHREALTIME
        now=${now/[.,]/}
        [ $((now - start)) -lt $((limit * 1000000)) ] || return 1
        sleep 0.02
    done
}

is_ours() { # PID WORD: the process exists and its command line holds WORD (a PID may be reused)
    [ -n "$1" ] && tr '\0' ' ' 2>/dev/null <"/proc/$1/cmdline" | grep -qF -- "$2"
}

end_process() { # PID WORD: end a process of ours at once
    ! is_ours "$1" "$2" || kill -KILL "$1" 2>/dev/null || true
}

# Locks, by file descriptor: what lives on after its command must close both (see start_detached).
LAB_LOCK=8
MACHINE_LOCK=9

with_lock() { # DESCRIPTOR FILE CMD…: run CMD while holding an exclusive lock on FILE
    local descriptor=$1 file=$2
    shift 2
    while :; do
        mkdir -p "$(dirname "$file")"
        eval "exec $descriptor>>\"\$file\""
        flock -w "$LOCK_LIMIT" "$descriptor" || die "another lab command holds $file"
        # The last holder may have removed the file meanwhile: then this lock is worth nothing.
        [ ! "$file" -ef "/proc/self/fd/$descriptor" ] || break
    done
    "$@"
    eval "exec $descriptor>&-"
}

start_detached() { # LOG CMD…: a process of its own session that outlives this command
    local log=$1
    shift
    setsid "$@" </dev/null >>"$log" 2>&1 8>&- 9>&- &
}
