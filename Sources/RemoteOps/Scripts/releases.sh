#!/bin/sh
# Lists the releases that a host keeps, or removes some of them.
#
#   list SERVICE…             reads only
#   remove SERVICE:RELEASE…   never one that is current or that a process runs from, and nothing
#                             while a deploy is under way
#
# Output: records `key<TAB>value…`, unit texts as lines that begin with `|`, at last `end`.
# POSIX sh: dash, busybox ash, and the shells of old boards.
LC_ALL=C
export LC_ALL
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$PATH
prefix=${FLEET_PREFIX-}
base=$prefix/opt/fleet
log=$prefix/var/log/fleet/audit.jsonl
proc=${FLEET_PROC:-/proc}
text_limit=65536
log_limit=200

record() { # key value…, without control characters
    line=$1
    shift
    for value in "$@"; do line=$line$(printf '\t%s' "$(printf '%s' "$value" | tr -d '\000-\037\177')"); done
    printf '%s\n' "$line"
}

in_use() { # sets `used`: lines SERVICE/RELEASE that processes were started from
    # shellcheck disable=SC2012 # one fork for all processes
    used=$(ls -ld "$proc"/[0-9]*/cwd "$proc"/[0-9]*/exe 2>/dev/null |
        sed -n "s#.* -> $base/\([^/]*\)/releases/\([^/ ]*\).*#\1/\2#p" | sort -u)
}
is_used() { # SERVICE/RELEASE
    case "
$used
" in *"
$1
"*) return 0 ;; esac
    return 1
}

current_of() { # service: sets `current`
    current=
    [ ! -L "$base/$1/current" ] || current=$(readlink "$base/$1/current")
    current=${current##*/}
}

describe() { # service folder-of-the-release
    release=${2##*/}
    kib=$(du -sk "$2")
    used_word=no
    ! is_used "$1/$release" || used_word=yes
    record release "$release" "$(date -r "$2" +%s)" "${kib%%[!0-9]*}" "$used_word"
    [ ! -f "$2.about" ] || record about "$(head -c 4096 "$2.about")"
    for unit in "$2"/unit/*; do
        [ -f "$unit" ] || continue
        record unit "${unit##*/}"
        dd if="$unit" bs="$text_limit" count=1 2>/dev/null | awk '{ print "|" $0 }'
    done
}

list() { # service
    current_of "$1"
    record service "$1" "$current"
    for folder in "$base/$1/releases"/*; do
        [ ! -d "$folder" ] || describe "$1" "$folder"
    done
    cat "$log.2" "$log.1" "$log" 2>/dev/null | grep -F "\"service\":\"$1\"" | tail -n "$log_limit" |
        while IFS= read -r said; do record log "$said"; done
}

remove() { # service release
    current_of "$1"
    folder=$base/$1/releases/$2
    if [ ! -d "$folder" ]; then return; fi
    if [ "$current" = "$2" ] || is_used "$1/$2"; then
        record kept "$1" "$2"
        return
    fi
    # Out of the way first: what is half removed must not look like a release.
    rm -rf "$base/$1/releases/.gone-$2"
    if mv "$folder" "$base/$1/releases/.gone-$2" && rm -f "$folder.about" &&
        rm -rf "$base/$1/releases/.gone-$2"; then
        record removed "$1" "$2"
    else
        record failed "$1" "$2"
    fi
}

verb=$1
shift
record fleet-releases 1
in_use
case $verb in
list) for service in "$@"; do list "$service"; done ;;
remove)
    if [ -e "$prefix/run/fleet/lock" ] || [ -e "$base/.transaction" ]; then
        record busy
    else
        for word in "$@"; do remove "${word%%:*}" "${word#*:}"; done
    fi
    ;;
esac
record end
