# shellcheck shell=sh
# A server of ours is told to HOLD, and gets back what it was told before. Joined to gate.sh.
# shellcheck disable=SC2034,SC2154 # variables of the other parts

gate_keep_hold() { # service owner: remembers a hold that the owner had for other reasons
    [ ! -e "$gate_kept/$1.owner" ] || return 0
    if gate_line HOLD && [ "$gate_value" != none ]; then
        gate_rest=${gate_value#"$2 "}
        case ${gate_rest#* } in
        "$gate_our_reason"*) ;; # of a deploy before this one, which did not come to its end
        *)
            gate_clock
            printf '%s %s\n' "$gate_time" "$gate_rest" >"$gate_kept/$1.restore"
            ;;
        esac
    fi
    printf '%s\n' "$2" >"$gate_kept/$1.owner"
}

gate_hold() { # service port owner seconds reason: after a STATUS
    gate_line HOLD || gate_refuse "whether it is held is unknown" || return 1
    case $gate_value in
    none | "$3 "*) ;;
    *)
        gate_rest=${gate_value#* }
        gate_refuse "it is held by ${gate_value%% *} for ${gate_rest%% *} s more: ${gate_rest#* }"
        return 1
        ;;
    esac
    gate_idle || return 1
    gate_keep_hold "$1" "$3"
    # Also where there is no answer: it may have been granted.
    gate_tries=0
    while :; do
        gate_ask "$2" "HOLD $3 $4 $5" || return 1
        read -r gate_value <gate-said
        # Just after a stop it has not read them twice yet; it reads once a second.
        case $gate_value in 'ERROR: Inputs cannot be read'*) ;; *) break ;; esac
        gate_tries=$((gate_tries + 1))
        [ "$gate_tries" -le 3 ] || break
        sleep 1
    done
    case $gate_value in
    'OK: Held for '*) ;;
    *) gate_refuse "it refuses to be held: ${gate_value#ERROR: }" || return 1 ;;
    esac
    gate_ask "$2" STATUS && gate_idle || return 1
    gate_line HOLD
    case $gate_value in
    "$3 "*) ;;
    *) gate_refuse "it does not keep the hold" || return 1 ;;
    esac
    gate_clock
    printf '%s\n' "$gate_time" >"$gate_kept/$1.held"
}

# A server that has lost the hold, or never had it, is held while it is looked whether it is well.
# Where that is refused the restart is over all the same: whoever started the engine has it, and
# nothing here stops that server again.
gate_hold_anew() { # service
    while read -r gate_service gate_units gate_port gate_owner gate_seconds gate_mode gate_reason <&4
    do
        [ "$gate_service" = "$1" ] || continue
        gate_ask "$gate_port" STATUS && gate_line PROTOCOL &&
            gate_hold "$1" "$gate_port" "$gate_owner" "$gate_seconds" "$gate_reason"
    done 4<gates
    return 0
}

gate_release() { # service port: gives back what was asked for
    [ -e "$gate_kept/$1.owner" ] || return 0
    read -r gate_owner <"$gate_kept/$1.owner"
    gate_command="RELEASE $gate_owner"
    if [ -e "$gate_kept/$1.restore" ]; then
        read -r gate_began gate_seconds gate_reason <"$gate_kept/$1.restore"
        gate_since "$gate_began"
        gate_seconds=$((gate_seconds - gate_passed / 100))
        [ "$gate_seconds" -lt 1 ] || gate_command="HOLD $gate_owner $gate_seconds $gate_reason"
    fi
    # After an undo the old server has only just been started.
    gate_tries=0
    until gate_ask "$2" "$gate_command"; do
        gate_tries=$((gate_tries + 1))
        if [ "$gate_tries" -gt "$gate_settle" ] || [ ! -e "$gate_kept/$1.stopped" ]; then break; fi
        gate_nap
    done
    [ -s gate-said ] ||
        printf 'note the hold on %s was not given back; it ends by itself\n' "$1" >&8
    rm -f "$gate_kept/$1.owner" "$gate_kept/$1.restore" "$gate_kept/$1.held"
}
