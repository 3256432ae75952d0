# shellcheck shell=bash
# What the labs of this machine change outside their namespaces: four sysctls, two registrations in
# binfmt_misc, and the folder of named network namespaces. The first lab up changes them, the last
# one down puts them back; /run/fleet-lab remembers in between.

# Limits that many hosts on one kernel reach, as name=least value.
MACHINE_SYSCTLS="fs.inotify.max_user_instances=8192 fs.inotify.max_user_watches=524288
kernel.keys.maxkeys=20000 kernel.pty.max=4096"

BINFMT=/proc/sys/fs/binfmt_misc
# e_ident (class, little endian, version), e_type 2 (an executable; 3 by the mask), e_machine.
BINFMT_MASK='\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'
BINFMT_ARM='\x7fELF\x01\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x28\x00'
BINFMT_AARCH64='\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00'

enter_machine() { # register this lab; the first one changes the machine
    with_lock "$MACHINE_LOCK" "$LAB_MACHINE/lock" register_lab
}

leave_machine() { # the last lab puts the machine back
    [ -d "$LAB_MACHINE" ] || return 0
    with_lock "$MACHINE_LOCK" "$LAB_MACHINE/lock" unregister_lab
}

register_lab() {
    mkdir -p "$LAB_MACHINE/labs"
    local held=$LAB_MACHINE/labs/$LAB_TAG
    if [ -e "$held" ] && [ "$(cat "$held")" != "$LAB_RUN" ]; then
        die "LAB_TAG=$LAB_TAG is in use by $(cat "$held"); choose another"
    fi
    echo "$LAB_RUN" >"$held"
    raise_sysctls
    register_binfmt
    [ -e "$LAB_MACHINE/netns" ] || mountpoint -q /run/netns || : >"$LAB_MACHINE/netns"
}

unregister_lab() {
    rm -f "$LAB_MACHINE/labs/$LAB_TAG"
    [ -z "$(ls -A "$LAB_MACHINE/labs" 2>/dev/null)" ] || return 0
    restore_sysctls
    unregister_binfmt
    if [ -e "$LAB_MACHINE/netns" ] && mountpoint -q /run/netns && [ -z "$(ls -A /run/netns)" ]; then
        umount /run/netns
        rmdir /run/netns
    fi
    rm -rf "$LAB_MACHINE"
}

raise_sysctls() {
    local wish name value
    for wish in $MACHINE_SYSCTLS; do
        name=${wish%=*}
        value=$(sysctl -n "$name")
        [ "$value" -lt "${wish#*=}" ] || continue
        echo "$name=$value" >>"$LAB_MACHINE/sysctl"
        sysctl -qw "$wish" || die "cannot set $wish"
    done
}

restore_sysctls() {
    [ -f "$LAB_MACHINE/sysctl" ] || return 0
    local was
    while read -r was; do
        sysctl -qw "$was" || say "cannot set $was back"
    done <"$LAB_MACHINE/sysctl"
}

binfmt_knows() { # MACHINE: an enabled registration for ELF executables of e_machine (hex) exists
    local file
    for file in "$BINFMT"/*; do
        case $file in */register | */status) continue ;; esac
        grep -q '^enabled' "$file" && grep -qE "^magic 7f454c46.*0200$1\$" "$file" && return 0
    done
    return 1
}

register_binfmt() {
    # An automount counts as a mount point; looking at it mounts what is behind.
    if [ ! -e "$BINFMT/register" ]; then
        mount -t binfmt_misc binfmt_misc "$BINFMT"
        : >"$LAB_MACHINE/binfmt-mounted"
    fi
    binfmt_knows 2800 || register_interpreter arm "$BINFMT_ARM"
    binfmt_knows b700 || register_interpreter aarch64 "$BINFMT_AARCH64"
}

register_interpreter() { # NAME MAGIC; flag F opens qemu now, so that hosts need no qemu inside
    local qemu
    qemu=$(command -v "qemu-$1-static")
    # printf's %s: the kernel itself reads the \x escapes.
    printf '%s' ":fleet-lab-$1:M::$2:$BINFMT_MASK:$qemu:F" >"$BINFMT/register"
}

unregister_binfmt() {
    local file
    for file in "$BINFMT"/fleet-lab-*; do
        [ ! -e "$file" ] || echo -1 >"$file"
    done
    if [ -e "$LAB_MACHINE/binfmt-mounted" ] && mountpoint -q "$BINFMT"; then
        # Somebody else may have registered an interpreter meanwhile.
        [ "$(find "$BINFMT" -type f | wc -l)" -gt 2 ] || umount "$BINFMT"
    fi
}
