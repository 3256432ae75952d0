# shellcheck shell=bash
# Can this machine run the hosts, and what of a lab is left on it.

# Commands and the Debian packages that have them.
NEEDED_COMMANDS="mmdebstrap:mmdebstrap ip:iproute2 tc:iproute2 nsenter:util-linux unshare:util-linux
setpriv:util-linux losetup:mount mkfs.ext4:e2fsprogs flock:util-linux ssh-keygen:openssh-client
sshpass:sshpass ethtool:ethtool iptables-legacy:iptables sysctl:procps perl:perl-base
hostname:hostname pkg-config:pkg-config qemu-arm-static:qemu-user-static qemu-aarch64-static:qemu-user-static
$PYTHON:python3"
# Packages without a command of their own that says they are there.
NEEDED_FILES="/usr/include/modbus/modbus.h:libmodbus-dev
/usr/share/keyrings/debian-archive-keyring.gpg:debian-archive-keyring"

list_packages() {
    local need
    for need in $NEEDED_COMMANDS $NEEDED_FILES cc:gcc libc:libc6-dev; do
        echo "${need#*:}"
    done | sort -u
}

check_machine() {
    local missing=() need
    [ "$(id -u)" = 0 ] || die "cannot run the test hosts here: not root (use sudo)"
    for need in $NEEDED_COMMANDS; do
        command -v "${need%:*}" >/dev/null || missing+=("${need#*:}")
    done
    for need in $NEEDED_FILES; do
        [ -e "${need%:*}" ] || missing+=("${need#*:}")
    done
    command -v cc >/dev/null || command -v clang >/dev/null || missing+=(gcc)
    [ ${#missing[@]} = 0 ] || die "cannot run the test hosts here: these packages are missing:" \
        "$(printf '%s\n' "${missing[@]}" | sort -u | tr '\n' ' ')(apt-get install them)"
    mkdir -p "$LAB_CACHE"
    try_namespaces
    [ -e /dev/loop-control ] ||
        die "cannot run the test hosts here: no loop devices (/dev/loop-control)"
    [ -c /dev/net/tun ] || die "cannot run the test hosts here: no /dev/net/tun"
    [ -w "$CGROUP_ROOT" ] || die "cannot run the test hosts here: $CGROUP_ROOT is not writable"
    [ -e /proc/sys/fs/binfmt_misc ] ||
        die "cannot run the test hosts here: the kernel has no binfmt_misc (modprobe binfmt_misc)"
}

try_namespaces() { # the calls that a container refuses, tried in namespaces that end with the trial
    local trial error
    trial=$(mktemp -d "$LAB_CACHE/check.XXXXXX")
    mkdir "$trial"/{lower,upper,work,root}
    if ! error=$(unshare --mount --uts --ipc --net --pid --cgroup --time --fork \
        --propagation private sh -ec '
            mount -t overlay overlay "$1/root" \
                -o "lowerdir=$1/lower,upperdir=$1/upper,workdir=$1/work"
            mount -t tmpfs trial "$1/lower"
            mknod "$1/lower/null" c 1 3
            : >"$1/lower/null"
            ip link add trial0 type veth peer name trial1
            ip link add trialbr type bridge' sh "$trial" 2>&1); then
        rm -rf "$trial"
        die "cannot run the test hosts here: ${error##*$'\n'}" \
            "(namespaces, overlay and veth are needed)"
    fi
    rm -rf "$trial"
}

find_processes() { # PATTERN: PIDs of this lab's tag with an argument that matches
    local folder
    for folder in $(grep -lszE -- "$1" /proc/[0-9]*/cmdline); do
        folder=${folder%/cmdline}
        ! grep -qszxF "LAB_TAG=$LAB_TAG" "$folder/environ" || echo "${folder#/proc/}"
    done
}

find_wires() { find_processes '/wire\.py$'; }

find_in_namespaces() { # PIDs in the network namespaces of this lab: hosts, wires, the workstation
    local inodes
    inodes=$(stat -L -c 'net:[%i]' "/run/netns/$LAB_PREFIX"-* 2>/dev/null) || return 0
    find /proc/[0-9]*/ns/net -maxdepth 0 -printf '%l %p\n' 2>/dev/null |
        grep -F "$inodes" | cut -d/ -f3
}

own_line() { # this process and those that wait for it, one a line
    local process=$$
    while [ "$process" -gt 1 ]; do
        echo "$process"
        process=$(sed -n 's/^PPid:\t//p' "/proc/$process/status")
    done
}

find_lab_processes() { # all but our own line: in its control groups or namespaces, or started by it
    find_all_processes | grep -vxF "$(own_line)" || true
}

find_all_processes() {
    {
        grep -lsE ":/([^:]*/)?${LAB_PREFIX}[-/]" /proc/[0-9]*/cgroup | cut -d/ -f3
        find_in_namespaces
        find_processes '^__(supervise|init|watch)$|/lab/tools-[0-9a-f]+/|/wire\.py$'
    } | sort -un
}

find_loops() { # loop devices on files of this lab, as losetup shows them
    losetup --list --noheadings --output NAME,BACK-FILE | grep -F " $LAB_RUN/" || true
}

leftovers() {
    local left
    left=$(list_leftovers)
    [ -n "$left" ] || return 0
    echo "$left"
    exit 1
}

list_leftovers() {
    local process
    grep -F " $LAB_RUN" /proc/self/mountinfo | sed 's/^/mount: /' || true
    find /run/netns -name "$LAB_PREFIX-*" 2>/dev/null | sed 's/^/network namespace: /'
    find_groups | sed 's/^/control group: /'
    for process in $(find_lab_processes); do
        [ ! -d "/proc/$process" ] ||
            echo "process: $process $(tr '\0' ' ' <"/proc/$process/cmdline" 2>/dev/null)"
    done
    find_loops | sed 's/^/loop device: /'
    [ ! -e "$LAB_RUN" ] || echo "run folder: $LAB_RUN"
    [ ! -e "$LAB_MACHINE/labs/$LAB_TAG" ] || echo "registration: $LAB_MACHINE/labs/$LAB_TAG"
    [ -n "$(ls -A "$LAB_MACHINE/labs" 2>/dev/null)" ] || list_machine_leftovers
}

list_machine_leftovers() { # when no lab is registered on the machine
    [ ! -e "$LAB_MACHINE" ] || echo "machine state: $LAB_MACHINE"
    find "$BINFMT" -name 'fleet-lab-*' 2>/dev/null | sed 's/^/binfmt_misc registration: /'
    [ ! -s "$LAB_MACHINE/sysctl" ] || sed 's/^/sysctl to put back: /' "$LAB_MACHINE/sysctl"
}
