#!/bin/sh
# Tells everything that a plan must know of a host, in one run. Reads only, changes nothing.
#
# Arguments: one word a service, NAME:UNIT:PORTS:RELEASE:REPLACED. UNIT is `-` on a host without
# systemd, PORTS is `tcp/9999,udp/53` or `-`, RELEASE is the release that the plan wants, or `-`,
# REPLACED the older units that it takes the place of, with commas, or `-`.
# Output: records `key<TAB>value…`, file texts as lines that begin with `|`, at last `end`.
# POSIX sh: dash, busybox ash, and the shells of old boards.
LC_ALL=C
export LC_ALL
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$PATH
prefix=${FLEET_PREFIX-}
base=$prefix/opt/fleet
proc=${FLEET_PROC:-/proc}
text_limit=65536
tab=$(printf '\t')

record() { # key value…, without control characters
    key=$1
    shift
    for value in "$@"; do key=$key$tab$(printf '%s' "$value" | tr -d '\000-\037\177'); done
    printf '%s\n' "$key"
}

hash_of() { # file
    sum=$(sha256sum <"$1" 2>/dev/null) || sum=
    printf '%s' "${sum%% *}"
}

text_of() { # file: its hash, then its lines
    record text.sha256 "$(hash_of "$1")"
    dd if="$1" bs="$text_limit" count=1 2>/dev/null | awk '{ print "|" $0 }'
}

host_facts() {
    printf 'fleet-probe\t1\n'
    record name "$(uname -n)"
    record machine "$(uname -m)"
    record kernel "$(uname -r)"
    record uid "$(id -u)"
    record clock "$(date +%s)"
    [ ! -r "$proc/sys/kernel/random/boot_id" ] || record boot "$(cat "$proc/sys/kernel/random/boot_id")"
    if [ -d "$prefix/run/systemd/system" ]; then record init systemd; else record init other; fi
    for tool in awk bash busybox dd find gzip journalctl ls nc python python2 python3 sed setsid \
        sha256sum sync systemctl systemd-analyze tar timeout; do
        if command -v "$tool" >/dev/null 2>&1; then record tool "$tool"; fi
    done
    place=$base
    while [ ! -d "$place" ] && [ "$place" != / ]; do place=$(dirname "$place"); done
    df -P -k "$place" 2>/dev/null | awk 'NR == 2 { print "disk.free.kib\t" $4 }'
    if [ -f "$prefix/run/fleet/lock" ]; then
        record lock "$(tr '\n' ' ' <"$prefix/run/fleet/lock")"
    fi
    if [ ! -d "$prefix/run/systemd/system" ]; then
        # Byte for byte, for it is changed from what is read here.
        [ ! -f "$prefix/etc/rc.local" ] ||
            record rc-local "$(hash_of "$prefix/etc/rc.local")" "$(dd if="$prefix/etc/rc.local" \
                bs="$text_limit" count=1 2>/dev/null | od -An -v -tx1 | tr -d ' \n')"
    fi
}

release_files() { # service release: what is really on the disk
    [ -d "$base/$1/releases/$2" ] || return 0
    record release "$2"
    (
        cd "$base/$1/releases/$2" || exit 0
        find . -type f -exec sha256sum {} + | while read -r sum file; do
            # stat is missing on small systems; ls -l has the mode in every one.
            # shellcheck disable=SC2012 # only the first ten characters are read
            mode=$(ls -ld "$file" | awk '{ print substr($1, 1, 10) }')
            record file "$sum" "$mode" "${file#./}"
        done
        # Texts for the diff: only what everybody may read on this host anyway.
        find config -type f -perm -004 -size -33 2>/dev/null | sort | while read -r file; do
            record config "$file"
            text_of "$file"
        done
    )
}

unit_facts() { # unit
    systemctl show -p LoadState -p ActiveState -p SubState -p UnitFileState -p NeedDaemonReload \
        -p MainPID -p NRestarts -p FragmentPath -p DropInPaths -p ControlGroup -p Result "$1" |
        while IFS='=' read -r key value; do record "unit.$key" "$value"; done
    if [ -f "$prefix/etc/systemd/system/$1" ]; then
        record unit.file "$prefix/etc/systemd/system/$1"
        text_of "$prefix/etc/systemd/system/$1"
    fi
}

