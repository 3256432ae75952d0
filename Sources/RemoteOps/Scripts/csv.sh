#!/bin/sh
# Sends the monitor's CSV files of some days, the newest first, until it is enough. Reads only.
#
#   csv.sh FROM TO BYTES FILES FOLDER…
#
# FROM and TO are days as the files' names have them, YYYYMMDD. Of each folder come at most BYTES
# bytes and FILES files; of a file that is too large for what is left, its header and its end.
# Output: `fleet-csv<TAB>1<TAB>` and `gzip` or `plain`; behind that line, compressed where it says
# so, records: `folder<TAB>path`, `file<TAB>name` with the file's lines behind it, each after a `|`,
# `cut<TAB>name` before a file of which the beginning is missing, `left<TAB>count` of older files,
# `unread<TAB>path<TAB>why`, at last `end`.
# POSIX sh: dash, busybox ash, and the shells of old boards.
set -u
LC_ALL=C
export LC_ALL
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$PATH
# What is left of a budget and smaller than this is not worth a file.
rest_min=1024
header_max=4096

record() { # key value…, without control characters
    line=$1
    shift
    for value in "$@"; do
        line=$line$(printf '\t%s' "$(printf '%s' "$value" | tr -d '\000-\037\177')")
    done
    printf '%s\n' "$line"
}

lines() { awk '{ print "|" $0 }'; }

send() { # path name: a file, as far as the budget `rest` goes
    # No links: who may write into the folder must not have others' files sent.
    if [ ! -f "$1" ] || [ -L "$1" ]; then
        record unread "$2" "it is no file"
        return
    fi
    size=$(wc -c <"$1" 2>/dev/null)
    if [ -z "$size" ]; then
        record unread "$2" "it cannot be read"
        return
    fi
    size=$((size))
    if [ "$size" -le "$rest" ]; then
        record file "$2"
        # Not what is written meanwhile.
        head -c "$size" "$1" | lines
        rest=$((rest - size))
    else
        record cut "$2"
        record file "$2"
        head -c "$header_max" "$1" | head -n 1 | lines
        # The first of these lines lacks its beginning.
        tail -c "$rest" "$1" | head -c "$rest" | tail -n +2 | lines
        rest=0
    fi
    count=$((count + 1))
}

folder() { # path
    record folder "$1"
    if [ ! -d ".$1" ]; then
        record unread "$1" "there is no such folder"
        return
    fi
    # A name with a line end in it is no such name. Days go first in them: sorted, they are in order.
    # shellcheck disable=SC2010,SC2012 # the names are filtered; one fork for all
    ls -r ".$1" | sed -n '/^data_[0-9]\{8\}\(_[0-9]\{1,2\}\)\{0,1\}\.csv$/p' | {
        rest=$bytes_max count=0 left=0
        while read -r name; do
            day=${name#data_}
            day=${day%%[_.]*}
            [ "$day" -le "$to" ] || continue
            [ "$day" -ge "$from" ] || break
            if [ "$rest" -lt "$rest_min" ] || [ "$count" -ge "$files_max" ]; then
                left=$((left + 1))
            else
                send ".$1/$name" "$name"
            fi
        done
        [ "$left" = 0 ] || record left "$left"
    }
}

folders() {
    for path in "$@"; do folder "$path"; done
    record end
}

from=$1 to=$2 bytes_max=$3 files_max=$4
shift 4
cd "${FLEET_PREFIX:-/}" || exit 1
if command -v gzip >/dev/null 2>&1; then
    record fleet-csv 1 gzip
    # The script itself comes on standard input: nobody may read from that.
    folders "$@" </dev/null | gzip -c
else
    record fleet-csv 1 plain
    folders "$@" </dev/null
fi
