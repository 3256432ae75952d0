#!/bin/sh
# Carries out a plan's steps on the host. Runs in the folder of the transfer.
#
# `steps` and `undo` hold one step a line, as words quoted for sh. Where a step fails, all of `undo`
# is run: every line of it may be run at any time, however far the steps came. The script goes on
# when its client is gone. Output: `steps N begin|ok|failed …`,
# likewise `undo N …`, then `done`, `undone` or `broken`.
# Exit status: 0 done, 4 undone, 1 broken, 75 another deploy holds the lock.
# shellcheck disable=SC2317 # the steps are called by their names
# shellcheck disable=SC1091,SC2094 # the files beside it; `steps` is also a word
set -u
LC_ALL=C
export LC_ALL
trap '' HUP PIPE
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$PATH
prefix=${FLEET_PREFIX-}
base=$prefix/opt/fleet
units=$prefix/etc/systemd/system
run=$prefix/run/fleet
here=$(pwd)
why=''

nap() { sleep 0.1 2>/dev/null || sleep 1; }
now() { date +%s; }
refuse() { # reason: the step fails with it
    why=$*
    return 1
}

# --- the lock: one deploy a host ------------------------------------------------------------------

start_time() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk '{ print $20 }'; }

take_lock() {
    mkdir -p "$run" || return 1
    printf 'pid=%s\nstart=%s\nowner=%s\n' "$$" "$(start_time $$)" "$1" >"$run/lock.$$"
    tries=0
    until ln "$run/lock.$$" "$run/lock" 2>/dev/null; do
        tries=$((tries + 1))
        holder=$(sed -n 's/^pid=//p' "$run/lock") since=$(sed -n 's/^start=//p' "$run/lock")
        if [ "$tries" -gt 3 ] || { [ -n "$since" ] && [ "$(start_time "$holder")" = "$since" ]; }; then
            printf 'locked %s\n' "$(tr '\n' ' ' <"$run/lock")"
            rm -f "$run/lock.$$"
            return 1
        fi
        mv "$run/lock" "$run/lock.stale.$$" 2>/dev/null # its process is gone
        rm -f "$run/lock.stale.$$"
    done
    rm -f "$run/lock.$$"
}
release_lock() { rm -f "$run/lock"; }

# --- files ----------------------------------------------------------------------------------------

place() { # source target mode: written whole or not at all
    cp "$1" "$2.fleet-new" && chmod "$3" "$2.fleet-new" &&
        { sync "$2.fleet-new" 2>/dev/null || sync; } && mv -f "$2.fleet-new" "$2"
}

is_there() { [ -e "$1" ] || [ -L "$1" ]; }

keep() { # file name: what is there before the first change; a link as the link that it is
    mkdir -p saved
    is_there "saved/$2" || [ -e "saved/$2.absent" ] ||
        if is_there "$1"; then cp -pP "$1" "saved/$2"; else : >"saved/$2.absent"; fi
}

bring_back() { # file name: with its own mode and owner
    if is_there "saved/$2"; then
        rm -f "$1.fleet-new" && cp -pP "saved/$2" "$1.fleet-new" &&
            { sync "$1.fleet-new" 2>/dev/null || sync; } && mv -f "$1.fleet-new" "$1"
    elif [ -e "saved/$2.absent" ]; then
        rm -f "$1"
    fi
}

step_switch() { # service release [verified]: forward only to a release that is whole
    [ -z "${3-}" ] || verify_release "$1" "$2" || return 1
    ln -s "releases/$2" "$base/$1/.current-new" 2>/dev/null ||
        { rm -f "$base/$1/.current-new" && ln -s "releases/$2" "$base/$1/.current-new"; } || return 1
    mv -T "$base/$1/.current-new" "$base/$1/current" 2>/dev/null ||
        { rm -f "$base/$1/current" && mv "$base/$1/.current-new" "$base/$1/current"; } || return 1
    sync -f "$base/$1" 2>/dev/null || sync
}
step_unlink() { rm -f "$base/$1/current"; } # service

step_install_unit() { # service release unit
    keep "$units/$3" "$3" && place "$base/$1/releases/$2/unit/$3" "$units/$3" 644
}
step_place_unit() { # unit: from the transfer itself
    keep "$units/$1" "$1" && place "units/$1" "$units/$1" 644
}
step_restore_unit() { bring_back "$units/$1" "$1"; } # unit

