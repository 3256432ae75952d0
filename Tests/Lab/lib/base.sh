# shellcheck shell=bash
# The two base file systems, made once by mmdebstrap and kept in the cache. A host's root is an
# overlay over one of them. Their names carry a hash of this file: a change here makes new ones.

SUITE=bookworm
BASE_PACKAGES_systemd=systemd,systemd-sysv,dbus,libpam-systemd,openssh-server,sudo,iproute2,procps,\
python3-minimal,netbase,i2c-tools,socat,busybox-static,curl,libmodbus5
BASE_PACKAGES_sysv=sysvinit-core,initscripts,sysv-rc,busybox-static,openssh-server,dropbear-bin,\
iproute2,procps,python3-minimal,netbase,i2c-tools,systemd-,libpam-systemd-

# Timers and consoles that a test host has no use for.
MASKED_UNITS="apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer fstrim.timer
e2scrub_all.timer e2scrub_reap.service console-getty.service"

# Of the contents only: another checkout of the same files uses the same cache.
version_of() { cat "$@" | sha256sum | cut -c1-12; }
base_version() { version_of "$LAB_HOME/lib/base.sh" "$LAB_HOME"/board/*; }
tools_version() { version_of "$LAB_HOME/lib/base.sh" "$LAB_HOME"/tools/*.c "$LAB_HOME"/tools/*/*; }
base_folder() { echo "$LAB_CACHE/base-$1-$(base_version)"; }
tools_folder() { echo "$LAB_CACHE/tools-$(tools_version)"; }

is_prepared() {
    [ -d "$(base_folder systemd)" ] && [ -d "$(base_folder sysv)" ] && [ -d "$(tools_folder)" ]
}

prepare() {
    ! is_prepared || return 0
    with_lock "$LAB_LOCK" "$LAB_CACHE/prepare.lock" prepare_all
}

prepare_all() {
    local kind job jobs=()
    build_tools
    for kind in systemd sysv; do
        [ ! -d "$(base_folder "$kind")" ] || continue
        say "building the $kind base file system (about a minute, once)"
        build_base "$kind" &
        jobs+=($!)
    done
    for job in "${jobs[@]}"; do
        wait "$job" || die "a base file system could not be built; the messages above say why"
    done
    is_prepared || die "preparing did not complete"
}

debian_sources() { # the machine's own sources where it is the same Debian; else mmdebstrap's default
    local file
    if [ -n "${LAB_MIRROR:-}" ]; then
        echo "$LAB_MIRROR"
        return
    fi
    for file in /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list; do
        if [ -f "$file" ] && grep -q "$SUITE" "$file" && grep -q debian.org "$file"; then
            echo "$file"
            return
        fi
    done
}

build_base() { # KIND
    local kind=$1 packages=BASE_PACKAGES_$1 folder log sources
    sources=$(debian_sources)
    folder=$(base_folder "$kind")
    log=$LAB_CACHE/build-$kind.log
    rm -rf "$folder.part"
    if ! mmdebstrap --quiet --variant=minbase --format=directory \
        --aptopt='APT::Install-Recommends "false"' --dpkgopt=force-unsafe-io \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' \
        --include="${!packages}" "$SUITE" "$folder.part" ${sources:+"$sources"} >"$log" 2>&1; then
        tail -n 5 "$log" >&2
        return 1
    fi
    adjust_common "$folder.part"
    "adjust_$kind" "$folder.part"
    mv "$folder.part" "$folder"
}

adjust_common() { # ROOT
    : >"$1/etc/machine-id"
    rm -f "$1"/etc/ssh/ssh_host_* "$1/etc/hostname" "$1/etc/resolv.conf"
    rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*
    ln -s /bin/busybox "$1/bin/ash"
    printf 'UseDNS no\n' >"$1/etc/ssh/sshd_config.d/lab.conf"
}

adjust_systemd() { # ROOT
    local unit
    for unit in $MASKED_UNITS; do
        ln -sf /dev/null "$1/etc/systemd/system/$unit"
    done
}

adjust_sysv() { # ROOT: an rc.local board
    # Its mounts are made by the lab, and what a shutdown does to them, the clock or the random seed
    # would be done to the machine's.
    rm -f "$1"/etc/rcS.d/S* "$1"/etc/rc[06].d/*umount* "$1"/etc/rc[06].d/*hwclock* \
        "$1"/etc/rc[06].d/*urandom*
    cat "$LAB_HOME/board/inittab" >"$1/etc/inittab"
    install -m 755 "$LAB_HOME/board/rc.local" "$1/etc/rc.local"
    install -m 755 "$LAB_HOME/board/legacy-ssh" "$1/etc/init.d/legacy-ssh"
    # By Debian's own tool: startpar boots from the dependencies that it records.
    chroot "$1" update-rc.d legacy-ssh defaults
    mkdir -p "$1/etc/legacy-ssh" "$1/etc/dropbear"
    install -m 644 "$LAB_HOME/board/legacy_sshd_config" "$1/etc/legacy-ssh/sshd_config"
    cat >>"$1/etc/ssh/sshd_config.d/lab.conf" <<'CONFIG'
PermitRootLogin yes
PasswordAuthentication yes
PubkeyAuthentication no
KbdInteractiveAuthentication no
CONFIG
    # ARM programs see the board's own processor, by every way to a process: PAM (sshd, cron), a
    # shell started by dropbear (its PAM-less sessions), and init's environment (see init.sh).
    echo "QEMU_CPU=$BOARD_CPU" >>"$1/etc/environment"
    sed -i "1i export QEMU_CPU=$BOARD_CPU" "$1/root/.bashrc"
}

build_tools() {
    local folder compiler
    folder=$(tools_folder)
    [ ! -d "$folder" ] || return 0
    compiler=$(command -v cc || command -v clang) || die "no C compiler: install gcc or clang"
    rm -rf "$folder.part"
    mkdir -p "$folder.part"
    local flags="-std=gnu11 -O2 -Wall -Wextra -Werror"
    # shellcheck disable=SC2086,SC2046  # words of option lists
    "$compiler" $flags -o "$folder.part/mbserver" "$LAB_HOME/tools/mbserver.c" \
        $(pkg-config --cflags --libs libmodbus)
    # shellcheck disable=SC2086
    "$compiler" $flags -o "$folder.part/i2cemu" "$LAB_HOME"/tools/i2cemu/*.c
    # shellcheck disable=SC2086
    "$compiler" $flags -o "$folder.part/blackout" "$LAB_HOME/tools/blackout.c"
    mv "$folder.part" "$folder"
}

prune() { # folders of versions that are not this one; labs that are up keep theirs
    local folder
    for folder in "$LAB_CACHE"/base-* "$LAB_CACHE"/tools-*; do
        case $folder in
            "$(base_folder systemd)" | "$(base_folder sysv)" | "$(tools_folder)") continue ;;
        esac
        [ -d "$folder" ] || continue
        if grep -qsF "lowerdir=$folder" /proc/[0-9]*/mountinfo; then
            say "$folder is in use"
            continue
        fi
        rm -rf "$folder"
    done
}
