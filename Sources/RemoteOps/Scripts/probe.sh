#!/bin/sh
# Tells everything that a plan must know of a host, in one run. Reads only, changes nothing.
#
# Arguments: one word a service, NAME:UNIT:PORTS:RELEASE:REPLACED. UNIT is `-` on a host without
# systemd, PORTS is `tcp/9999,udp/53` or `-`, RELEASE is the release that the plan wants, or `-`,
# REPLACED the older units that it takes the place of, with commas, or `-`.
# Output: records `key<TAB>value…`, file texts as lines that begin with `|`, at last `end`.
# POSIX sh: dash, busybox ash, and the shells of old boards. Those boards take 5 to 20 ms to start a
# process, so what the shell can do by itself it does by itself.
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
    for value in "$@"; do
        case $value in
        *[!\ -~]*) key=$key$tab$(printf '%s' "$value" | tr -d '\000-\037\177') ;;
        *) key=$key$tab$value ;;
        esac
    done
    printf '%s\n' "$key"
}

hash_of() { # file: sets `hash`
    hash=$(sha256sum <"$1" 2>/dev/null) || hash=
    hash=${hash%% *}
}

text_of() { # file: its hash, then its lines
    hash_of "$1"
    record text.sha256 "$hash"
    dd if="$1" bs="$text_limit" count=1 2>/dev/null | awk '{ print "|" $0 }'
}

transaction_facts() { # a deploy that is under way, or was interrupted
    for folder in "$base/.transaction" "$base"/.staging/done-*; do
        [ -e "$folder/journal" ] || continue
        name='' owner='' begun='' step=0 line='' phase=over busy=no
        { read -r name <"$folder/id"; read -r owner <"$folder/owner"; } 2>/dev/null
        [ "$folder" != "$base/.transaction" ] || phase=unclear
        while read -r event first second third rest; do
            case "$event $first $second $third $rest" in *\;*) ;; *) continue ;; esac
            case $phase-$event in
            over-*) ;;
            *-begin) phase=begun begun=${third#time=} ;;
            *-step) step=$first ;;
            *-switched) phase=switched ;;
            *-undo) phase=undoing ;;
            *-confirmed) phase=confirmed ;;
            esac
        done <"$folder/journal"
        [ "$step" = 0 ] || line=$(sed -n "${step}p" "$folder/steps" 2>/dev/null)
        if [ -f "$prefix/run/fleet/lock" ]; then
            pid='' since=''
            while IFS='=' read -r key value; do
                case $key in pid) pid=$value ;; start) since=$value ;; esac
            done <"$prefix/run/fleet/lock"
            stat=
            { read -r stat <"$proc/$pid/stat"; } 2>/dev/null
            stat=${stat##*) }
            # shellcheck disable=SC2086 # split at the blanks
            set -- $stat
            if [ -n "$since" ] && [ "${20-}" = "$since" ]; then busy=yes; fi
        fi
        record transaction "$name" "$phase" "$begun" "$owner" "$step" "$line" "$busy"
        return
    done
}

