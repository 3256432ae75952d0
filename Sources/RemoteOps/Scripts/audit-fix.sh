#!/bin/sh
# Carries out the steps of `fleetctl audit --fix`. Kills nothing by name: a process is ended only while
# it is the very one that was judged, by its number, its start time and its executable.
#
# It holds the host's lock meanwhile: where a deploy is at work, or not yet confirmed, nothing is done.
#
# Arguments: who asks; members of a JSON object, which the host's log gets with each step; then one
# word a step.
#   disable:UNIT                stop a unit and keep it from starting at boot
#   silence:UNIT                the same, without running its ExecStop= and ExecStopPost=
#   stop:PID:START:EXECUTABLE   end a process, which was started at START in the kernel's ticks
#   ask:PID:START:EXECUTABLE    the same by SIGTERM alone: what does not heed it stays
#   start:UNIT                  start a unit
# Output: `ok WORD` for each that is done; after `failed WORD: why` only `skipped WORD`, for what comes
# later may rest on what failed; `locked HOLDER` where another has the host; at last `end`. POSIX sh:
# dash, busybox ash.
# shellcheck disable=SC2034,SC2154 # variables of lock.sh
LC_ALL=C
export LC_ALL
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$PATH
prefix=${FLEET_PREFIX-}
proc=${FLEET_PROC:-/proc}
# Looks at a process between SIGTERM and SIGKILL, and after that.
looks_max=50
look_pause=0.1

# What lock.sh needs.
run=$prefix/run/fleet
id=audit-fix
nap() { sleep "$look_pause" 2>/dev/null || sleep 1; }
uptime_seconds() {
    read -r up _ </proc/uptime
    printf '%s' "${up%%.*}"
}
this_boot=unknown
{ read -r this_boot </proc/sys/kernel/random/boot_id; } 2>/dev/null

is_same() { # pid start executable: whether that very process still lives
    [ -r "$proc/$1/stat" ] || return 1
    pid=$1 start=$2 executable=$3 said=
    while read -r line; do said="$said $line"; done <"$proc/$pid/stat" || return 1
    # Field 22, counted behind the command name, which may hold anything.
    # shellcheck disable=SC2086 # split at the blanks
    set -- ${said##*) }
    case ${1-} in Z | X | x) return 1 ;; esac
    [ "${20-}" = "$start" ] || return 1
    found=$(readlink "$proc/$pid/exe") || return 1
    [ "${found% (deleted)}" = "$executable" ]
}

stop_process() { # signals pid start executable
    signals=$1
    shift
    case $1 in '' | 0 | 1 | *[!0-9]*) echo "no process number"; return 1 ;; esac
    if ! is_same "$1" "$2" "$3"; then
        # Its number may be another's now: nothing is signalled.
        return 0
    fi
    for signal in $signals; do
        is_same "$1" "$2" "$3" || return 0
        kill -s "$signal" "$1" 2>/dev/null || true
        looks=0
        while [ "$looks" -lt "$looks_max" ]; do
            is_same "$1" "$2" "$3" || return 0
            sleep "$look_pause" 2>/dev/null || sleep 1
            looks=$((looks + 1))
        done
    done
    echo "it does not end"
    return 1
}

is_unit() { # name
    case $1 in
    *[!A-Za-z0-9:_.@\\-]* | '' | -*) return 1 ;;
    *.service | *.timer | *.socket) return 0 ;;
    *) return 1 ;;
    esac
}

disable_unit() { # unit
    systemctl disable --now --quiet -- "$1" 2>&1 || return 1
    systemctl reset-failed -- "$1" >/dev/null 2>&1 || true
    if systemctl is-active --quiet -- "$1"; then
        echo "it is still active"
        return 1
    fi
}

silence_unit() { # unit
    drop_in=$prefix/run/systemd/system/$1.d
    mkdir -p "$drop_in" || return 1
    printf '[Service]\nExecStop=\nExecStopPost=\n' >"$drop_in/zz-fleet-audit.conf" || return 1
    systemctl daemon-reload || return 1
    disable_unit "$1"
    outcome=$?
    rm -f "$drop_in/zz-fleet-audit.conf"
    rmdir "$drop_in" 2>/dev/null || true
    systemctl daemon-reload || return 1
    return "$outcome"
}

start_unit() { # unit
    systemctl reset-failed -- "$1" >/dev/null 2>&1 || true
    systemctl start -- "$1" 2>&1
}

step() { # word
    rest=${1#*:}
    case $1 in
    stop:* | ask:*)
        signals=TERM
        case $1 in stop:*) signals="TERM KILL" ;; esac
        number=${rest%%:*}
        rest=${rest#*:}
        stop_process "$signals" "$number" "${rest%%:*}" "${rest#*:}"
        ;;
    disable:* | silence:* | start:*)
        if ! is_unit "$rest"; then
            echo "that is no unit's name"
            return 1
        fi
        "${1%%:*}_unit" "$rest"
        ;;
    *)
        echo "there is no such step"
        return 1
        ;;
    esac
}

log_step() { # outcome word
    word_text=$(printf '%s' "$2" | sed 's/[\\"]/\\&/g')
    log_change "$1" "\"step\":\"$word_text\",$members" ||
        printf 'note the audit log could not be written\n'
}

carry_out() { # word…
    has_failed=
    for word in "$@"; do
        if [ -n "$has_failed" ]; then
            printf 'skipped %s\n' "$word"
        elif said=$(step "$word"); then
            printf 'ok %s\n' "$word"
            log_step 'done' "$word"
        else
            has_failed=yes
            printf 'failed %s: %s\n' "$word" "$(printf '%s' "$said" | tr '\n' ' ')"
            log_step failed "$word"
        fi
    done
}

owner=$1 members=$2
shift 2
if [ -e "$prefix/opt/fleet/.transaction" ]; then
    printf 'locked by a deploy that is neither confirmed nor taken back\n'
elif ! take_lock 'audit --fix'; then
    printf 'locked %s\n' "$holder_text"
else
    carry_out "$@"
    release_lock
fi
printf 'end\n'
