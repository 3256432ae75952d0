#!/bin/sh
# Shows a service's log: the journal's entries of its unit, or the supervisor's files.
#
#   logs.sh INIT SERVICE LINES FOLLOW SINCE PRIORITY FORMAT
#
# LINES is a number or `all`; FOLLOW yes or no; SINCE empty, seconds ago as -N, or a local time as
# date(1) takes it; PRIORITY empty or journalctl's; FORMAT text or json. With FOLLOW it ends when its
# standard input does: a follower is never left behind.
set -u
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
prefix=${FLEET_PREFIX-}

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

# Runs a command until it ends by itself, or the client goes.
until_client_goes() { # command argument…
    exec 3<&0
    "$@" </dev/null 3<&- &
    follower=$!
    {
        cat >/dev/null
        kill "$follower" 2>/dev/null
    } <&3 >/dev/null 2>&1 &
    exec 3<&-
    wait "$follower"
}

journal() { # service lines follow since priority format
    output=short-iso
    [ "$6" = text ] || output=json
    unit=$1 lines=$2 follow=$3 since=$4 priority=$5
    # All: a message with a control character is "blob data" otherwise. The client removes those.
    set -- --no-pager --quiet --all -o "$output" -u "$unit.service" -n "$lines"
    [ -z "$since" ] || case $since in
    -*) set -- "$@" "--since=${since}s" ;;
    *) set -- "$@" "--since=$since" ;;
    esac
    [ -z "$priority" ] || set -- "$@" -p "$priority"
    if [ "$follow" = yes ]; then
        until_client_goes journalctl "$@" -f
    else
        exec journalctl "$@"
    fi
}

# The stamp from which on lines are shown, as the supervised programs write it (UTC).
cutoff() { # since
    case $1 in
    -*) seconds=$(($(date +%s) + $1)) ;;
    today) seconds=$(date -d "$(date +%Y-%m-%d) 00:00:00" +%s) || fail "date does not understand" ;;
    *) seconds=$(date -d "$1" +%s) || fail "the host's date does not understand $1" ;;
    esac
    date -u -d "@$seconds" +%Y-%m-%dT%H:%M:%SZ || fail "the host's date takes no seconds"
}

# Lines from the stamp on; a line without one belongs to the one before.
from() { # stamp
    awk -v from="$1" '
        /^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9:]+Z / { shown = ($1 >= from) }
        shown { print; fflush() }'
}

filtered() { # stamp; empty for none
    if [ -n "$1" ]; then from "$1"; else cat; fi
}

last() { # lines
    if [ "$1" = all ]; then cat; else tail -n "$1"; fi
}

files() { # service lines follow since
    log=$prefix/var/log/$1.log
    [ -r "$log" ] || fail "no log at $log"
    stamp=''
    [ -z "$4" ] || stamp=$(cutoff "$4") || exit 1
    # What is there now, once; then what comes after just that.
    count=$(wc -l <"$log")
    {
        [ ! -r "$log.1" ] || cat "$log.1"
        if [ "$3" = yes ]; then head -n "$count" "$log"; else cat "$log"; fi
    } | filtered "$stamp" | last "$2"
    [ "$3" != yes ] || until_client_goes tail -n "+$((count + 1))" -F "$log"
}

[ $# -eq 7 ] || fail "seven arguments are needed"
case $1 in
systemd) journal "$2" "$3" "$4" "$5" "$6" "$7" ;;
rc-local) files "$2" "$3" "$4" "$5" ;;
*) fail "unknown kind of host $1" ;;
esac