step_install_rc_local() { # sha256 of the text that the new one was made from, or `absent`
    found=absent
    [ ! -e "$prefix/etc/rc.local" ] || found=$(sha256sum <"$prefix/etc/rc.local")
    [ "${found%% *}" = "$1" ] || refuse "/etc/rc.local was changed meanwhile" || return 1
    keep "$prefix/etc/rc.local" rc.local && place rc.local "$prefix/etc/rc.local" 755
}
step_restore_rc_local() { bring_back "$prefix/etc/rc.local" rc.local; }

# --- services -------------------------------------------------------------------------------------

step_daemon_reload() { systemctl daemon-reload; }
step_enable() { systemctl enable --quiet --no-reload "$1"; } # a reload is a step of its own
# A unit that was never installed is neither enabled nor running: undo may come that early.
exists() { [ "$(systemctl show -p LoadState --value "$1")" != not-found ]; }
step_disable() { ! exists "$1" || systemctl disable --quiet "$1"; }
step_stop() { # systemd would remember a unit that failed, also one that is taken away
    exists "$1" || return 0
    systemctl stop "$1" || return 1
    systemctl reset-failed "$1" 2>/dev/null || :
}
step_retire() { # unit that another takes the place of
    ! exists "$1" || systemctl disable --now --quiet "$1"
}
started='' supervised=''
step_restart() { # unit
    started="$started $1"
    systemctl reset-failed "$1" 2>/dev/null
    systemctl restart "$1" || refuse "$(journal_of "$1")"
}
journal_of() { # unit: what it said last
    systemctl show -p ActiveState -p SubState -p Result -p ExecMainStatus "$1" | tr '\n' ' '
    if command -v journalctl >/dev/null 2>&1; then
        echo
        journalctl --no-pager -q -o cat -n 15 -u "$1" 2>/dev/null | tail -c 4000
    fi
}

step_supervise() { # service start|stop|restart
    supervised="$supervised $1"
    told=$("$base/$1/current/supervise" "$2" 2>&1 </dev/null) ||
        refuse "$told: $(log_of "$1")"
}
log_of() { tail -n 15 "$prefix/var/log/$1.log" 2>/dev/null; } # service
step_unsupervise() { # service: stop it where it has a supervisor
    [ ! -x "$base/$1/current/supervise" ] || "$base/$1/current/supervise" stop </dev/null
}

# --- health ---------------------------------------------------------------------------------------

ends_max=3 # a service that ended so often while it was looked at does not stay up

step_steady_unit() { # unit seconds: active, one and the same process, for so long
    since=$(now) main='' ends=0 until=$(($(now) + $2 + 30))
    while :; do
        state=$(systemctl show -p ActiveState --value "$1") pid=$(systemctl show -p MainPID --value "$1")
        case $state in
        active)
            if [ "$pid" != "$main" ]; then
                [ -z "$main" ] || ends=$((ends + 1))
                main=$pid since=$(now)
            fi
            if [ $(($(now) - since)) -ge "$2" ]; then return 0; fi
            ;;
        failed | inactive) refuse "$1 is $state: $(journal_of "$1")" || return 1 ;;
        *) since=$(now) ends=$((ends + ${main:+1} + 0)) main='' ;;
        esac
        { [ "$ends" -lt "$ends_max" ] && [ "$(now)" -lt "$until" ]; } ||
            refuse "$1 does not stay up: $(journal_of "$1")" || return 1
        nap
    done
}

step_steady_supervised() { # service seconds
    since=$(now) main='' ends=0 until=$(($(now) + $2 + 30))
    while :; do
        line=$("$base/$1/current/supervise" status </dev/null)
        pid=${line#* process=} pid=${pid%% *}
        case $line in
        running*)
            if [ "$pid" != "$main" ]; then
                [ -z "$main" ] || ends=$((ends + 1))
                main=$pid since=$(now)
            fi
            if [ $(($(now) - since)) -ge "$2" ]; then return 0; fi
            ;;
        *) since=$(now) ends=$((ends + ${main:+1} + 0)) main='' ;;
        esac
        { [ "$ends" -lt "$ends_max" ] && [ "$(now)" -lt "$until" ]; } ||
            refuse "$1 does not stay up ($line): $(log_of "$1")" || return 1
        nap
    done
}

those_that_ended() { # what services said that were started and do not run: why a check fails
    for unit in $started; do
        state=$(systemctl show -p ActiveState --value "$unit")
        [ "$state" = active ] || printf '\n%s is %s: %s' "$unit" "$state" "$(journal_of "$unit")"
    done
    for service in $supervised; do
        "$base/$service/current/supervise" status </dev/null >/dev/null 2>&1 ||
            printf '\n%s does not run: %s' "$service" "$(log_of "$service")"
    done
}

