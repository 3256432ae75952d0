#!/bin/sh
# The lock that keeps living processes apart on one host. Read by apply.sh, joined to audit-fix.sh.
#
# A link is made by one process only. The lock of a process that is gone may be replaced only by who
# holds a second lock, named for that process, and only while the first is still that process's: it
# never is again once it was replaced, so no two replace it. The second is taken by the same rule.
# shellcheck disable=SC2154,SC2034,SC2094 # apply.sh's variables; `stat` is no file

held=''
# Seconds that a process may hold it: longer than all steps with their checks and time-outs take.
lock_limit=7200

start_time() { # pid: kernel's ticks at its start; nothing where it is gone or has ended
    stat=
    { read -r stat <"/proc/$1/stat"; } 2>/dev/null
    stat=${stat##*) } # the name before may hold anything
    # shellcheck disable=SC2086 # split at the blanks
    set -- $stat
    case ${1-} in '' | Z | X | x) return 0 ;; esac
    printf '%s' "${20-}"
}

holder_of() { # path: sets holder_…; fails where there is none
    holder_pid='' holder_start='' holder_boot='' holder_expiry=''
    [ -e "$1" ] || return 1
    while IFS='=' read -r name setting; do
        case $name in
        pid) holder_pid=$setting ;;
        start) holder_start=$setting ;;
        boot) holder_boot=$setting ;;
        expiry) holder_expiry=$setting ;;
        esac
    done <"$1" 2>/dev/null
    # Parts of a file's name, below.
    case $holder_pid$holder_start$holder_boot in *[!0-9a-zA-Z-]*) holder_pid='' holder_start='' ;; esac
    holder=$holder_boot-$holder_pid-$holder_start
}

holder_lives() {
    [ "$holder_boot" = "$this_boot" ] && [ -n "$holder_pid" ] && [ -n "$holder_start" ] &&
        [ "$(start_time "$holder_pid")" = "$holder_start" ]
}

end_overdue_holder() { # fails where the holder is in time, or does not end
    case $holder_expiry in '' | *[!0-9]*) return 1 ;; esac
    [ "$(uptime_seconds)" -gt "$holder_expiry" ] || return 1
    printf 'note process %s held the lock for longer than %s s; it is ended\n' \
        "$holder_pid" "$lock_limit"
    kill -TERM "$holder_pid" 2>/dev/null
    tries=0
    while holder_lives; do
        tries=$((tries + 1))
        [ "$tries" -ne 50 ] || kill -KILL "$holder_pid" 2>/dev/null
        [ "$tries" -lt 100 ] || return 1
        nap
    done
}

take() { # path [tries]: takes this lock; fails where somebody else has it
    until ln "$mine" "$1" 2>/dev/null; do
        set -- "$1" $((${2-0} + 1))
        [ "$2" -le 20 ] || return 1
        holder_of "$1" || continue # given back meanwhile
        if holder_lives && ! end_overdue_holder; then return 1; fi
        set -- "$1" "$2" "$holder"
        take "$run/lock.after-$3" || return 1
        if holder_of "$1" && [ "$holder" = "$3" ]; then
            printf 'note the lock of process %s is stale: that process is gone\n' "$holder_pid"
            # Not `mine` itself: a rename of a file over a link of its own does nothing.
            ln "$mine" "$mine.over" && mv -f "$mine.over" "$1"
            rm -f "$run/lock.after-$3"
            return 0
        fi
        rm -f "$run/lock.after-$3"
    done
}

take_lock() { # reason; where it fails, `holder_text` says who has it
    lock=$run/lock
    [ -d "$run" ] || mkdir -p "$run" || return 1
    mine=$run/lock.$$
    if [ -z "${owner-}" ]; then
        owner=unknown
        [ ! -e owner ] || read -r owner <owner
    fi
    printf 'pid=%s\nstart=%s\nboot=%s\nexpiry=%s\nid=%s\nowner=%s\nreason=%s\n' "$$" \
        "$(start_time $$)" "$this_boot" $(($(uptime_seconds) + lock_limit)) "$id" "$owner" "$1" \
        >"$mine" || return 1
    if take "$lock"; then
        held=yes
        rm -f "$mine"
        sweep
        return 0
    fi
    holder_text=$(tr '\n' ' ' <"$lock" 2>/dev/null)
    rm -f "$mine"
    return 1
}

sweep() { # what those left who were killed while they tried
    for file in "$lock".*; do
        [ -e "$file" ] || continue
        pid=${file#"$lock".}
        case $pid in
        after-*) ! holder_of "$file" || holder_lives || rm -f "$file" ;;
        *) [ -d "/proc/${pid%.over}" ] || rm -f "$file" ;;
        esac
    done
}

release_lock() { # at most once: after that it may be somebody else's
    [ -n "$held" ] || return 0
    held=''
    rm -f "$lock"
}