host_facts() {
    printf 'fleet-probe\t1\n'
    # Always in the order name, kernel, machine.
    said=$(uname -n -r -m)
    record name "${said%% *}"
    record machine "${said##* }"
    said=${said#* }
    record kernel "${said%% *}"
    record uid "$(id -u)"
    record clock "$(date +%s)"
    if [ -r "$proc/sys/kernel/random/boot_id" ]; then
        read -r said <"$proc/sys/kernel/random/boot_id"
        record boot "$said"
    fi
    if [ -d "$prefix/run/systemd/system" ]; then record init systemd; else record init other; fi
    for tool in awk bash busybox dd find gzip journalctl ls nc python python2 python3 sed setsid \
        sha256sum sync systemctl systemd-analyze tar timeout; do
        if command -v "$tool" >/dev/null 2>&1; then record tool "$tool"; fi
    done
    place=$base
    while [ -n "$place" ] && [ ! -d "$place" ]; do place=${place%/*}; done
    df -P -k "${place:-/}" 2>/dev/null | {
        read -r _ && read -r _ _ _ free _ && record disk.free.kib "$free"
    }
    # Not every df knows it, and not every file system has a fixed number of them.
    df -P -i "${place:-/}" 2>/dev/null | {
        read -r _ && read -r _ all _ free _ && [ "$all" -gt 0 ] && record disk.free.inodes "$free"
    } 2>/dev/null
    if [ -f "$prefix/run/fleet/lock" ]; then
        record lock "$(tr '\n' ' ' <"$prefix/run/fleet/lock")"
    fi
    transaction_facts
    if [ ! -d "$prefix/run/systemd/system" ]; then
        # Byte for byte, for it is changed from what is read here.
        if [ -f "$prefix/etc/rc.local" ]; then
            hash_of "$prefix/etc/rc.local"
            record rc-local "$hash" "$(dd if="$prefix/etc/rc.local" \
                bs="$text_limit" count=1 2>/dev/null | od -An -v -tx1 | tr -d ' \n')"
        fi
    fi
}

release_files() { # service release: what is really on the disk
    [ -d "$base/$1/releases/$2" ] || return 0
    record release "$2"
    (
        cd "$base/$1/releases/$2" || exit 0
        # stat is missing on small systems; ls -l has the mode in every one.
        { find . -type f -exec ls -ld {} +; echo; find . -type f -exec sha256sum {} +; } |
            awk '
            { path = substr($0, index($0, " ./") + 3); gsub(/[\001-\037\177]/, "", path) }
            /^$/ { modes_end = 1; next }
            !modes_end { mode[path] = substr($1, 1, 10); next }
            { print "file\t" $1 "\t" mode[path] "\t" path }'
        # Texts for the diff: only what everybody may read on this host anyway.
        [ ! -d config ] || find config -type f -perm -004 -size -33 2>/dev/null | sort | while read -r file; do
            record config "$file"
            text_of "$file"
        done
    )
}

unit_facts() { # unit, units that it replaces or -: sets `pid`
    older=
    [ "$2" = - ] || older=$2
    saved=$IFS
    IFS=,
    # shellcheck disable=SC2086 # split at the commas
    set -- "$1" $older
    IFS=$saved
    # One paragraph a unit, in the order of the names.
    said=$(systemctl show -p LoadState -p ActiveState -p SubState -p UnitFileState \
        -p NeedDaemonReload -p MainPID -p NRestarts -p FragmentPath -p DropInPaths \
        -p ControlGroup -p Result "$@")
    unit=$1
    shift
    in_first=yes load='' enabled='' active=''
    while IFS='=' read -r property setting; do
        case $in_first$property in
        yes) in_first=no ;;
        yes*)
            record "unit.$property" "$setting"
            [ "$property" != MainPID ] || pid=$setting
            ;;
        noLoadState) load=$setting ;;
        noUnitFileState) enabled=$setting ;;
        noActiveState) active=$setting ;;
        no)
            record replaced "$1" "$load" "$enabled" "$active"
            shift
            ;;
        esac
    done <<PARAGRAPHS
$said

PARAGRAPHS
    if [ -f "$prefix/etc/systemd/system/$unit" ]; then
        record unit.file "$prefix/etc/systemd/system/$unit"
        text_of "$prefix/etc/systemd/system/$unit"
    fi
}

process_facts() { # pid
    [ -d "$proc/$1" ] || return 0
    # The start time is field 22, counted behind the command name, which may hold anything.
    said=
    while read -r line; do said="$said $line"; done <"$proc/$1/stat"
    pid=$1
    # shellcheck disable=SC2086 # split at the blanks
    set -- ${said##*) }
    start=${20-} program='' folder=''
    said=$(ls -ld "$proc/$pid/exe" "$proc/$pid/cwd" 2>/dev/null)
    while read -r line; do
        case $line in
        *" $proc/$pid/exe -> "*) program=${line#*" $proc/$pid/exe -> "} ;;
        *" $proc/$pid/cwd -> "*) folder=${line#*" $proc/$pid/cwd -> "} ;;
        esac
    done <<LINKS
$said
LINKS
    record process "$pid" "$start" "$program" "$folder"
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
    for place in "$base/$1/releases"/*/; do
        # Of files that several releases share the first of them is said to hold the room.
        [ ! -d "$place" ] || du -sk "$base/$1/releases"/*/
        break
    done | while read -r size place; do
        place=${place%/}
        record stored "${place##*/}" "$size"
    done
    pid=0
    if [ "$2" != - ]; then
        unit_facts "$2" "$5"
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
