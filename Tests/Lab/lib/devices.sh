# shellcheck shell=bash
# Disks, the serial line and the I2C bus of a host.

# MOD-IO's address on the board's bus, and how the emulator names its behaviour (i2cemu/bus.h).
MODIO_ADDRESS=88
MODIO_FLAG='\004'

make_disk() { # HOST MIB: an ext4 image of its own, so that it can be full and can lose power
    local host=$1 size=$2
    [ ! -f "$LAB_HOSTS/$host/disk.img" ] || die "$host has a disk already; lab wipe $host first"
    [ ! -d "$LAB_HOSTS/$host/up/etc" ] ||
        die "$host has booted without a disk; lab wipe $host first"
    mkdir -p "$LAB_HOSTS/$host"
    truncate -s "${size}M" "$LAB_HOSTS/$host/disk.img"
    mkfs.ext4 -q -m 0 -E lazy_itable_init=1,lazy_journal_init=1 "$LAB_HOSTS/$host/disk.img"
}

# A disk is mounted in its supervisor's mount namespace only. In the machine's, any process that
# copies that namespace meanwhile (another host, a container) would keep the disk busy after its end.

mount_disk() { # HOST: by the supervisor
    local image=$LAB_HOSTS/$1/disk.img
    [ -f "$image" ] || return 0
    mkdir -p "$LAB_HOSTS/$1/disk"
    # The last boot's mount may still be on its way out; a second one of it would be that same one.
    wait_until "$STOP_LIMIT" is_free "$image" || die "the disk of $1 is still in use"
    mount -o loop "$image" "$LAB_HOSTS/$1/disk"
}

unmount_disk() { # HOST: by the supervisor
    local image=$LAB_HOSTS/$1/disk.img
    [ -f "$image" ] || return 0
    umount "$LAB_HOSTS/$1/disk"
    wait_until "$STOP_LIMIT" is_free "$image" || say "the disk of $1 is still in use"
}

is_free() { # IMAGE: no loop device has it
    [ -z "$(losetup --associated "$1")" ]
}

at_disk() { # HOST CMD…: where its disk is mounted
    nsenter --target "$(cat "$LAB_HOSTS/$1/supervisor")" --mount "${@:2}"
}

need_disk() { # HOST: of a running host
    need_host "$1"
    is_alive "$1" || die "$1 does not run"
    [ -f "$LAB_HOSTS/$1/disk.img" ] ||
        die "$1 has no disk of its own: wipe it, and 'lab disk $1 MIB' before adding it again"
}

fill_disk() { # HOST FREE_MIB
    need_disk "$1"
    local disk=$LAB_HOSTS/$1/disk free
    free=$(at_disk "$1" df --output=avail -B 1M "$disk" | tail -n 1)
    [ "$free" -gt "$2" ] || return 0
    # Beside the host's files, not among them.
    at_disk "$1" fallocate -l "$((free - $2))M" "$disk/filler.$2"
}

unfill_disk() { # HOST
    need_disk "$1"
    at_disk "$1" find "$LAB_HOSTS/$1/disk" -maxdepth 1 -name 'filler.*' -delete
}

emulate_i2c() { # HOST: /dev/i2c-0 with a MOD-IO on it
    local state=$LAB_HOSTS/$1/i2c
    if [ ! -f "$state" ]; then
        ! is_alive "$1" || die "$1 runs without I2C: lab halt $1, lab i2c $1, lab start $1"
        mkdir -p "$LAB_HOSTS/$1"
        truncate -s $((128 * 257)) "$state"
        # shellcheck disable=SC2059  # the format is the byte
        printf "$MODIO_FLAG" | dd of="$state" bs=1 seek="$MODIO_ADDRESS" conv=notrunc status=none
    fi
    echo "$state"
}

attach_serial() { # HOST [REGISTERS]
    need_host "$1"
    if [ -n "${2:-}" ]; then
        cp "$2" "$LAB_HOSTS/$1/registers"
    fi
    : >"$LAB_HOSTS/$1/serial"
    start_serial "$1"
}

start_serial() { # HOST: now, and by the supervisor at each boot
    local host=$1 leader
    [ -f "$LAB_HOSTS/$host/serial" ] || return 0
    stop_serial "$host"
    leader=$(leader_of "$host")
    wait_until "$START_LIMIT" has_own_root "$leader" || die "$host has no root of its own"
    local registers=()
    [ ! -f "$LAB_HOSTS/$host/registers" ] || registers=("$LAB_HOSTS/$host/registers")
    start_detached "$LAB_HOSTS/$host/serial.log" \
        "$(tools_folder)/mbserver" "/proc/$leader/root/dev" ttySC1 "${registers[@]}"
    echo $! >"$LAB_HOSTS/$host/serial.pid"
    wait_until "$START_LIMIT" test -L "/proc/$leader/root/dev/ttySC1" ||
        die "the serial line of $host did not start: $(cat "$LAB_HOSTS/$host/serial.log")"
}

stop_serial() { # HOST
    end_process "$(cat "$LAB_HOSTS/$1/serial.pid" 2>/dev/null || true)" mbserver
    rm -f "$LAB_HOSTS/$1/serial.pid"
}

has_own_root() { # PID: it has pivoted into the host's file system
    [ -e "/proc/$1/root/dev/ptmx" ] && [ ! "/proc/$1/root" -ef / ]
}
