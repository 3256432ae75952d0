#!/bin/sh
# Further steps that look whether what was started works. Read by apply.sh.
# shellcheck disable=SC2154 # apply.sh's variables

listening_sockets() { # tcp|udp port: their inodes
    state=0A # TCP_LISTEN; what receives on UDP without a peer is in state 07
    [ "$1" = tcp ] || state=07
    cat "/proc/net/$1" "/proc/net/${1}6" 2>/dev/null |
        awk -v state="$state" -v port="$(printf ':%04X' "$2")" '
            $4 == state && substr($2, length($2) - 4) == port { print $10 }'
}

port_holders() { # tcp|udp port: their process ids
    set -- "$(listening_sockets "$1" "$2")"
    [ -n "$1" ] || return 0
    # shellcheck disable=SC2012 # one fork for all processes; names play no part in what is read
    ls -l /proc/[0-9]*/fd 2>/dev/null | awk -v inodes="$1" '
        BEGIN { n = split(inodes, list, "\n")
            for (i = 1; i <= n; i++) wanted["socket:[" list[i] "]"] = 1 }
        /^\/.*\/fd:$/ { split($1, path, "/"); pid = path[3] }
        $NF in wanted { print pid }' | sort -u
}

is_of_unit() { # unit pid
    {
        while read -r cgroup; do
            case $cgroup/ in */"$1"/*) return 0 ;; esac
        done <"/proc/$2/cgroup"
    } 2>/dev/null
    return 1
}

is_of_supervised() { # service pid: the process itself, or one below it
    status=$("$base/$1/current/supervise" status </dev/null)
    main=${status#* process=} main=${main%% *} pid=$2 steps=0
    case $main in '' | *[!0-9]*) return 1 ;; esac
    while [ "$pid" != "$main" ]; do
        steps=$((steps + 1))
        [ "$steps" -lt 32 ] || return 1
        pid=$(sed -n 's/^PPid:[[:blank:]]*//p' "/proc/$pid/status" 2>/dev/null)
        case $pid in '' | 0 | 1) return 1 ;; esac
    done
}

process_text() { # pid
    printf 'process %s (%s)' "$1" "$(tr '\000' ' ' <"/proc/$1/cmdline" 2>/dev/null | cut -c 1-200)"
}

step_listens() { # unit|supervised name tcp|udp port seconds
    until=$(($(now) + $5))
    while :; do
        said="nothing listens on port $4/$3" found=''
        for holder in $(port_holders "$3" "$4"); do
            found=yes
            "is_of_$1" "$2" "$holder" && continue
            found=stranger said="port $4/$3 is held by $(process_text "$holder"), not by $2"
            break
        done
        if [ "$found" = yes ]; then return 0; fi
        [ "$(now)" -lt "$until" ] || break
        nap
    done
    refuse "$said$(those_that_ended)"
}

step_http() { # port path status seconds
    until=$(($(now) + $4)) said=
    # tcp_talk adds the last line feed.
    request=$(printf 'GET %s HTTP/1.0\r\nHost: localhost\r\nConnection: close\r\n\r' "$2")
    while :; do
        # Only what begins as an answer ends the reading early.
        if said=$(tcp_talk "$1" "$request" "HTTP/1."); then
            said=$(printf '%s' "$said" | head -n 1 | tr -d '\r')
            case $said in
            "HTTP/1."?" $3" | "HTTP/1."?" $3 "*) return 0 ;;
            esac
        elif [ $? = 2 ]; then
            refuse "there is no bash, nc or python on the host to ask the port with" || return 1
        fi
        [ "$(now)" -lt "$until" ] || break
        nap
    done
    [ -n "$said" ] || refuse "port $1 does not answer GET $2$(those_that_ended)" || return 1
    refuse "port $1 answered GET $2 with '$(printf '%s' "$said" | cut -c 1-200)', not $3"
}

step_file() { # path age seconds: written since the steps began, and not longer ago than that
    until=$(($(now) + $3))
    while :; do
        if [ ! -e "$1" ]; then
            said="$1 is not there"
        elif ! written=$(date -r "$1" +%s 2>/dev/null); then
            refuse "it cannot be told when $1 was written" || return 1
        elif [ "$written" -lt "$begun" ]; then
            said="$1 was last written before the deploy began"
        elif [ "$(($(now) - written))" -gt "$2" ]; then
            said="$1 was last written $(($(now) - written)) s ago, longer than $2 s"
        else
            return 0
        fi
        [ "$(now)" -lt "$until" ] || break
        nap
    done
    refuse "$said$(those_that_ended)"
}
