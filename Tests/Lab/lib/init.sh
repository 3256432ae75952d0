# shellcheck shell=bash
# From a process of the machine to PID 1 of a host.
#
# RULE: nothing mounted in a host may share a superblock with the machine (cgroup excepted). A getty
# in the host changes the mode of device nodes, a shutdown remounts read-only, and both would reach
# the machine through a bind mount. So /dev is a tmpfs of its own with nodes of its own.

# Kept from a host: the machine's clock, modules, log and devices.
DROPPED_CAPABILITIES=-sys_module,-sys_rawio,-sys_time,-syslog,-wake_alarm,-mknod
BOARD_CPU=arm926
HOST_PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

supervise() { # NAME: runs the host's boots, one after the other, until it halts
    local name=$1 uptime status boot
    echo "$BASHPID" >"$LAB_HOSTS/$name/supervisor"
    prepare_unified_group "$name"
    mount_disk "$name"
    while :; do
        # Its clocks begin at 0 with each boot; 1 s less because the offset is in whole seconds.
        read -r uptime _ </proc/uptime
        uptime=$((${uptime%.*} - 1))
        raise_interfaces "$name"
        status=0
        (run_boot "$name" "$uptime") &
        boot=$!
        after_boot "$name" &
        wait "$boot" || status=$?
        stop_serial "$name"
        rm -f "$LAB_HOSTS/$name/leader"
        echo "$(date +%T) $name: init ended with status $status"
        # A reboot ends PID 1 of a PID namespace by SIGHUP, a halt by SIGINT.
        [ "$status" = 129 ] || break
    done
    unmount_disk "$name"
}

after_boot() { # NAME: what hangs on the running host
    [ -f "$LAB_HOSTS/$1/serial" ] || return 0
    wait_until "$START_LIMIT" test -s "$LAB_HOSTS/$1/leader" && start_serial "$1"
}

run_boot() { # NAME UPTIME: becomes the host's outermost process
    local name=$1 uptime=$2 emulator=()
    enter_host_group "$name"
    if [ -f "$LAB_HOSTS/$name/i2c" ]; then
        emulator=("$(tools_folder)/i2cemu" "$LAB_HOSTS/$name/i2c" "$LAB_HOSTS/$name/i2c.log")
    fi
    exec "${emulator[@]}" nsenter --net="/run/netns/$(namespace "$name")" \
        unshare --mount --uts --ipc --pid --cgroup --time \
        --boottime "-$uptime" --monotonic "-$uptime" \
        --fork --kill-child --propagation private "$LAB_SCRIPT" __init "$name"
}

become_init() { # NAME: PID 1 of the host; makes its root, then becomes its init
    local name=$1 kind root=$LAB_HOSTS/$1/root
    kind=$(cat "$LAB_HOSTS/$name/kind")
    mount_root "$name" "$kind" "$root"
    [ -f "$root/etc/lab-host" ] || first_boot "$name" "$kind" "$root"
    hostname "$name"
    mount_kernel_files "$root"
    make_devices "$name" "$root"
    mount_volatile "$root"
    [ "$kind" != systemd ] || mount_host_cgroups "$root" "$(cat "$LAB_HOSTS/$name/cgroup-mode")"
    announce_leader "$name"
    cd "$root" || exit
    mkdir -p .old
    pivot_root . .old
    umount -l /.old
    rmdir /.old
    local environment=(container=lab "PATH=$HOST_PATH" TERM=dumb LANG=C.UTF-8)
    [ "$kind" = systemd ] || environment+=("QEMU_CPU=$BOARD_CPU")
    exec setpriv --bounding-set "$DROPPED_CAPABILITIES" --inh-caps -all \
        env -i "${environment[@]}" /sbin/init </dev/null >/dev/null 2>&1
}

mount_root() { # NAME KIND ROOT
    local upper=$LAB_HOSTS/$1/up work=$LAB_HOSTS/$1/work
    if [ -f "$LAB_HOSTS/$1/disk.img" ]; then
        upper=$LAB_HOSTS/$1/disk/up
        work=$LAB_HOSTS/$1/disk/work
    fi
    mkdir -p "$upper" "$work" "$3"
    mount -t overlay overlay "$3" \
        -o "lowerdir=$(cat "$LAB_HOSTS/$1/base"),upperdir=$upper,workdir=$work"
}

first_boot() { # NAME KIND ROOT
    local name=$1 kind=$2 root=$3
    echo "$name" >"$root/etc/hostname"
    printf '127.0.0.1 localhost\n127.0.1.1 %s\n' "$name" >"$root/etc/hosts"
    place_keys "$name" "$root"
    place_users "$name" "$root" "$kind"
    echo "$LAB_TAG" >"$root/etc/lab-host"
}

mount_kernel_files() { # ROOT: /proc and /sys; of the settings only its own network's are open
    local root=$1
    mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
    mount --bind "$root/proc/sys" "$root/proc/sys"
    mount --bind "$root/proc/sys/net" "$root/proc/sys/net"
    mount -o remount,bind,ro "$root/proc/sys"
    mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$root/sys"
}

make_devices() { # NAME ROOT
    local name=$1 root=$2 node dev=$2/dev
    mount -t tmpfs -o mode=755,nosuid,size=4m lab-dev "$dev"
    # The console is null too: the machine's own is none of the host's business.
    for node in null:3 zero:5 full:7 random:8 urandom:9 console:3; do
        mknod -m 666 "$dev/${node%:*}" c 1 "${node#*:}"
    done
    mknod -m 666 "$dev/tty" c 5 0
    mkdir "$dev/pts" "$dev/shm" "$dev/mqueue"
    mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$dev/pts"
    ln -s pts/ptmx "$dev/ptmx"
    ln -s /proc/self/fd "$dev/fd"
    for node in 0:stdin 1:stdout 2:stderr; do
        ln -s "/proc/self/fd/${node%:*}" "$dev/${node#*:}"
    done
    mount -t tmpfs -o mode=1777,nosuid,nodev shm "$dev/shm"
    if [ -f "$LAB_HOSTS/$name/i2c" ]; then
        # The emulator answers by this name; the node behind it never sees an ioctl.
        mknod -m 660 "$dev/i2c-0" c 1 3
        chgrp "$(group_number "$root" i2c)" "$dev/i2c-0"
    fi
    # A boot id of its own, and no way to the machine's SysRq.
    cat /proc/sys/kernel/random/uuid >"$dev/.boot_id"
    mount --bind "$dev/.boot_id" "$root/proc/sys/kernel/random/boot_id"
    [ ! -e "$root/proc/sysrq-trigger" ] || mount --bind "$dev/null" "$root/proc/sysrq-trigger"
}

group_number() { # ROOT GROUP: as the host counts; root's where it has no such group
    local name number
    while IFS=: read -r name _ number _; do
        [ "$name" != "$2" ] || break
        number=0
    done <"$1/etc/group"
    echo "${number:-0}"
}

mount_volatile() { # ROOT
    mount -t tmpfs -o mode=755,nosuid,nodev,size=64m run "$1/run"
    mkdir -p "$1/run/sshd" "$1/run/lock"
    mount -t tmpfs -o "mode=1777,nosuid,nodev,size=256m" tmp "$1/tmp"
}

announce_leader() { # NAME: this PID as the machine counts; /proc here is still the machine's
    local number
    read -r number _ </proc/self/stat
    echo "$number" >"$LAB_HOSTS/$1/leader.part"
    mv "$LAB_HOSTS/$1/leader.part" "$LAB_HOSTS/$1/leader"
}
