# shellcheck shell=bash
# Control groups. Three kinds of machine:
#   hybrid   cgroup v1 hierarchies with v2 beside them in /sys/fs/cgroup/unified: one group a host,
#            fleet-TAG/NAME, in every hierarchy
#   scope    v2 only, systemd is PID 1: one delegated scope a host, made by systemd-run
#   plain    v2 only without systemd (a container): fleet-TAG/NAME below our own group
# In every kind the supervisor stays outside of the host's group.

CGROUP_ROOT=/sys/fs/cgroup

cgroup_kind() {
    if [ -d "$CGROUP_ROOT/unified" ]; then
        echo hybrid
    elif [ -d /run/systemd/system ]; then
        echo scope
    else
        echo plain
    fi
}

cgroup_hierarchies() { # hybrid: the names of all hierarchies
    local folder
    for folder in "$CGROUP_ROOT"/*/; do
        folder=${folder%/}
        # A link (cpu -> cpu,cpuacct) is a second name of a hierarchy.
        [ -L "$folder" ] || echo "${folder##*/}"
    done
}

own_group() { # our own v2 group as a folder
    local path
    path=$(sed -n 's/^0:://p' /proc/self/cgroup)
    echo "$CGROUP_ROOT${path%/}"
}

scope_unit() { echo "$LAB_PREFIX-$1.scope"; }

host_group() { # NAME: the folder of the host's v2 group
    case $(cgroup_kind) in
        hybrid) echo "$CGROUP_ROOT/unified/$LAB_PREFIX/$1" ;;
        *) cat "$LAB_HOSTS/$1/cgroup" 2>/dev/null || true ;;
    esac
}

scope_command() { # NAME: what starts a command in a scope, where systemd manages the machine
    [ "$(cgroup_kind)" = scope ] || return 0
    echo systemd-run --quiet --scope --collect "--unit=$(scope_unit "$1")" \
        -p Delegate=yes -p TasksMax=infinity --
}

enter_host_group() { # NAME: move this process into the host's group, making it where needed
    local name=$1 hierarchy group
    if [ "$(cgroup_kind)" != hybrid ]; then
        enter_unified_group "$name"
        return
    fi
    for hierarchy in $(cgroup_hierarchies); do
        group=$CGROUP_ROOT/$hierarchy/$LAB_PREFIX
        mkdir -p "$group/$name"
        if [ "$hierarchy" = cpuset ]; then
            copy_cpuset "$CGROUP_ROOT/cpuset" "$group"
            copy_cpuset "$group" "$group/$name"
        fi
        echo "$BASHPID" >"$group/$name/cgroup.procs"
    done
}

copy_cpuset() { # a v1 cpuset starts empty, and an empty one takes no process
    local file
    for file in cpuset.cpus cpuset.mems; do
        cat "$1/$file" >"$2/$file"
    done
}

prepare_unified_group() { # NAME: run by the supervisor, before its first host
    local name=$1 group
    [ "$(cgroup_kind)" != hybrid ] || return 0
    group=$(own_group)
    if [ "$(cgroup_kind)" = scope ]; then
        # Below a group with controllers only leaves hold processes: the supervisor gets a leaf too.
        mkdir -p "$group/supervisor" "$group/host"
        echo "$BASHPID" >"$group/supervisor/cgroup.procs"
        group=$group/host
        enable_controllers "${group%/host}"
    else
        group=$group/$LAB_PREFIX/$name
        mkdir -p "$group"
    fi
    echo "$group" >"$LAB_HOSTS/$name/cgroup"
}

enable_controllers() { # GROUP: pass on every controller that it has
    local controller
    for controller in $(cat "$1/cgroup.controllers"); do
        echo "+$controller" >"$1/cgroup.subtree_control" 2>/dev/null || true
    done
}

enter_unified_group() {
    echo "$BASHPID" >"$(host_group "$1")/cgroup.procs"
}

mount_host_cgroups() { # ROOT MODE: what the host sees in /sys/fs/cgroup, unified|hybrid
    local root=$1/sys/fs/cgroup mode=$2 hierarchy options
    if [ "$mode" = unified ]; then
        mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 "$root"
        return
    fi
    mount -t tmpfs -o mode=755,nosuid,nodev,noexec,size=1m tmpfs "$root"
    for hierarchy in $(cgroup_hierarchies); do
        mkdir "$root/$hierarchy"
        case $hierarchy in
            unified)
                mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 "$root/unified"
                continue
                ;;
            systemd) options=none,name=systemd ;;
            *) options=$hierarchy ;;
        esac
        mount -t cgroup -o "nosuid,nodev,noexec,$options" cgroup "$root/$hierarchy"
    done
}

set_frozen() { # NAME 0|1
    local group
    group=$(host_group "$1")
    [ -e "$group/cgroup.freeze" ] || return 1
    echo "$2" >"$group/cgroup.freeze"
}

is_frozen() { # NAME 0|1
    grep -q "^frozen $2$" "$(host_group "$1")/cgroup.events"
}

memory_of() { # NAME: MiB used, or ? where no memory controller counts
    local file bytes
    for file in "$(host_group "$1")/memory.current" \
        "$CGROUP_ROOT/memory/$LAB_PREFIX/$1/memory.usage_in_bytes"; do
        if bytes=$(cat "$file" 2>/dev/null); then
            echo "$((bytes / 1048576)) MiB"
            return
        fi
    done
    echo '?'
}

find_groups() { # every group of this lab, the deepest first
    local top
    find "$CGROUP_ROOT" -type d \( -name "$LAB_PREFIX" -o -name "$LAB_PREFIX-*.scope" \) -prune \
        2>/dev/null | while read -r top; do
        find "$top" -depth -type d 2>/dev/null
    done
}

remove_group() { # NAME: a host's groups once its processes are gone
    wait_until "$CGROUP_LIMIT" group_is_gone "$1" || say "the control group of $1 does not empty"
}

group_is_gone() {
    local top gone=0
    for top in "$CGROUP_ROOT"/*/"$LAB_PREFIX/$1" "$(own_group)/$LAB_PREFIX/$1"; do
        [ -d "$top" ] || continue
        find "$top" -depth -type d -exec rmdir {} + 2>/dev/null
        [ ! -d "$top" ] || gone=1
    done
    return $gone
}

remove_all_groups() {
    wait_until "$CGROUP_LIMIT" all_groups_are_gone || say "some control groups do not empty"
}

all_groups_are_gone() {
    local group
    find_groups | while read -r group; do rmdir "$group" 2>/dev/null || true; done
    [ -z "$(find_groups)" ]
}
