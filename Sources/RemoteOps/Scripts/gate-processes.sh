# shellcheck shell=sh
# Which processes listen on the server's port, whose they are, and who else is at work in them. Joined
# to gate.sh.
# shellcheck disable=SC2034,SC2154 # variables of the other parts

gate_start_time() { # pid: nothing for one that has ended
    sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk '$1 !~ /[ZXx]/ { print $20 }'
}

gate_lives() { # pid start
    [ -n "${2-}" ] && [ "$(gate_start_time "$1")" = "$2" ]
}

gate_sockets() { # port: `state remote inode` of every TCP socket on it
    gate_hex=$(printf '%04X' "$1")
    cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
        awk -v port=":$gate_hex" 'substr($2, length($2) - 4) == port { print $4, $3, $10 }'
}

gate_holders() { # port: the processes that listen on it; `-` for one that cannot be seen
    gate_inodes=$(gate_sockets "$1" | awk '$1 == "0A" { print $3 }')
    [ -n "$gate_inodes" ] || return 0
    # shellcheck disable=SC2012 # one fork for all processes; names play no part in what is read
    ls -l /proc/[0-9]*/fd 2>/dev/null | awk -v inodes="$gate_inodes" '
        BEGIN { n = split(inodes, list, "\n"); for (i = 1; i <= n; i++) wanted[list[i]] = 1 }
        /^\/.*\/fd:$/ { split($1, path, "/"); pid = path[3] }
        match($0, /socket:\[[0-9]+\]$/) { inode = substr($0, RSTART + 8, RLENGTH - 9)
            if (inode in wanted) { found[inode] = 1; if (!(pid in seen)) { seen[pid] = 1; print pid } } }
        END { for (inode in wanted) if (!(inode in found)) { print "-"; exit } }'
}

gate_clients() { # port: who is connected, or was a moment ago; a closed connection's rest is not
    gate_sockets "$1" | awk '$1 != "0A" && $1 != "06" { print $2 }'
}

gate_address() { # 0100007F:A1B2, as people write it; true version 6 stays as it is
    gate_hex=${1%:*}
    gate_hex=${gate_hex#0000000000000000FFFF0000}
    case $gate_hex in
    ????????)
        gate_tail=${gate_hex#??}
        printf '%d.%d.%d.%d' "0x${gate_hex#??????}" "0x$(printf '%s' "$gate_tail" | cut -c 3-4)" \
            "0x$(printf '%s' "$gate_tail" | cut -c 1-2)" "0x${gate_hex%??????}"
        ;;
    *) printf '%s' "$1" ;;
    esac
}

gate_recorded() { # service record: sets gate_pid and gate_start where that process lives
    gate_pid='' gate_start=''
    { read -r gate_pid gate_start <"${prefix-}/run/fleet/$1/$2"; } 2>/dev/null
    case $gate_pid in '' | *[!0-9]*) return 1 ;; esac
    gate_lives "$gate_pid" "$gate_start"
}

gate_belongs() { # pid service units: whether the process is the service's
    if [ "$3" != - ]; then
        gate_group=$(cat "/proc/$1/cgroup" 2>/dev/null)
        for gate_unit in $(printf '%s' "$3" | tr ',' ' '); do
            case $gate_group/ in *"/$gate_unit/"* | *"/$gate_unit
"*) return 0 ;; esac
        done
        return 1
    fi
    gate_recorded "$2" process || return 1
    gate_child=$1 gate_depth=0
    while [ "$gate_child" != "$gate_pid" ]; do
        gate_child=$(sed 's/.*) //' "/proc/$gate_child/stat" 2>/dev/null | awk '{ print $2 }')
        gate_depth=$((gate_depth + 1))
        case $gate_child in '' | 0 | 1) return 1 ;; esac
        [ "$gate_depth" -lt "$gate_children" ] || return 1
    done
}

gate_tasks() { # pid: its threads and the processes that it started, each with its start time
    cat "/proc/$1/task"/*/stat 2>/dev/null | gate_stats thread ''
    cat /proc/[0-9]*/stat 2>/dev/null | gate_stats process "$1"
}

gate_stats() { # word parent: of lines of stat those with that parent, or all
    awk -v word="$1" -v parent="$2" '{ id = $1; sub(/^.*\) /, ""); split($0, field, " ") }
        parent == "" || field[2] == parent { print word, id, field[20] }'
}

gate_nobody_new() { # pid port file: no client, and no task that is not in the file
    [ -s "$3" ] && [ -z "$(gate_clients "$2")" ] && ! gate_tasks "$1" | grep -vxFf "$3" | grep -q .
}

gate_until_alone() { # pid port file
    gate_tries=0
    until gate_nobody_new "$@"; do
        gate_tries=$((gate_tries + 1))
        [ "$gate_tries" -le "$gate_settle" ] || return 1
        gate_nap
    done
}

gate_stands_still() { # pid: every thread of it is stopped
    ! cat "/proc/$1/task"/*/stat 2>/dev/null | sed 's/.*) //' | grep -qv '^T'
}