tcp_talk() { # port text: the answer's first lines; each way gives up after 2 s
    if command -v bash >/dev/null 2>&1; then
        # shellcheck disable=SC2016 # for bash to expand
        bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
            [ -z "$2" ] || printf "%s\n" "$2" >&3
            for i in 1 2 3 4 5 6 7 8; do
                IFS= read -r -t 2 line <&3 || exit 0
                printf "%s\n" "$line"
                case $line in *"$3"*) exit 0 ;; esac
            done' talk "$1" "$2" "$3" 2>/dev/null
    elif command -v nc >/dev/null 2>&1; then
        { [ -z "$2" ] || printf '%s\n' "$2"; sleep 1; } | nc -w 2 127.0.0.1 "$1" 2>/dev/null
    else
        for python in python3 python2 python; do
            command -v "$python" >/dev/null 2>&1 || continue
            "$python" -c 'import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 2)
if sys.argv[2]: s.sendall((sys.argv[2] + "\n").encode())
got = b""
try:
    while sys.argv[3].encode() not in got and len(got) < 4096:
        more = s.recv(4096)
        if not more: break
        got += more
except socket.timeout: pass
sys.stdout.write(got.decode("latin-1"))' "$1" "$2" "$3" 2>/dev/null
            return
        done
        return 2
    fi
}

step_tcp() { # port send expect seconds
    until=$(($(now) + $4)) said=
    while :; do
        if said=$(tcp_talk "$1" "$2" "$3"); then
            case $said in *"$3"*) return 0 ;; esac
        elif [ $? = 2 ]; then
            refuse "there is no bash, nc or python on the host to ask the port with" || return 1
        fi
        [ "$(now)" -lt "$until" ] || break
        nap
    done
    if [ -z "$said" ]; then
        refuse "port $1 does not answer$(those_that_ended)"
    else
        refuse "port $1 answered '$(printf '%s' "$said" | head -n 3 | tr '\n' ' ')', not '$3'"
    fi
}

step_command() { # seconds word…: exits 0 within the time, at last
    until=$(($(now) + $1))
    shift
    while :; do
        left=$((until - $(now)))
        [ "$left" -ge 1 ] || left=1
        if command -v timeout >/dev/null 2>&1; then
            said=$(timeout "$left" "$@" 2>&1 </dev/null) && return 0
        else
            said=$("$@" 2>&1 </dev/null) && return 0
        fi
        [ "$(now)" -lt "$until" ] || break
        nap
    done
    refuse "$* failed: $(printf '%s' "$said" | tail -n 5)$(those_that_ended)"
}

. ./checks.sh
. ./upkeep.sh

# --- the run --------------------------------------------------------------------------------------

record() { # outcome: one JSON line for the host's own log
    mkdir -p "$prefix/var/log/fleet" && [ -f record ] &&
        rotate_log "$prefix/var/log/fleet/audit.jsonl" &&
        printf '{"time":%s,"outcome":"%s",%s}\n' "$(now)" "$1" "$(cat record)" \
            >>"$prefix/var/log/fleet/audit.jsonl"
}

perform() { # file, what to do at a failure (stop or go-on): each line is a step
    number=0 result=0
    while IFS= read -r line <&3; do
        number=$((number + 1)) why=''
        printf '%s %s begin\n' "$1" "$number"
        eval "set -- $1 $2 $line"
        if run_step "$@" 3<&- >said 2>&1; then
            printf '%s %s ok\n' "$1" "$number"
        else
            result=1
            [ -n "$why" ] || why=$(tail -c 4000 said)
            printf '%s %s failed %s\n' "$1" "$number" "$(printf '%s' "$why" | tr '\n' '\036')"
            [ "$2" = go-on ] || break
        fi
    done 3<"$1"
    return "$result"
}
run_step() { # file failure verb argument…
    shift 2
    verb=$1
    shift
    "step_$verb" "$@"
}

take_lock "$(cat owner)" || exit 75
if ! keep_room; then
    printf 'steps 1 failed the disk has no room for the way back\n'
    outcome=undone code=4
elif perform steps stop; then
    outcome='done' code=0
else
    make_room
    if perform undo go-on; then outcome=undone code=4; else outcome=broken code=1; fi
fi
record "$outcome" || printf 'note the audit log could not be written\n'
release_lock
cd / && rm -rf "$here"
printf '%s\n' "$outcome"
exit "$code"
