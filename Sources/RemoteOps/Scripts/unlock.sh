#!/bin/sh
# Tells who holds the host's deploy lock, or takes it away from them.
#
#   show              records `KEY<TAB>VALUE` of the lock, then `verdict<TAB>…`
#   remove ID JSON    removes the lock where it still is the one that `show` named ID; JSON is what
#                     the host's own log gets of it, members of an object
#
# Output ends with `end`. POSIX sh: dash, busybox ash, and the shells of old boards.
LC_ALL=C
export LC_ALL
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$PATH
prefix=${FLEET_PREFIX-}
proc=${FLEET_PROC:-/proc}
lock=$prefix/run/fleet/lock

clean() { printf '%s' "$1" | tr -d '\000-\037\177'; }
record() { printf '%s\t%s\n' "$1" "$(clean "$2")"; }

start_time() { # pid
    sed 's/.*) //' "$proc/$1/stat" 2>/dev/null | awk '{ print $20 }'
}
identity() { sha256sum <"$1" | cut -c 1-16; } # file

read_lock() { # sets pid, start, boot, expiry
    pid='' start='' boot='' expiry=''
    while IFS='=' read -r key value; do
        case $key in
        pid) pid=$value ;;
        start) start=$value ;;
        boot) boot=$value ;;
        expiry) expiry=$value ;;
        owner | reason | id) record "$key" "$value" ;;
        esac
    done <"$lock"
    # A part of a path, below.
    case $pid in *[!0-9]*) pid='' ;; esac
}

verdict() { # stale, alive or unknown, and why
    this_boot='' up=''
    { read -r this_boot <"$proc/sys/kernel/random/boot_id"; read -r up _ <"$proc/uptime"; } 2>/dev/null
    if [ -n "$boot" ] && [ -n "$this_boot" ] && [ "$boot" != "$this_boot" ]; then
        record stale "it was taken before the host booted"
    elif [ -z "$pid" ] || [ -z "$start" ]; then
        record unknown "it does not say which process holds it"
    elif [ "$(start_time "$pid")" != "$start" ]; then
        record stale "its process $pid is gone"
    elif [ -n "$expiry" ] && [ -n "$up" ] && [ "${up%%.*}" -gt "$expiry" ] 2>/dev/null; then
        record alive "its process $pid runs, and should have ended before now"
    else
        record alive "its process $pid runs: $(tr '\000' ' ' <"$proc/$pid/cmdline" 2>/dev/null | cut -c 1-200)"
    fi
}

show() {
    printf 'fleet-unlock\t1\n'
    record clock "$(date +%s)"
    [ ! -e "$prefix/opt/fleet/.transaction" ] || record transaction "$prefix/opt/fleet/.transaction"
    [ -f "$lock" ] || return 0
    record identity "$(identity "$lock")"
    record since "$(date -r "$lock" +%s)"
    read_lock
    verdict
}

remove() { # identity record
    printf 'fleet-unlock\t1\n'
    # Aside first: whoever takes the lock meanwhile keeps it.
    if ! mv "$lock" "$lock.unlock.$$" 2>/dev/null; then
        record changed "there is no lock any more"
        return
    fi
    if [ "$(identity "$lock.unlock.$$")" != "$1" ]; then
        ln "$lock.unlock.$$" "$lock" 2>/dev/null
        rm -f "$lock.unlock.$$"
        record changed "somebody else holds it by now"
        return
    fi
    rm -f "$lock.unlock.$$"
    if log_change unlocked "$2"; then
        record removed yes
    else
        record removed "yes, but the host's log could not be written"
    fi
}

verb=$1
shift
"$verb" "$@"
printf 'end\n'
