# shellcheck shell=bash
# Hosts, users, servers, processors.

lab_comes_up() {
    "$lab" up
    local host
    for host in pi renogy olimex; do expect "$host" "$(in_host "$host" hostname)" hostname; done
    expect systemd "$(in_host pi 'cat /proc/1/comm')" "PID 1 of pi"
    expect init "$(in_host olimex 'cat /proc/1/comm')" "PID 1 of olimex"
    expect running "$(in_host pi 'systemctl is-system-running --wait')" "state of pi"
    expect 600 "$(stat -c %a "$LAB_RUN/passwords.env")" "mode of passwords.env"
}

hosts_know_users() {
    expect "pi 0" "$(ssh_to pi 'echo $(id -un) $(sudo -n id -u)')" "pi's user and its sudo"
    expect "jorik 0" "$(ssh_to renogy 'echo $(id -un) $(sudo -n id -u)')" "renogy's user"
    fails ssh_to plain@pi 'sudo -n true'
    fails ssh_to operator@pi 'sudo -n true'
    expect 0 "$(ssh_to operator@pi 'sudo -S -p "" id -u' <<<"$LAB_OPERATOR_PASSWORD")" \
        "operator's sudo by password"
    expect operator "$(ssh_to operator@pi -o PubkeyAuthentication=no \
        -o PreferredAuthentications=password 'id -un')" "operator's login by password"
}

board_has_three_servers() {
    local name
    for name in olimex olimex-legacy olimex-dropbear; do
        expect "olimex root arm926" \
            "$(ssh_to "$name" 'echo $(hostname) $(id -un) $QEMU_CPU')" "$name"
    done
    # The old server takes nothing modern.
    fails ssh_to olimex-legacy -o HostKeyAlgorithms=rsa-sha2-256 true
    fails ssh_to olimex-legacy -o KexAlgorithms=curve25519-sha256 true
    expect "ash 3" "$(ssh_to olimex 'busybox ash -c "echo ash \$((1 + 2))"')" "busybox ash"
}

board_is_behind_the_pi() {
    expect "" "$(banner_of 203.0.113.2 22 1)" "olimex from the workstation"
    expect "" "$(banner_of 203.0.113.1 22 1)" "the field from the workstation"
}

host_keys_are_pinned() {
    local scanned line
    scanned=$("$lab" ws ssh-keyscan -T $((5 * LAB_PATIENCE)) 198.51.100.10 198.51.100.20 2>/dev/null)
    [ -n "$scanned" ]
    while read -r line; do grep -qxF "$line" "$LAB_RUN/known_hosts"; done <<<"$scanned"
}

write_arm_program() { # MACHINE FILE: exits with 42; v7 by an instruction that an ARMv5 has not
    "$PYTHON" - "$@" <<'PYTHON'
import os, struct, sys
codes = {
    "v5": [0xE3A0002A, 0xE3A07001, 0xEF000000],   # mov r0, #42; mov r7, #1; svc 0
    "v7": [0xE300002A, 0xE3A07001, 0xEF000000],   # movw r0, #42 (ARMv6T2 and later)
    "v8": [0xD2800540, 0xD2800BA8, 0xD4000001],   # mov x0, #42; mov x8, #93; svc 0
}
name, path = sys.argv[1:]
code = b"".join(struct.pack("<I", word) for word in codes[name])
wide = name == "v8"
head, entry_size = (64, 56) if wide else (52, 32)
base = 0x10000
start, size = base + head + entry_size, head + entry_size + len(code)
ident = b"\x7fELF" + bytes([2 if wide else 1, 1, 1]) + bytes(9)
header = struct.pack("<HHIQQQIHHHHHH" if wide else "<HHIIIIIHHHHHH", 2, 183 if wide else 40, 1,
                     start, head, 0, 0 if wide else 0x05000000, head, entry_size, 1, 0, 0, 0)
if wide:
    entry = struct.pack("<IIQQQQQQ", 1, 5, 0, base, base, size, size, 0x1000)
else:
    entry = struct.pack("<IIIIIIII", 1, 0, base, base, size, size, 5, 0x1000)
with open(path, "wb") as file:
    file.write(ident + header + entry + code)
os.chmod(path, 0o755)
PYTHON
}

put_program() { # HOST MACHINE
    local file
    file=$(mktemp)
    write_arm_program "$2" "$file"
    "$lab" sh "$1" sh -c "cat >/root/$2 && chmod 755 /root/$2" <"$file"
    rm -f "$file"
}

status_of() { # CMD…
    local status=0
    "$@" || status=$?
    echo "$status"
}

arm_programs_run_as_on_the_board() {
    local name
    for name in v5 v8; do
        put_program pi "$name"
        expect 42 "$(status_of "$lab" sh pi "/root/$name")" "$name on pi"
    done
    put_program olimex v5
    for name in olimex olimex-legacy olimex-dropbear; do
        expect 42 "$(status_of ssh_to "$name" /root/v5)" "v5 through $name"
    done
}

programs_for_newer_arm_die_on_the_board() {
    local name illegal=132
    put_program pi v7
    expect 42 "$(status_of "$lab" sh pi /root/v7)" "v7 on pi"
    put_program olimex v7
    for name in olimex olimex-legacy olimex-dropbear; do
        expect "$illegal" "$(ssh_to "$name" '/root/v7 2>/dev/null; echo $?')" "v7 through $name"
    done
    local line='/root/v7 || echo v7=$? >/root/v7.status'
    in_host olimex "sed -i 's,^exit 0,$line\nexit 0,' /etc/rc.local"
    "$lab" reboot olimex
    wait_until "$WAIT" in_host olimex 'test -s /root/v7.status'
    expect "v7=$illegal" "$(in_host olimex 'cat /root/v7.status')" "v7 from rc.local"
    in_host olimex 'sed -i /v7/d /etc/rc.local'
}

board_survives_its_reboot() {
    local before lines
    before=$(boot_id_of olimex)
    lines=$(in_host olimex 'wc -l </var/log/rc.local.log')
    ssh_to olimex reboot || true
    wait_until "$WAIT" has_new_boot olimex "$before"
    "$lab" wait olimex
    "$lab" wait olimex 2201
    "$lab" wait olimex 2202
    wait_until "$WAIT" in_host olimex "test \$(wc -l </var/log/rc.local.log) = $((lines + 1))"
    board_has_three_servers
    in_host olimex "test \$(cut -d. -f1 /proc/uptime) -lt $WAIT"
}

has_new_boot() { # HOST BOOT_ID_BEFORE
    local now
    now=$(boot_id_of "$1" 2>/dev/null) && [ "$now" != "$2" ]
}

pi_survives_its_reboot() {
    local before
    before=$(boot_id_of pi)
    in_host pi 'echo kept >/home/pi/kept'
    ssh_to pi 'sudo -n systemctl reboot' || true
    wait_until "$WAIT" has_new_boot pi "$before"
    "$lab" wait pi
    expect kept "$(ssh_to pi 'cat kept')" "a file after the reboot"
    expect running "$(in_host pi 'systemctl is-system-running --wait')" "state of pi"
}
