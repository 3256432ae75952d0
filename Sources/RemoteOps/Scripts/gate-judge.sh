# shellcheck shell=sh
# What the server's answer, or its absence, means for the gate: at rest, or why not. Joined to
# gate.sh.
# shellcheck disable=SC2034,SC2154 # variables of the other parts

gate_inputs() { # whether the inputs are known and show neither engine nor starter
    gate_line INPUTS || return 1
    gate_raw=${gate_value##*raw=}
    case $gate_raw in [0-9] | 1[0-5]) ;; *) return 1 ;; esac
    [ "$gate_value" = "IN1=$((gate_raw & 1)) IN2=$((gate_raw >> 1 & 1)) \
IN3=$((gate_raw >> 2 & 1)) IN4=$((gate_raw >> 3 & 1)) raw=$gate_raw" ]
}

gate_idle() { # whether the STATUS in gate-said is that of a generator at rest
    gate_line START_IN_PROGRESS
    [ "$gate_value" != YES ] || gate_refuse "a start is in progress" || return 1
    [ "$gate_value" = NO ] || gate_refuse "whether a start is in progress is unknown" || return 1
    gate_inputs ||
        gate_refuse "its inputs cannot be read, and unknown counts as running" || return 1
    [ $((gate_raw & 8)) = 0 ] || gate_refuse "the starter is engaged" || return 1
    [ $((gate_raw & 1)) = 0 ] || gate_refuse "the engine runs" || return 1
    gate_line RUNNING
    [ "$gate_value" = NO ] || gate_refuse "it does not say that the engine stands" || return 1
    gate_line RELAYS || gate_refuse "which relays are on is unknown" || return 1
    case $gate_value in
    'OFF (0x00)') ;;
    UNKNOWN*) gate_refuse "which relays are on is unknown" || return 1 ;;
    *) gate_refuse "relays are on: $gate_value" || return 1 ;;
    esac
    # The legacy server has no such line.
    gate_line STATE || { ! grep -q '^STATE:' gate-said && return 0; } ||
        gate_refuse "its state is not understood" || return 1
    case $gate_value in
    OFF | FAILED | HELD) ;;
    *) gate_refuse "it is not idle: $gate_value" ;;
    esac
}

gate_left_on() { # service: whether its supervisor could not switch everything off
    [ -e "${prefix-}/run/fleet/$1/dirty" ] || return 1
    gate_boot=''
    { read -r gate_boot <"${prefix-}/run/fleet/$1/boot"; } 2>/dev/null
    # A record of another boot says nothing of this one.
    [ -z "$gate_boot" ] || [ -z "${this_boot-}" ] || [ "$gate_boot" = "$this_boot" ]
}

gate_close_without_server() { # service units: nobody listens
    if [ "$2" != - ]; then
        for gate_unit in $(printf '%s' "$2" | tr ',' ' '); do
            case $(systemctl show -p ActiveState -p SubState -p MainPID "$gate_unit" | tr '\n' ' ') in
            *MainPID=[1-9]*)
                # One that this transaction started and that never listened was told nothing.
                [ -e "$gate_kept/$1.stopped" ] ||
                    gate_refuse "$gate_unit runs and does not listen: its state is unknown" ||
                    return 1
                ;;
            *ActiveState=active* | *ActiveState=deactivating* | *ActiveState=reloading*)
                gate_refuse "what $gate_unit does is unknown" || return 1
                ;;
            esac
        done
    elif gate_recorded "$1" process; then
        [ -e "$gate_kept/$1.stopped" ] ||
            gate_refuse "$1 runs and does not listen: its state is unknown" || return 1
    elif gate_left_on "$1"; then
        gate_refuse "it does not run, and what it left on may be on still" || return 1
    fi
    for gate_file in "${prefix-}"/run/gen-server-*.state; do
        ! grep -q '^phase=' "$gate_file" 2>/dev/null ||
            gate_refuse "it does not run, and the engine ran when it ended ($gate_file)" || return 1
    done
}
