#!/bin/sh
# Carries out a plan's steps on the host as a transaction: all of them, or none after a crash.
#
#   apply.sh               begins, in the folder of the transfer
#   apply.sh confirm ID    commits the transaction in whose folder it lies
#   apply.sh watch [boot]  goes back, or finishes, where nobody else does any more
#
# `steps` and `undo` hold one step a line, as words quoted for sh. Where a step fails, all of `undo`
# is run: every line of it may be run at any time, however far the steps came. The script goes on
# when its client is gone. Output: `steps N begin|ok|failed …`, likewise `undo N …`, then
# `switched SECONDS`, the time in which a confirmation must come, or `undone` or `broken`.
# Exit status: 0 switched, 4 undone, 75 another deploy holds the host or a gate is closed; 1 broken,
# or (with `refused REASON`) not begun, or (with `deferred REASON`) to be undone once a gate opens.
# shellcheck disable=SC2317 # the steps are called by their names
# shellcheck disable=SC1091,SC2034,SC2154,SC2094 # the files beside it; `steps` is also a word
set -u
LC_ALL=C
export LC_ALL
trap '' HUP PIPE
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$PATH
prefix=${FLEET_PREFIX-}
base=$prefix/opt/fleet
units=$prefix/etc/systemd/system
run=$prefix/run/fleet
case $0 in */*) cd "${0%/*}" || exit 1 ;; esac
here=$(pwd)
why=''
at_boot=''

nap() { sleep 0.1 2>/dev/null || sleep 1; }
now() { date +%s; }
# Clocks jump, this does not.
tick() { # sets `up`: whole seconds since the boot
    read -r up _ </proc/uptime
    up=${up%%.*}
}
uptime_seconds() { tick && printf '%s' "$up"; }
newline='
'
refuse() { # reason: the step fails with it
    why=$*
    return 1
}
# Old ones know no file and sync everything.
durable() { sync "$@" 2>/dev/null || sync; }
# Where a test may look in. Commands that change something it sees by itself; see CrashPoints.swift.
point() { :; }

this_boot=unknown
{ read -r this_boot </proc/sys/kernel/random/boot_id; } 2>/dev/null
# A transaction is named after the folder that it was unpacked into.
id=${here##*/}
[ ! -e id ] || read -r id <id
confirm_timeout=120
[ ! -e confirm-timeout ] || read -r confirm_timeout <confirm-timeout

. ./lock.sh
. ./steps.sh
. ./health.sh
. ./checks.sh
. ./upkeep.sh
. ./transaction.sh
gates_close() { :; }
gates_open() { :; }
gate_stopping() { :; }
if [ -e gates ]; then . ./gate.sh; fi
if [ -e points.sh ]; then . ./points.sh; fi

perform() { # file, what to do at a failure (stop or go-on): each line is a step
    number=0 result=0
    while IFS= read -r line <&3; do
        number=$((number + 1)) why=''
        printf '%s %s begin\n' "$1" "$number"
        eval "set -- $1 $2 $line"
        if announce "$1" "$number" "$line" && run_step "$@" 3<&- >said 2>&1; then
            printf '%s %s ok\n' "$1" "$number"
            case $1 in steps) note_event "ok $number" ;; *) note_event "undone $number" ;; esac
        else
            result=1
            [ -n "$why" ] || why=$(tail -c 4000 said)
            printf '%s %s failed %s\n' "$1" "$number" "$(printf '%s' "$why" | tr '\n' '\036')"
            [ "$2" = go-on ] || break
        fi
    done 3<"$1"
    return "$result"
}
announce() { # steps|undo number line
    [ "$1" = steps ] || return 0
    if [ "$2" != 1 ]; then
        # Who goes back does so from whatever step: only that there was one must be on the disk.
        note_event "step $2" || refuse "the disk takes no journal"
    else
        event "step $2" || refuse "the disk takes no journal"
    fi
}
run_step() { # file failure verb argument…
    shift 2
    verb=$1
    shift
    "step_$verb" "$@"
}

apply() {
    if ! take_lock deploy; then
        printf 'locked %s\n' "$holder_text"
        return 75
    fi
    if [ -e "$marker" ]; then
        printf 'locked %s\n' "by a deploy that is neither confirmed nor taken back: $(
            tr '\n' ' ' <"$marker/owner")"
        release_lock
        return 75
    fi
    if ! begin; then
        printf 'refused %s\n' "$why"
        printf 'fleet: %s\n' "$why" >&2
        release_lock
        cd / && rm -rf "$here"
        return 1
    fi
    if ! gates_close; then
        finish ''
        return 75
    fi
    if perform steps stop; then
        deadline=$(($(uptime_seconds) + confirm_timeout))
        if event switched "$deadline"; then
            printf 'switched %s\n' "$confirm_timeout"
            release_lock
            return 0
        fi
        printf 'steps %s failed the disk takes no journal\n' "$number"
    fi
    # A hold may have ended, a start may be under way: who is to be stopped now is looked at anew.
    failed=$number
    event "failed step $failed failed" || printf 'note the disk takes no journal\n'
    if ! gates_close; then
        printf 'deferred %s\n' "$why"
        event "revert deferred: $why"
        release_lock
        return 1
    fi
    if go_back "step $failed failed"; then
        finish undone
        printf 'undone\n'
        return 4
    fi
    finish broken
    printf 'broken\n'
    return 1
}

case ${1-} in
'') apply ;;
confirm) confirm "${2-}" ;;
watch)
    at_boot=${2-}
    watch
    ;;
*) exit 64 ;;
esac
