# shellcheck shell=sh
# The gate `generator-idle`: a server of the generator is stopped only while the generator is known
# to stand, and nothing may start it until the new server answers or the old one is back.
#
# The functions of gate-*.sh come with it in one file. Read by apply.sh, in the folder of the
# transfer, where that has a file `gates`: a line `SERVICE UNITS PORT OWNER SECONDS MODE REASON`, with
# the service's unit and those that it replaces joined by commas, or `-` for a supervised one; MODE is
# idle or force. A server of ours is told to HOLD, which it grants only while nothing runs and keeps
# over its restart. A legacy server has no such thing: it is frozen, and killed by its process id when
# its end has come, so that neither a START that waits in its socket nor its clean-up is carried out.
#
# What is not known counts as running. Says `gate closed SERVICE REASON`, `gate forced SERVICE
# REASON` or `gap SERVICE MILLISECONDS` on apply.sh's own standard output.
# shellcheck disable=SC2034,SC2154 # variables of the other parts
gate_kept=gate-state   # what this file must remember, also in another process after a crash
gate_limit=6           # seconds for one question, whatever the server does
gate_settle=20         # tenths of a second for connections and threads of ours to end
gate_margin=30         # seconds of a hold that must be left when the server is stopped
gate_children=16       # parents of a process that are looked through
gate_our_reason='fleetctl '
exec 8>&1

gate_refuse() { # reason
    gate_why=$*
    # A step that fails says this.
    why=$*
    return 1
}

gate_nap() { sleep 0.1 2>/dev/null || sleep 1; }

gate_close() { # service units port owner seconds mode reason
    if [ -e "$gate_kept/$1.frozen" ]; then
        read -r gate_pid gate_start gate_freezer <"$gate_kept/$1.frozen"
        [ "$gate_freezer" = $$ ] && gate_lives "$gate_pid" "$gate_start" &&
            gate_stands_still "$gate_pid" && return 0
        # Of a deploy that died: its guard is about to let it go on.
        gate_thaw "$1"
    fi
    gate_pids=$(gate_holders "$3")
    if [ -z "$gate_pids" ]; then
        gate_close_without_server "$1" "$2"
        return
    fi
    for gate_holder in $gate_pids; do
        [ "$gate_holder" != - ] && gate_belongs "$gate_holder" "$1" "$2" ||
            gate_refuse "process $gate_holder, which listens on port $3, is not $1's" || return 1
    done
    gate_ask "$3" STATUS || return 1
    if gate_line PROTOCOL; then
        case $gate_value in
        [2-9]) gate_hold "$1" "$3" "$4" "$5" "$7" ;;
        *) gate_refuse "its protocol is unknown: $gate_value" ;;
        esac
    elif grep -q '^\(PROTOCOL\|STATE\|HOLD\|VERSION\):' gate-said; then
        gate_refuse "its answer is not understood"
    elif [ "$gate_pids" != "$gate_holder" ]; then
        gate_refuse "several processes listen on port $3, and it is the older server"
    else
        gate_freeze "$1" "$3" "$gate_holder" "$5"
    fi
}

gates_close() { # fails, with nothing changed, where one of them cannot be closed
    mkdir -p "$gate_kept" || return 1
    gates_result=0
    while read -r gate_service gate_units gate_port gate_owner gate_seconds gate_mode gate_reason <&4
    do
        gate_why='it cannot be told why'
        gate_close "$gate_service" "$gate_units" "$gate_port" "$gate_owner" "$gate_seconds" \
            "$gate_mode" "$gate_reason" && continue
        gate_thaw "$gate_service"
        rm -f "$gate_kept/$gate_service.since"
        if [ "$gate_mode" = force ]; then
            printf 'gate forced %s %s\n' "$gate_service" "$gate_why" >&8
            continue
        fi
        printf 'gate closed %s %s\n' "$gate_service" "$gate_why" >&8
        gates_result=1
        break
    done 4<gates
    [ "$gates_result" = 0 ] || gates_open
    return "$gates_result"
}

gate_stopping() { # unit or service, just before it is stopped: fails where that is not safe any more
    while read -r gate_service gate_units gate_port gate_owner gate_seconds gate_mode gate_rest <&4
    do
        case ",$gate_service,$gate_units," in *",$1,"*) ;; *) continue ;; esac
        : >"$gate_kept/$gate_service.stopped"
        if [ -e "$gate_kept/$gate_service.held" ]; then
            read -r gate_held <"$gate_kept/$gate_service.held"
            gate_since "$gate_held"
            [ "$gate_passed" -lt $(((gate_seconds - gate_margin) * 100)) ] ||
                [ "$gate_mode" = force ] ||
                gate_refuse "the hold on the generator is about to end" || return 1
        fi
        gate_holders "$gate_port" >"$gate_kept/$gate_service.before"
        if [ ! -e "$gate_kept/$gate_service.since" ]; then
            gate_clock
            printf '%s\n' "$gate_time" >"$gate_kept/$gate_service.since"
        fi
        gate_kill "$gate_service" "$gate_units" || return 1
    done 4<gates
}

gates_open() { # whatever happened
    while read -r gate_service gate_units gate_port gate_rest <&4; do
        gate_thaw "$gate_service"
        gate_release "$gate_service" "$gate_port"
    done 4<gates
    return 0
}
