#!/bin/sh
# What keeps a deploy's ground firm: whole releases, and room for the way back. Read by apply.sh.
# shellcheck disable=SC2154 # apply.sh's variables

# --- releases -------------------------------------------------------------------------------------

release_list() { # of this folder: lines `sha256 mode path` in the order of the paths' bytes
    { find . -type f -exec ls -ld {} +; echo; find . -type f -exec sha256sum {} +; } |
        awk '
        function octal(text,   i, digit, said) {
            for (i = 2; i <= 8; i += 3) {
                digit = 0
                if (substr(text, i, 1) == "r") digit += 4
                if (substr(text, i + 1, 1) == "w") digit += 2
                if (substr(text, i + 2, 1) == "x") digit += 1
                if (said != "" || digit) said = said digit
            }
            return said == "" ? "0" : said
        }
        { path = substr($0, index($0, " ./") + 3) }
        /^$/ { modes_end = 1; next }
        !modes_end { mode[path] = octal(substr($1, 1, 10)); next }
        { print path "\t" $1 " " mode[path] }' | sort |
        awk -F '\t' '{ print $2 " " $1 }'
}

is_whole() { # folder release
    sum=$(cd "$1" && release_list | sha256sum)
    case $sum in "$2"*) return 0 ;; esac
    return 1
}

was_placed() { # service release: by this transfer, which has seen that it is whole
    [ -e placed ] || return 1
    while read -r known; do
        if [ "$known" = "$1 $2" ]; then return 0; fi
    done <placed
    return 1
}

verify_release() { # service release: a release is named by the hash of the list of its files
    [ -d "$base/$1/releases/$2" ] || refuse "release $2 of $1 is not there" || return 1
    was_placed "$1" "$2" || is_whole "$base/$1/releases/$2" "$2" ||
        refuse "release $2 of $1 is damaged: its files are not those that it is named after"
}

# --- room -----------------------------------------------------------------------------------------

reserve_kib=512   # for what is put back, the log's line and the journal
low_mark_kib=1024 # less than this is a full disk

keep_room() { # what the new release writes must not take the room of the way back
    # No zeros: file systems that compress would keep none of it.
    dd if=/dev/urandom of=reserve bs=8192 count=$((reserve_kib / 8)) 2>/dev/null &&
        { sync reserve 2>/dev/null || sync; }
}

free_kib() { # sets `free`: nothing where it cannot be told
    free=$(df -P -k . 2>/dev/null | awk 'NR == 2 { print $4 }')
}

make_room() { # where the disk is full, whatever was just started may be what fills it
    free_kib
    case $free in
    '' | *[!0-9]*) ;;
    *)
        if [ "$free" -lt "$low_mark_kib" ]; then
            while IFS= read -r line <&4; do
                eval "set -- $line"
                case $1 in
                restart) step_stop "$2" ;;
                supervise) step_unsupervise "$2" ;;
                esac
            done 4<steps >/dev/null 2>&1
        fi
        ;;
    esac
    rm -f reserve
}