replaced_facts() { # units, with commas
    for unit in $(printf '%s' "$1" | tr ',' ' '); do
        record replaced "$unit" "$(systemctl show -p LoadState --value "$unit")" \
            "$(systemctl show -p UnitFileState --value "$unit")" \
            "$(systemctl show -p ActiveState --value "$unit")"
    done
}

process_facts() { # pid
    [ -d "$proc/$1" ] || return 0
    # The start time is field 22, counted behind the command name, which may hold anything.
    start=$(sed 's/.*) //' "$proc/$1/stat" 2>/dev/null | awk '{ print $20 }')
    record process "$1" "$start" "$(readlink "$proc/$1/exe")" "$(readlink "$proc/$1/cwd")"
}

listeners() { # ports: every socket that listens on one of them, with its holder
    set -- "$(printf '%s' "$1" | tr ',' ' ')"
    files=
    for protocol in tcp udp; do
        state=0A
        [ "$protocol" = tcp ] || state=07
        for table in "$proc/net/$protocol" "$proc/net/${protocol}6"; do
            [ ! -r "$table" ] || files="$files protocol=$protocol state=$state $table"
        done
    done
    # shellcheck disable=SC2086 # a list of awk's operands
    sockets=$(awk -v ports="$1" '
        BEGIN { n = split(ports, list, " "); for (i = 1; i <= n; i++) {
            split(list[i], part, "/"); wanted[part[1] sprintf("%04X", part[2])] = list[i] } }
        $4 == state { split($2, local, ":"); claim = protocol local[2]
            if (claim in wanted) print $10, wanted[claim], local[1] }' $files)
    [ -n "$sockets" ] || return 0
    # shellcheck disable=SC2012 # one fork for all processes; names play no part in what is read
    ls -l "$proc"/[0-9]*/fd 2>/dev/null | awk -v sockets="$sockets" '
        BEGIN { n = split(sockets, line, "\n"); for (i = 1; i <= n; i++) {
            split(line[i], part, " "); what[part[1]] = part[2] " " part[3] } }
        /^\/.*\/fd:$/ { n = split($1, path, "/"); pid = path[n - 1] }
        match($0, /socket:\[[0-9]+\]$/) { inode = substr($0, RSTART + 8, RLENGTH - 9)
            if (inode in what && !((inode, pid) in seen)) {
                seen[inode, pid] = 1; found[inode] = 1; print what[inode], inode, pid } }
        END { for (inode in what) if (!(inode in found)) print what[inode], inode, "-" }' |
        while read -r claim address inode pid; do
            record listener "$claim" "$address" "$inode" "$pid" \
                "$({ tr '\n' ' ' <"$proc/$pid/cgroup"; } 2>/dev/null)" \
                "$({ tr '\000' ' ' <"$proc/$pid/cmdline"; } 2>/dev/null | cut -c 1-300)"
        done
}

service_facts() { # name unit ports release replaced
    record service "$1"
    current=
    if [ -L "$base/$1/current" ]; then
        current=$(readlink "$base/$1/current")
        current=${current##*/}
        record current "$current"
        release_files "$1" "$current"
    fi
    if [ "$4" != - ] && [ "$4" != "$current" ]; then release_files "$1" "$4"; fi
    pid=0
    if [ "$2" != - ]; then
        unit_facts "$2"
        [ "$5" = - ] || replaced_facts "$5"
        pid=$(systemctl show -p MainPID --value "$2")
    elif [ -x "$base/$1/current/supervise" ]; then
        status=$("$base/$1/current/supervise" status 2>/dev/null </dev/null)
        record supervisor "$status"
        case $status in *' process='*) pid=${status#* process=} pid=${pid%% *} ;; esac
    fi
    case $pid in '' | 0 | *[!0-9]*) ;; *) process_facts "$pid" ;; esac
    [ "$3" = - ] || listeners "$3"
}

host_facts
for word in "$@"; do
    saved=$IFS
    IFS=:
    # shellcheck disable=SC2086 # split at the colons
    set -- $word
    IFS=$saved
    service_facts "$1" "$2" "$3" "$4" "$5"
done
printf 'end\n'
