# shellcheck shell=bash
# The serial line, the I2C bus, the machine's own devices.

serial_line_answers_as_the_inverter() {
    # Function 4, register 5: state of charge 44 %, health 94 %, as recorded.
    local ask='
import os, select
line = os.open("/dev/ttySC1", os.O_RDWR | os.O_NOCTTY)
os.write(line, bytes.fromhex("01040005000121cb"))
answer = b""
while len(answer) < 7 and select.select([line], [], [], 5)[0]:
    answer += os.read(line, 64)
print(answer.hex())'
    expect 0104025e2c808d "$("$lab" sh pi python3 -c "$ask")" "the golden answer"
    expect "root:dialout 660" "$(in_host pi 'stat -L -c "%U:%G %a" /dev/ttySC1')" "owner and mode"
    "$lab" reboot pi
    expect 0104025e2c808d "$("$lab" sh pi python3 -c "$ask")" "the answer after a reboot"
}

on_bus() { ssh_to olimex "$@"; }

bus_reads_are_stale() {
    local state
    state=$("$lab" i2c olimex)
    set_inputs "$state" 3
    # Repeated start: nothing was asked before, so 0; then the answer to the question before.
    on_bus 'i2cset -y 0 0x58 0x20 && sleep 0.01 && i2cget -y 0 0x58' | grep -qx 0x03
    expect "0x00 0x03" \
        "$(on_bus 'echo $(i2cget -y 0 0x58 0x20; sleep 0.01; i2cget -y 0 0x58 0x20)')" \
        "two reads by repeated start"
    set_inputs "$state" 11
    expect 0x03 "$(on_bus 'sleep 0.01; i2cget -y 0 0x58 0x20')" "a stale read"
    expect 0x0b "$(on_bus 'i2cset -y 0 0x58 0x20; sleep 0.01; i2cget -y 0 0x58')" "a proper read"
    on_bus 'i2cset -y 0 0x58 0x10 0x0a'
    expect 0a "$(byte_of "$state" $((128 + 88 * 256 + 16)))" "the relays in the state file"
    on_bus 'i2cset -y 0 0x58 0x10 0x00'
    grep -qE '^[0-9]+\.[0-9]{6} /dev/i2c-0 0x58 write 0x10 0xa$' "$LAB_RUN/hosts/olimex/i2c.log"
    fails on_bus 'i2cget -y 0 0x59 0x00'
    set_inputs "$state" 0
}

set_inputs() { # STATE VALUE
    # shellcheck disable=SC2059  # the format is the byte
    printf "\\$(printf %o "$2")" |
        dd of="$1" bs=1 seek=$((128 + 88 * 256 + 32)) conv=notrunc status=none
}

byte_of() { # FILE OFFSET
    od -An -tx1 -j "$2" -N 1 "$1" | tr -d ' '
}

machine_is_untouched_by_hosts() {
    local host
    for host in pi olimex; do
        # What a getty or a shutdown does to devices and mounts stays in the host.
        in_host "$host" 'chmod 600 /dev/null && chmod 666 /dev/null; chmod 611 /dev/zero'
        fails "$lab" sh "$host" sh -c 'echo 1 >/proc/sys/kernel/sysrq' 2>/dev/null
    done
    expect 666 "$(stat -c %a /dev/zero)" "mode of the machine's /dev/zero"
    fails ssh_to pi 'sudo -n date -s 2001-01-01' >/dev/null
}

extra_host_comes_and_goes() {
    "$lab" add x1 systemd lan:198.51.100.101
    "$lab" wait x1
    "$lab" ws bash -c 'exec 3<>/dev/tcp/198.51.100.101/22'
    "$lab" wipe x1
    fails test -e "/run/netns/$LAB_PREFIX-x1"
    fails "$lab" sh x1 true
}
