# shellcheck shell=bash
# However a lab ends, nothing is left of it.

killed_owner_takes_its_lab_along() {
    local owner
    sleep 1000 &
    owner=$!
    LAB_TAG=beside "$lab" up --owner "$owner"
    fails has_no_leftovers beside
    kill -KILL "$owner"
    wait_until "$WAIT" has_no_leftovers beside
}

two_labs_side_by_side() {
    LAB_TAG=beside "$lab" up
    LAB_TAG=beside "$lab" sh pi sh -c 'echo beside >/home/pi/whose'
    in_host pi 'echo selftest >/home/pi/whose'
    expect beside "$(LAB_TAG=beside "$lab" sh pi cat /home/pi/whose)" "the other lab's file"
    LAB_TAG=beside "$lab" down
    has_no_leftovers beside
    wait_until "$WAIT" answers
    # The first one still has what the machine shares.
    put_program olimex v5
    expect 42 "$(status_of "$lab" sh olimex /root/v5)" "an ARM program after the other lab's end"
}

with_lab_passes_on_the_status() {
    expect 7 "$(LAB_TAG=beside status_of "$here/with-lab" 1 -- sh -c '
        test -d "$FLEET_LAB" && test -x "$FLEET_LAB_SCRIPT" && test "$LAB_TAG" = beside &&
        test -n "$LAB_OLIMEX_PASSWORD" && "$FLEET_LAB_SCRIPT" ps | grep -q ^x1 &&
        ssh -F "$FLEET_LAB/ssh_config" x1 exit 7')" "the command's status"
    has_no_leftovers beside
}

interrupted_with_lab_leaves_nothing() {
    local run=$LAB_CACHE/run/beside process status=0 ready=$LAB_CACHE/selftest-ready
    rm -f "$ready"
    LAB_TAG=beside "$here/with-lab" -- sh -c "touch $ready; exec sleep 1000" &
    process=$!
    wait_until "$WAIT" test -e "$ready"
    rm -f "$ready"
    # Not SIGINT: a background command of this script ignores it.
    kill -TERM "$process"
    wait "$process" || status=$?
    expect 143 "$status" "the status after SIGTERM"
    has_no_leftovers beside
    fails test -e "$run"
    # And with no chance to clean up: the watchdog does.
    LAB_TAG=beside "$here/with-lab" -- sh -c "touch $ready; exec sleep 1000" &
    process=$!
    wait_until "$WAIT" test -e "$ready"
    rm -f "$ready"
    kill -KILL "$process"
    wait_until "$WAIT" has_no_leftovers beside
}

crashed_lab_is_swept() {
    local process
    LAB_TAG=beside "$lab" up
    for process in $(cat "$LAB_CACHE"/run/beside/hosts/*/supervisor); do kill -KILL "$process"; done
    fails has_no_leftovers beside
    LAB_TAG=beside "$lab" down
    has_no_leftovers beside
}

nothing_is_left() {
    "$lab" leftovers
    has_no_leftovers beside
    diff <(echo "$machine_before") <(machine_settings)
}
