#!/bin/sh
# Supervises one service on a host without systemd: starts it, starts it again when it ends,
# switches off what it left on, and keeps its log small. POSIX sh; dash and busybox ash.
#
#   supervise start    idempotent; returns when the process runs
#   supervise stop     TERM, then KILL; returns when the process is really gone
#   supervise restart
#   supervise status   running (exit 0), stopped (3), anything else (4)
#   supervise run      the supervisor itself, in the foreground
#
# A recorded process is known by its id and its start time, never by its name. Should the
# supervisor be killed, the next start stops what it left behind before it starts anything.
set -u
PATH=${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
umask 022

name=@name@
release=@release@
stop_timeout=@stop_timeout@

# Seconds.
after_exit_timeout=30
start_timeout=15
steady_after=60
# Bytes of the log and of the one before it; the shorter block is what one line usually needs.
log_limit=${SUPERVISE_LOG_LIMIT:-1048576}
log_block=256

if [ -n "${SUPERVISE_RUN_DIR:-}" ]; then
    state=$SUPERVISE_RUN_DIR/$name
elif [ -d /run ]; then
    state=/run/fleet/$name
else
    state=/var/run/fleet/$name
fi
log=${SUPERVISE_LOG_DIR:-/var/log}/$name.log
case $0 in
/*) self=$0 ;;
*) self=$PWD/$0 ;;
esac

environment() {
    :
    @environment@
}

# The service's own words, here and nowhere else.
exec_command() {
    environment
    exec @command@
}

has_after_exit() {
    set -- @after_exit@
    [ $# -gt 0 ]
}

exec_after_exit() {
    environment
    set -- @after_exit@
    exec "$@"
}

# Nobody else has the service's ports; says who has. Fails with the guard's status.
guard_ports() {
    @guard_ports@
}

say() { echo "supervise $name: $*" >&2; }

nap() { sleep 0.1 2>/dev/null || sleep 1; }

# Seconds since boot: the clock of such a board jumps, this does not.
uptime_seconds() {
    read -r up rest </proc/uptime
    echo "${up%%.*}"
}

# start_time PID: prints when the process was started, in the kernel's ticks; fails for a process
# that is gone or has ended.
start_time() {
    line=
    { read -r line <"/proc/$1/stat"; } 2>/dev/null
    [ -n "$line" ] || return 1
    # After the name in parentheses, which may contain anything: state is the 1st, start the 20th.
    line=${line##*) }
    # shellcheck disable=SC2086 # to be split
    set -- $line
    [ $# -ge 20 ] || return 1
    case $1 in Z | X | x) return 1 ;; esac
    shift 19
    echo "$1"
}

# is_same PID START: whether that very process is alive.
is_same() {
    [ -n "${1:-}" ] && [ -n "${2:-}" ] && [ "$(start_time "$1")" = "$2" ]
}

# recorded WHAT: sets pid and start from the record; fails where there is none.
recorded() {
    pid=''
    start=''
    { read -r pid start <"$state/$1"; } 2>/dev/null
    case $pid in '' | *[!0-9]*) return 1 ;; esac
    [ -n "$start" ]
}

# lives WHAT: whether the recorded process is alive; sets pid and start.
lives() { recorded "$1" && is_same "$pid" "$start"; }

# record FILE TEXT: whole or not at all.
record() {
    echo "$2" >"$state/$1.new" && mv -f "$state/$1.new" "$state/$1"
}

# until_gone PID START SECONDS: fails where it is still there after that time.
until_gone() {
    until=$(($(uptime_seconds) + $3 + 1))
    while is_same "$1" "$2"; do
        [ "$(uptime_seconds)" -lt "$until" ] || return 1
        nap
    done
}

# end PID START: TERM, time to end by itself, KILL.
end() {
    is_same "$1" "$2" || return 0
    kill -TERM "$1" 2>/dev/null
    until_gone "$1" "$2" "$stop_timeout" && return 0
    say "process $1 does not end within $stop_timeout s of SIGTERM, SIGKILL"
    kill -KILL "$1" 2>/dev/null
    until_gone "$1" "$2" 5 && return 0
    say "process $1 does not even end on SIGKILL"
    return 1
}

# What must happen after every end of the process and before each start.
after_exit() {
    has_after_exit || return 0
    (exec_after_exit) </dev/null 3>&- &
    helper=$!
    helper_start=$(start_time "$helper") || helper_start=
    if [ -n "$helper_start" ] && ! until_gone "$helper" "$helper_start" "$after_exit_timeout"; then
        say "the command after exit hangs, SIGKILL"
        kill -KILL "$helper" 2>/dev/null
    fi
    # A trapped signal ends wait early; the helper has ended, so a second one has its status.
    wait "$helper"
    result=$?
    if [ "$result" -gt 128 ]; then
        wait "$helper"
        result=$?
    fi
    helper=
    [ "$result" -eq 0 ] || say "the command after exit failed with status $result"
    return "$result"
}

# Copies standard input to the log, never more than its limit, one older log beside it. dd passes
# on every read at once and counts it as a block, however short.
pump() {
    while :; do
        size=$(wc -c 2>/dev/null <"$log") || size=0
        blocks=$(((log_limit - size) / log_block))
        if [ "$blocks" -lt 1 ] || [ "$((log_limit - size))" -lt "$((log_limit / 16))" ]; then
            mv -f "$log" "$log.1" 2>/dev/null || : >"$log"
            blocks=$((log_limit / log_block))
        fi
        if told=$( (LC_ALL=C dd bs="$log_block" count="$blocks" >>"$log") 2>&1); then
            # "255+1 records in": whole and short blocks. Some dd say other things before that.
            told=${told%% records in*}
            told=${told##*[!0-9+]}
            case $told in *+*) ;; *) continue ;; esac
            [ "$((${told%+*} + ${told#*+}))" -lt "$blocks" ] || continue
            return 0 # the end: nobody writes any more
        fi
        # The disk is full or gone: lines are lost, the process is not held up.
        told=$( (LC_ALL=C dd bs="$log_block" count=16 >/dev/null) 2>&1) || return 0
        case $told in "0+0 "*) return 0 ;; esac
    done
}

# Not empty while what the process left behind has not been switched off.
ran=
child=
child_start=
stopping=
sleeper=

on_stop() {
    stopping=1
    if [ -n "$child" ] && is_same "$child" "$child_start"; then
        kill -TERM "$child" 2>/dev/null
    fi
    [ -z "$sleeper" ] || kill "$sleeper" 2>/dev/null
}

# pause SECONDS: ends at once when the supervisor is told to stop.
pause() {
    [ -z "$stopping" ] || return 0
    sleep "$1" 3>&- &
    sleeper=$!
    [ -z "$stopping" ] || kill "$sleeper" 2>/dev/null
    wait "$sleeper" 2>/dev/null
    sleeper=
}

start_child() {
    # The physical folder: /proc/PID/cwd then names the release that runs.
    (cd -P "$release" && exec_command) </dev/null >&3 2>&1 3>&- &
    child=$!
    child_start=$(start_time "$child") || child_start=
    since=$(date +%s)
    : >"$state/dirty"
    record since "$since"
    record restarts "$restarts"
    # Last: whoever sees the process asks for the others.
    record process "$child ${child_start:-0}"
    [ -z "$stopping" ] || on_stop
}

# Starts the process and waits for its end.
run_child() {
    begun=$(uptime_seconds)
    ran=yes
    start_child
    say "process $child started"
    wait "$child"
    result=$?
    while is_same "$child" "$child_start"; do
        # wait ended for a signal, not for the process.
        [ -z "$stopping" ] || end "$child" "$child_start"
        wait "$child"
        result=$?
    done
    say "process $child ended with status $result"
    child=
    rm -f "$state/process"
    [ $(($(uptime_seconds) - begun)) -lt "$steady_after" ] || backoff=1
}

run() {
    this_boot
    if lives supervisor && [ "$pid" != $$ ]; then
        say "already supervised by process $pid"
        exit 1
    fi
    own_start=$(start_time $$) || exit 1
    trap on_stop TERM INT
    trap : HUP
    record supervisor "$$ $own_start" || exit 1
    rm -f "$state/log" "$state/process" && mkfifo -m 600 "$state/log" || exit 1
    exec 3<>"$state/log"
    (
        trap '' TERM INT HUP
        exec 3>&- >/dev/null 2>&1
        pump
    ) <"$state/log" &
    exec >&3 2>&1
    cd / || exit 1
    restarts=0
    backoff=1
    while [ -z "$stopping" ]; do
        after_exit
        [ -z "$stopping" ] || break
        guard_ports
        result=$?
        [ -z "$stopping" ] || break
        if [ "$result" -eq 0 ]; then
            run_child
            [ -z "$stopping" ] || break
            restarts=$((restarts + 1))
            # Off comes before any waiting.
            if after_exit; then ran=; fi
            say "starting again in $backoff s"
        else
            say "not started: port-guard ended with status $result, again in $backoff s"
        fi
        record restarts "$restarts"
        pause "$backoff"
        case $backoff in 1) backoff=2 ;; 2) backoff=5 ;; 5) backoff=10 ;; *) backoff=30 ;; esac
    done
    after_exit
    result=$?
    say "stopped"
    forget "$result"
    exit "$result"
}

# forget STATUS: the records of a supervisor that has ended. What could not be switched off stays
# on record: whoever comes next tries again.
forget() {
    [ "$1" -ne 0 ] || rm -f "$state/dirty"
    rm -f "$state/process" "$state/since" "$state/restarts" "$state/log" "$state/supervisor"
}

# Records of another boot say nothing of this one.
this_boot() {
    mkdir -p "$state" || exit 1
    boot=unknown
    { read -r boot </proc/sys/kernel/random/boot_id; } 2>/dev/null
    before=none
    { read -r before <"$state/boot"; } 2>/dev/null
    [ "$boot" != "$before" ] || return 0
    rm -rf "$state/lock" "$state/process" "$state/supervisor" "$state/dirty"
    record boot "$boot"
}

# lock: one start or stop at a time; the lock of a dead one counts for nothing.
lock() {
    this_boot
    tries=0
    until mkdir "$state/lock" 2>/dev/null; do
        if ! lives lock/owner; then
            tries=$((tries + 1))
            # Its owner has a moment to write its name.
            [ "$tries" -lt 10 ] || { rm -rf "$state/lock" && tries=0; }
        fi
        nap
    done
    record lock/owner "$$ $(start_time $$)"
    trap 'rm -rf "$state/lock"' EXIT
    trap 'exit 130' INT TERM HUP
}

unlock() {
    rm -rf "$state/lock"
    trap - EXIT
}

# Ends whatever is left of a supervisor that was killed, and switches off what it left on.
clean_up() {
    [ -e "$state/dirty" ] || [ -e "$state/process" ] || return 0
    if lives process; then
        say "process $pid runs without its supervisor, ending it"
        end "$pid" "$start" || return 1
    fi
    # The process of a supervisor that is gone: what it left on is ours to switch off.
    # shellcheck disable=SC2034 # the words of the command after exit may ask for it
    ran=yes
    after_exit
    result=$?
    forget "$result"
    return "$result"
}

start() {
    lock
    if lives supervisor; then
        unlock
        status
        return 0
    fi
    clean_up || say "not everything could be switched off, starting all the same"
    if command -v setsid >/dev/null 2>&1; then
        setsid "$self" run </dev/null >/dev/null 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
    else
        "$self" run </dev/null >/dev/null 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
    fi
    until=$(($(uptime_seconds) + start_timeout))
    until status >/dev/null; do
        if [ "$(uptime_seconds)" -ge "$until" ]; then
            say "the process does not run within $start_timeout s, see $log"
            unlock
            return 1
        fi
        nap
    done
    unlock
    status
}

stop() {
    lock
    if lives supervisor; then
        supervisor=$pid
        supervisor_start=$start
        kill -TERM "$supervisor" 2>/dev/null
        # Its own escalation takes this long at most, plus what a command after exit may take.
        if ! until_gone "$supervisor" "$supervisor_start" \
            $((stop_timeout + 5 + 2 * after_exit_timeout)); then
            say "supervisor $supervisor does not end, SIGKILL"
            kill -KILL "$supervisor" 2>/dev/null
            until_gone "$supervisor" "$supervisor_start" 5
        fi
    fi
    clean_up
    result=$?
    unlock
    [ "$result" -eq 0 ] || say "not everything could be switched off, see $log"
    echo stopped
    return "$result"
}

status() {
    if ! [ -r "$state" ] && [ -e "$state" ]; then
        echo "unknown $state cannot be read"
        return 4
    fi
    if lives supervisor; then
        supervisor=$pid
        restarts=unknown
        { read -r restarts <"$state/restarts"; } 2>/dev/null
        if lives process; then
            since=unknown
            { read -r since <"$state/since"; } 2>/dev/null
            echo "running supervisor=$supervisor process=$pid since=$since restarts=$restarts"
            return 0
        fi
        echo "unknown supervisor=$supervisor process=none restarts=$restarts"
        return 4
    fi
    if lives process; then
        echo "unknown process=$pid runs without a supervisor"
        return 4
    fi
    echo stopped
    return 3
}

case ${1:-} in
start) start ;;
stop) stop ;;
restart) stop >/dev/null && start ;;
status) status ;;
run) run ;;
*)
    echo "usage: supervise start | stop | restart | status | run" >&2
    exit 64
    ;;
esac
