# shellcheck shell=bash
# Faults of the network, the hosts and their power.

cut_link_is_silent() {
    wait_until "$WAIT" answers
    "$lab" cut pi eth0
    expect "" "$(banner_of 198.51.100.10 22 1)" "pi with its cable out"
    # The cable, not the interface: the host sees a link without carrier.
    expect 0 "$(in_host pi 'cat /sys/class/net/eth0/carrier')" "carrier"
    "$lab" join pi eth0
    wait_until "$WAIT" answers
}

wire_delays() {
    local near far wire
    near=$(connect_ms 198.51.100.10 22)
    coproc WIRE { exec "$lab" wire pi eth0 20; }
    wire=$WIRE_PID
    read -r -t "$WAIT" line <&"${WIRE[0]}"
    expect ready "$line" "the wire's first word"
    far=$(connect_ms 198.51.100.10 22)
    echo "connect takes $near ms, with the wire $far ms"
    [ "$far" -ge $((near + 20)) ] && [ "$far" -le $((near + 20 + 10 * LAB_PATIENCE)) ]
    kill -TERM "$wire"
    wait "$wire" || true
    near=$(connect_ms 198.51.100.10 22)
    echo "and $near ms after it"
    [ "$near" -lt $((10 * LAB_PATIENCE)) ]
}

transfer_ms() { # 64 KiB from pi to the workstation
    local begin=$EPOCHREALTIME end
    ssh_to pi 'head -c 65536 /dev/urandom' | wc -c | grep -qx 65536
    end=$EPOCHREALTIME
    echo $(((${end/[.,]/} - ${begin/[.,]/}) / 1000))
}

rate_limits() {
    local took
    "$lab" rate pi eth0 512kbit
    took=$(transfer_ms)
    "$lab" clear pi eth0
    echo "64 KiB at 512 kbit/s took $took ms"
    [ "$took" -ge 900 ]
    took=$(transfer_ms)
    echo "and $took ms after clear"
    [ "$took" -lt $((900 * LAB_PATIENCE)) ]
}

loss_loses() {
    "$lab" loss pi eth0 1
    expect "" "$(banner_of 198.51.100.10 22 1)" "pi that loses everything"
    "$lab" clear pi eth0
    wait_until "$WAIT" answers
}

frozen_host_is_silent() {
    "$lab" freeze pi
    expect "" "$(banner_of 198.51.100.10 22 1)" "the banner of a frozen host"
    "$lab" thaw pi
    wait_until "$WAIT" answers
}

halt_and_start() {
    local host
    for host in renogy olimex; do
        "$lab" halt "$host"
        "$lab" ps | grep -E "^$host .* down " >/dev/null
        fails "$lab" sh "$host" true
        "$lab" start "$host"
        "$lab" wait "$host"
    done
}

power_cut_loses_what_was_not_synced() {
    in_host olimex 'echo kept >/root/synced && sync && echo lost >/root/unsynced'
    "$lab" powercut olimex
    "$lab" start olimex
    "$lab" wait olimex
    expect kept "$(in_host olimex 'cat /root/synced')" "the synced file"
    expect "" "$(in_host olimex 'cat /root/unsynced 2>/dev/null || true')" "the file that was not"
    # A kill is not a power cut: what was written stays.
    in_host olimex 'echo kept >/root/unsynced'
    "$lab" kill olimex
    "$lab" start olimex
    "$lab" wait olimex
    expect kept "$(in_host olimex 'cat /root/unsynced')" "a file after a kill"
    in_host olimex 'rm /root/synced /root/unsynced'
}

full_disk_is_full() {
    "$lab" fill pi 2
    in_host pi 'head -c 8388608 /dev/zero >/home/pi/big 2>/tmp/error' && exit 1
    in_host pi 'grep -q "No space left" /tmp/error'
    "$lab" unfill pi
    in_host pi 'head -c 8388608 /dev/zero >/home/pi/big && rm /home/pi/big'
}
