# shellcheck shell=sh
# The time in which nobody controls the relays, by the host's clock of the boot. Joined to gate.sh.
# shellcheck disable=SC2034,SC2154 # variables of the other parts

# Hundredths of a second since boot, modulo a million seconds: also for shells of 32 bits.
gate_clock() {
    read -r gate_up _ </proc/uptime
    gate_whole=000000${gate_up%.*}
    gate_time=$((1${gate_whole#"${gate_whole%??????}"}${gate_up#*.} - 100000000))
}

gate_since() { # earlier: sets gate_passed, hundredths of a second
    gate_clock
    gate_passed=$((gate_time - $1))
    [ "$gate_passed" -ge 0 ] || gate_passed=$((gate_passed + 100000000))
}

gate_is_new() { # service pids: whether none of them listened before
    gate_before=" $(tr '\n' ' ' <"$gate_kept/$1.before")"
    for gate_holder in $2; do
        case $gate_before in *" $gate_holder "*) return 1 ;; esac
    done
}

# The time in which nobody answered for the relays: from the old server's end to the new one's first
# answer.
step_gap() { # service port seconds
    [ -e "$gate_kept/$1.since" ] || return 0
    read -r gate_began <"$gate_kept/$1.since"
    while :; do
        gate_new=$(gate_holders "$2")
        if [ -n "$gate_new" ] && gate_is_new "$1" "$gate_new" && gate_ask "$2" PING &&
            read -r gate_value <gate-said && [ "$gate_value" = PONG ]; then
            gate_since "$gate_began"
            break
        fi
        gate_since "$gate_began"
        [ "$gate_passed" -lt $(($3 * 100)) ] ||
            gate_refuse "port $2 does not answer PING after $3 s" || return 1
        sleep 0.02 2>/dev/null || sleep 1
    done
    printf 'gap %s %s0\n' "$1" "$gate_passed" >&8
    printf '%s %s0\n' "$1" "$gate_passed" >>"$gate_kept/gaps"
    gate_record_gap "$1" "$gate_passed"
    gate_hold_anew "$1"
}

gate_record_gap() { # service hundredths: one more member of the host's own record
    [ -e record ] || return 0
    printf '%s,"uncontrolled_ms":{"%s":%s0}\n' "$(cat record)" "$1" "$2" >record.gap &&
        mv -f record.gap record
}
