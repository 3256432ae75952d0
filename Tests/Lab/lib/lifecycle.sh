# shellcheck shell=bash
# The whole lab: up, down, and the watchdog that takes it down when its owner is gone.

PI_LINKS="lan:198.51.100.10 field:203.0.113.1"
RENOGY_LINKS="lan:198.51.100.20"
BOARD_ADDRESS=203.0.113.2
# Disks of the three named hosts: sparse, so they cost what is written.
DISK_MIB=1024

lab_up() { # [EXTRA] [--owner PID]
    local extra=0 owner=
    while [ $# -gt 0 ]; do
        case $1 in
            --owner)
                [ $# -ge 2 ] || die "--owner needs a PID"
                owner=$2
                shift
                ;;
            *[!0-9]* | '') die "up: '$1' is not a number of extra hosts" ;;
            *) extra=$1 ;;
        esac
        shift
    done
    [ "$extra" -le "$EXTRA_LIMIT" ] || die "at most $EXTRA_LIMIT extra hosts"
    check_machine
    is_prepared || die "the base file systems are missing: run 'lab prepare' first"
    (umask 077 && mkdir -p "$LAB_RUN")
    with_lock "$LAB_LOCK" "$LAB_RUN/lock" raise_lab "$extra" "$owner"
}

raise_lab() { # EXTRA OWNER
    local extra=$1 owner=$2 rsa_job host number
    [ ! -e "$LAB_RUN/owned" ] ||
        die "the lab '$LAB_TAG' is up, or was not taken down: 'lab down' first"
    # First of all, so that an owner killed in the middle of this is seen.
    : >"$LAB_RUN/owned"
    [ -z "$owner" ] || start_detached "$LAB_RUN/watch.log" "$LAB_SCRIPT" __watch "$owner"
    enter_machine
    make_rsa_keys 8>&- &
    rsa_job=$!
    make_lab_keys
    make_namespace "$WORKSTATION"
    make_leg "$WORKSTATION" eth0 lan "$WORKSTATION_ADDRESS"
    for host in pi olimex renogy; do make_disk "$host" "$DISK_MIB"; done
    cp "$LAB_HOME/board/inverter.registers" "$LAB_HOSTS/pi/registers"
    : >"$LAB_HOSTS/pi/serial"
    # shellcheck disable=SC2086  # lists of links
    add_host pi systemd $PI_LINKS
    # shellcheck disable=SC2086
    add_host renogy systemd $RENOGY_LINKS
    create_host olimex sysv "field:$BOARD_ADDRESS"
    emulate_i2c olimex >/dev/null
    wait "$rsa_job" || die "ssh-keygen failed"
    make_board_keys olimex
    launch_host olimex
    for ((number = 1; number <= extra; number++)); do
        add_host "x$number" systemd "lan:198.51.100.$((100 + number))"
    done
    write_ssh_config >"$LAB_RUN/ssh_config"
    for host in $(host_names); do wait_for_ssh "$host"; done
    wait_for_ssh olimex 2201
    wait_for_ssh olimex 2202
}

lab_down() {
    [ -d "$LAB_RUN" ] || return 0
    with_lock "$LAB_LOCK" "$LAB_RUN/lock" lower_lab
}

lower_lab() {
    local host process space
    # Every host at once first; then what each one leaves.
    for host in $(host_names); do strike_host "$host"; done
    for process in $(find_wires); do kill -TERM "$process" 2>/dev/null || true; done
    # The watchdog with the tail that it waits in: they are a session of their own.
    for process in $(find_processes '^__watch$'); do
        kill -TERM -- "-$process" 2>/dev/null || true
    done
    for host in $(host_names); do
        wait_until "$STOP_LIMIT" has_stopped "$host" || say "$host does not stop"
    done
    strike_strays
    for host in "$LAB_HOSTS"/*/; do
        [ ! -d "$host" ] || remove_host "$(basename "$host")"
    done
    for space in /run/netns/"$LAB_PREFIX"-*; do
        [ ! -e "$space" ] || ip netns del "$(basename "$space")"
    done
    wait_until "$STOP_LIMIT" no_loops_are_left || say "some loop devices do not empty"
    remove_all_groups
    leave_machine
    rm -rf "$LAB_RUN"
}

strike_strays() { # processes of this lab that no host owns any more, after a crash
    wait_until "$STOP_LIMIT" no_strays_are_left || say "some processes do not end"
}

no_strays_are_left() {
    local process none=0
    for process in $(find_lab_processes); do
        kill -KILL "$process" 2>/dev/null || true
        none=1
    done
    return $none
}

no_loops_are_left() { # the kernel lets a disk go only when the last mount namespace with it is gone
    [ -z "$(find_loops)" ]
}

watch_owner() { # PID: take the lab down when this process has ended
    tail --pid="$1" --sleep-interval=0.1 --follow /dev/null
    say "the owner (process $1) has ended: taking the lab '$LAB_TAG' down"
    # Not as __watch, which is among what down ends.
    exec "$LAB_SCRIPT" down
}

print_environment() {
    [ -e "$LAB_RUN/ssh_config" ] || die "the lab '$LAB_TAG' is not up"
    printf 'export FLEET_LAB=%q FLEET_LAB_SCRIPT=%q LAB_TAG=%q\n' \
        "$LAB_RUN" "$LAB_SCRIPT" "$LAB_TAG"
    sed 's/^/export /' "$LAB_RUN/passwords.env"
}
