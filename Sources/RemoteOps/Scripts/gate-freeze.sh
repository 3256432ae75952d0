# shellcheck shell=sh
# The older server, which cannot be held, is frozen, and killed when its end has come. Joined to
# gate.sh.
# shellcheck disable=SC2034,SC2154 # variables of the other parts

# Lets a frozen process go on when apply.sh is gone, or after so long.
gate_guard() { # pid start seconds
    gate_applier=$$ gate_applier_start=$(gate_start_time $$)
    (
        trap '' HUP INT TERM PIPE
        gate_left=$3
        while gate_lives "$1" "$2"; do
            gate_left=$((gate_left - 1))
            if [ "$gate_left" -le 0 ] || ! gate_lives "$gate_applier" "$gate_applier_start"; then
                kill -CONT "$1"
                break
            fi
            sleep 1
        done
    ) >/dev/null 2>&1 </dev/null 3>&- 4>&- 8>&- &
}

gate_thaw() { # service
    [ -e "$gate_kept/$1.frozen" ] || return 0
    read -r gate_pid gate_start _ <"$gate_kept/$1.frozen"
    ! gate_lives "$gate_pid" "$gate_start" || kill -CONT "$gate_pid" 2>/dev/null
    rm -f "$gate_kept/$1.frozen"
}

gate_freeze() { # service port pid seconds: a legacy server, after an idle STATUS
    gate_idle || return 1
    gate_start=$(gate_start_time "$3")
    : >"$gate_kept/none"
    gate_tries=0
    while [ -n "$(gate_clients "$2")" ]; do
        gate_tries=$((gate_tries + 1))
        [ "$gate_tries" -le "$gate_settle" ] ||
            gate_refuse "another client is connected, $(gate_address "$(gate_clients "$2" |
                sed -n 1p)"), and might start it; stop that one, or name it under 'starters:'" ||
            return 1
        gate_nap
    done
    # After the thread of the first reading has ended, at the latest.
    sleep 1
    gate_tasks "$3" >"$gate_kept/tasks"
    gate_ask "$2" STATUS && gate_idle || return 1
    gate_until_alone "$3" "$2" "$gate_kept/tasks" ||
        gate_refuse "somebody else has begun to talk to it" || return 1
    gate_lives "$3" "$gate_start" || gate_refuse "its process has ended meanwhile" || return 1
    printf '%s %s %s\n' "$3" "$gate_start" $$ >"$gate_kept/$1.frozen"
    gate_guard "$3" "$gate_start" "$4"
    gate_clock
    printf '%s\n' "$gate_time" >"$gate_kept/$1.since"
    kill -STOP "$3" || gate_refuse "it cannot be frozen" || return 1
    gate_tries=0
    until gate_stands_still "$3"; do
        gate_tries=$((gate_tries + 1))
        [ "$gate_tries" -le "$gate_settle" ] || gate_refuse "it cannot be frozen" || return 1
        gate_nap
    done
    # From here on nothing gets in. What got in since the last reading is seen here.
    gate_nobody_new "$3" "$2" "$gate_kept/tasks" ||
        gate_refuse "somebody else has begun to talk to it" || return 1
    gate_lives "$3" "$gate_start" || gate_refuse "its process has ended meanwhile"
}

gate_kill() { # service units: the frozen server, which does nothing any more
    [ -e "$gate_kept/$1.frozen" ] || return 0
    read -r gate_pid gate_start _ <"$gate_kept/$1.frozen"
    gate_lives "$gate_pid" "$gate_start" && gate_stands_still "$gate_pid" ||
        gate_refuse "the older server is no longer frozen" || return 1
    # A supervisor is told first, or it would start it again. systemd waits for RestartSec= before
    # that, and is told to restart it meanwhile.
    if [ "$2" = - ] && gate_recorded "$1" supervisor; then kill -TERM "$gate_pid" 2>/dev/null; fi
    read -r gate_pid gate_start _ <"$gate_kept/$1.frozen"
    kill -KILL "$gate_pid" 2>/dev/null
    rm -f "$gate_kept/$1.frozen"
}
