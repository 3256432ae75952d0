# shellcheck shell=bash
# Disks, the serial line and the I2C bus of a host.

# MOD-IO's address on the board's bus, and how the emulator names its behaviour (i2cemu/bus.h).
MODIO_ADDRESS=88
MODIO_FLAG='\004'

make_disk() { # HOST MIB: an ext4 image of its own, so that it can be full and can lose power
    local host=$1 size=$2
    [ ! -f "$LAB_HOSTS/$host/disk.img" ] || die "$host has a disk already; lab wipe $host first"
    [ ! -d "$LAB_HOSTS/$host/up/etc" ] || die "$host has booted without a disk; lab wipe $host first"
    mkdir -p "$LAB_HOSTS/$host"
    truncate -s "${size}M" "$LAB_HOSTS/$host/disk.img"
    mkfs.ext4 -q -m 0 -E lazy_itable_init=1,lazy_journal_init=1 "$LAB_HOSTS/$host/disk.img"
}

mount_disk() { # HOST: outside of the host too, because a power cut is made from outside
    [ -f "$LAB_HOSTS/$1/disk.img" ] || return 0
    mkdir -p "$LAB_HOSTS/$1/disk"
    mountpoint -q "$LAB_HOSTS/$1/disk" || mount -o loop "$LAB_HOSTS/$1/disk.img" "$LAB_HOSTS/$1/disk"
}

unmount_disk() { # HOST
    ! mountpoint -q "$LAB_HOSTS/$1/disk" || umount "$LAB_HOSTS/$1/disk"
}

need_disk() { # HOST: of a running host
    need_host "$1"
    mountpoint -q "$LAB_HOSTS/$1/disk" ||
        die "$1 has no disk of its own, or does not run; give it one with 'lab disk' when adding it"
}

fill_disk() { # HOST FREE_MIB
    need_disk "$1"
    local disk=$LAB_HOSTS/$1/disk free
    free=$(df --output=avail -B 1M "$disk" | tail -n 1)
    [ "$free" -gt "$2" ] || return 0
    # Beside the host's files, not among them. Real blocks: an allocation only would do as well, but
    # not on every file system.
    fallocate -l "$((free - $2))M" "$disk/filler.$2" ||
        head -c "$((free - $2))M" /dev/zero >"$disk/filler.$2"
}

unfill_disk() { # HOST
    need_disk "$1"
    rm -f "$LAB_HOSTS/$1/disk"/filler.*
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
