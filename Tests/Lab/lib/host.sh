# shellcheck shell=bash
# One host: add, boot, stop in several ways, run commands in it.

need_host() { # NAME
    [ -d "$LAB_HOSTS/$1" ] ||
        die "the lab '$LAB_TAG' has no host $1; it has: $(host_names | tr '\n' ' ')"
}

host_names() {
    local folder
    for folder in "$LAB_HOSTS"/*/; do
        # The workstation has legs but is no host.
        [ ! -f "$folder/kind" ] || basename "$folder"
    done
}

leader_of() { cat "$LAB_HOSTS/$1/leader" 2>/dev/null || true; }

is_alive() { # NAME: its PID 1 runs, and is not another process with the same number
    local leader
    leader=$(leader_of "$1")
    [ -n "$leader" ] && grep -qsE "/${LAB_PREFIX}[-/]$1([./]|\$)" "/proc/$leader/cgroup"
}

add_host() { # NAME KIND LINK…
    create_host "$@"
    launch_host "$1"
}

create_host() { # NAME KIND LINK…: everything but its first boot
    local name=$1 kind=$2 link index=0
    shift 2
    [[ $name =~ ^[a-z][a-z0-9]{0,8}$ ]] ||
        die "host name '$name': 1 to 9 lower-case letters and digits"
    [ "$kind" = systemd ] || [ "$kind" = sysv ] || die "kind '$kind' is neither systemd nor sysv"
    [ ! -f "$LAB_HOSTS/$name/kind" ] || die "there is a host $name already"
    make_namespace "$name"
    for link in "$@"; do
        make_leg "$name" "eth$index" "${link%%:*}" "${link#*:}"
        index=$((index + 1))
    done
    echo "${LAB_CGROUP_MODE:-unified}" >"$LAB_HOSTS/$name/cgroup-mode"
    base_folder "$kind" >"$LAB_HOSTS/$name/base"
    echo "$kind" >"$LAB_HOSTS/$name/kind"
    make_host_keys "$name"
}

launch_host() { # NAME: start its supervisor and do not wait
    rm -f "$LAB_HOSTS/$1/leader"
    # Slave: what is unmounted on the machine goes in here too, other labs' namespaces for one.
    # shellcheck disable=SC2046  # words of a command
    start_detached "$LAB_HOSTS/$1/console.log" $(scope_command "$1") \
        unshare --mount --propagation slave "$LAB_SCRIPT" __supervise "$1"
}

boot_host() { # NAME: start a host that is down
    need_host "$1"
    ! is_alive "$1" || die "$1 is running"
    launch_host "$1"
    wait_for_leader "$1"
}

wait_for_leader() { # NAME
    wait_until "$START_LIMIT" test -s "$LAB_HOSTS/$1/leader" ||
        die "$1 did not start: $(tail -n 3 "$LAB_HOSTS/$1/console.log")"
}

wait_for_ssh() { # NAME [PORT]: from inside, so this does not prove the way through the network
    need_host "$1"
    wait_for_leader "$1"
    # One process asks again and again: entering the namespace costs more than asking.
    in_namespace "$(namespace "$1")" timeout "$SSH_LIMIT" bash -c '
        until { exec 3<>"/dev/tcp/127.0.0.1/$0" && IFS= read -r -t 2 line <&3 &&
            [[ $line == SSH-* ]]; } 2>/dev/null; do
            sleep 0.02
        done' "${2:-22}" ||
        die "$1: no sshd on port ${2:-22} after $SSH_LIMIT s:" \
            "$(tail -n 3 "$LAB_HOSTS/$1/console.log")"
}

run_in_host() { # NAME CMD…
    local leader
    need_host "$1"
    is_alive "$1" || die "$1 does not run"
    leader=$(leader_of "$1")
    shift
    # The emulator's filter stays outside: commands from here do not see the I2C bus.
    exec nsenter --target "$leader" --mount --uts --ipc --net --pid --cgroup --time \
        --root --wd \
        env -i container=lab HOME=/root "PATH=$HOST_PATH" TERM=dumb "$@"
}

has_stopped() { # NAME: init and supervisor have ended
    ! is_alive "$1" &&
        ! is_ours "$(cat "$LAB_HOSTS/$1/supervisor" 2>/dev/null || true)" "__supervise $1"
}

await_stop() { # NAME
    wait_until "$STOP_LIMIT" has_stopped "$1" || die "$1 did not stop within $STOP_LIMIT s"
}

kill_host() { # NAME
    need_host "$1"
    strike_host "$1"
    await_stop "$1"
}

strike_host() { # NAME: SIGKILL to its init, which ends every process of its PID namespace
    is_alive "$1" || return 0
    kill -KILL "$(leader_of "$1")" 2>/dev/null || true
    set_frozen "$1" 0 || true
}

powercut_host() { # NAME: what is not on the disk yet never gets there
    need_host "$1"
    if is_alive "$1" && [ -f "$LAB_HOSTS/$1/disk.img" ]; then
        at_disk "$1" "$(tools_folder)/blackout" "$LAB_HOSTS/$1/disk"
    fi
    kill_host "$1"
}

halt_host() { # NAME: an orderly shutdown
    need_host "$1"
    is_alive "$1" || return 0
    if [ "$(cat "$LAB_HOSTS/$1/kind")" = systemd ]; then
        # systemd(1): SIGRTMIN+3 starts halt.target.
        kill -s RTMIN+3 "$(leader_of "$1")"
    else
        (run_in_host "$1" /sbin/halt -p) >/dev/null 2>&1 || true
    fi
    await_stop "$1"
}

reboot_host() { # NAME: reboot from inside and wait for the next boot's sshd
    need_host "$1"
    local before
    before=$(leader_of "$1")
    # The command's session dies with the host.
    (run_in_host "$1" reboot) >/dev/null 2>&1 || true
    wait_until "$STOP_LIMIT" has_rebooted "$1" "$before" || die "$1 did not reboot in $STOP_LIMIT s"
    wait_for_ssh "$1"
}

has_rebooted() { # NAME LEADER_BEFORE
    local leader
    leader=$(leader_of "$1")
    [ -n "$leader" ] && [ "$leader" != "$2" ]
}

freeze_host() { # NAME 0|1
    need_host "$1"
    set_frozen "$1" "$2" || die "$1 does not run"
    wait_until "$FREEZE_LIMIT" is_frozen "$1" "$2" || die "$1 does not freeze or thaw"
}

wipe_host() { # NAME
    need_host "$1"
    kill_host "$1"
    remove_host "$1"
}

remove_host() { # NAME: of a host that is down; works on one half made, too
    stop_serial "$1"
    remove_group "$1"
    [ ! -e "/run/netns/$(namespace "$1")" ] || ip netns del "$(namespace "$1")"
    rm -rf "${LAB_HOSTS:?}/$1"
}

list_hosts() {
    local name state addresses
    for name in $(host_names); do
        state=down
        ! is_alive "$name" || state="up pid=$(leader_of "$name")"
        addresses=$(cut -d' ' -f4 "$LAB_HOSTS/$name/legs" | tr '\n' ' ')
        printf '%-9s %-8s %-14s %-26s %s\n' "$name" "$(cat "$LAB_HOSTS/$name/kind")" "$state" \
            "$addresses" "$(memory_of "$name")"
    done
}
