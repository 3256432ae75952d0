#!/bin/sh
# Collects what an audit must know of a host, in one run. Reads only, changes nothing but a
# separator in a temporary file of its own, which it takes away.
#
# Arguments: absolute paths whose times are wanted too, such as the executables of services.
# Output: `fleet-audit 1 WORD`, then sections: a line `WORD key value…` and whatever belongs to it, byte
# for byte, up to the next WORD; at last `WORD end`. The section `processes` holds `WORD|`, a stat, `WORD|`,
# a cmdline, `WORD|`, a cgroup, and so on. WORD is new in each run, so nothing on the host can
# know it: command lines and file names may hold line ends, escape sequences, anything. What could
# not be read is a section `unread`: unknown is not the same as nothing there.
# POSIX sh: dash, busybox ash. A board takes 5 to 20 ms to start a process, so all processes are read
# by one `head`, and what the shell can do by itself it does by itself.
LC_ALL=C
export LC_ALL
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$PATH
prefix=${FLEET_PREFIX-}
proc=${FLEET_PROC:-/proc}
text_limit=65536
line_limit=4096
# Processes that one `head` reads: arguments have a limit.
batch_max=400
links_max=2000
# A unit that kills by pattern meets whatever has a service's program on its command line: such
# words come on standard input, files are read by redirection, and what needs them is tried again.
kills_max=5

word=
{ read -r word </proc/sys/kernel/random/uuid; } 2>/dev/null
if [ -z "$word" ]; then
    echo "fleet-audit: there is no /proc/sys/kernel/random/uuid to mark the output with" >&2
    exit 1
fi
umask 077
folder=$(mktemp -d 2>/dev/null || mktemp -d /dev/shm/fleet.XXXXXX 2>/dev/null ||
    mktemp -d /run/fleet.XXXXXX) || {
    echo "fleet-audit: there is no room for a temporary file" >&2
    exit 1
}
trap 'rm -rf -- "$folder"' EXIT
trap 'exit 1' HUP INT TERM
separator=$folder/separator
printf '%s|' "$word" >"$separator"

mark() { # key value…: begins a section; values without control characters
    printf '%s %s\n' "$word" "$*"
}

is_plain() { # a path that can stand in a line
    case $1 in *[!\ -~]*) return 1 ;; esac
}

unread() { # what
    if is_plain "$1"; then mark unread "$1"; else mark unread "a path with control characters"; fi
}

file() { # path: its text, cut at the limit
    if ! is_plain "$1"; then
        unread "$1"
    elif [ -r "$1" ]; then
        mark file "${1#"$prefix"}"
        head -c "$text_limit" <"$1" 2>/dev/null
    else
        unread "${1#"$prefix"}"
    fi
}

host_facts() {
    mark clock "$(date +%s)"
    mark uid "$(id -u)"
    said=
    { read -r said _ <"$proc/uptime"; } 2>/dev/null
    mark uptime "$said"
    mark hertz "$(getconf CLK_TCK 2>/dev/null || echo 100)"
    if [ -d "$prefix/run/systemd/system" ]; then mark init systemd; else mark init other; fi
    file "$prefix/etc/passwd"
}

socket_tables() {
    for table in tcp tcp6 udp udp6; do
        if [ -r "$proc/net/$table" ]; then
            mark sockets "$table"
            # Only what takes connections or packets: a busy host has thousands of others.
            state=0A
            case $table in udp*) state=07 ;; esac
            awk -v state="$state" '$4 == state' "$proc/net/$table"
        elif [ "$table" = tcp ] || [ "$table" = udp ]; then
            unread "$proc/net/$table"
        fi
    done
}

batch() { # head's arguments: sets nothing, prints a section of stat, cmdline, cgroup by process
    mark processes $(($# / 6))
    head -q -c "$line_limit" "$@" 2>/dev/null
}

processes() {
    set --
    count=0
    for place in "$proc"/[0-9]*; do
        [ -d "$place" ] || continue
        set -- "$@" "$separator" "$place/stat" "$separator" "$place/cmdline" "$separator" \
            "$place/cgroup"
        count=$((count + 1))
        if [ "$count" -ge "$batch_max" ]; then
            batch "$@"
            set --
            count=0
        fi
    done
    [ "$count" -eq 0 ] || batch "$@"
    # -q: line ends in a path become question marks.
    quoting=
    if ls -q / >/dev/null 2>&1; then quoting=q; fi
    mark links
    ls -ldn"$quoting" "$proc"/[0-9]*/exe "$proc"/[0-9]*/cwd 2>/dev/null
    mark descriptors
    # shellcheck disable=SC2012 # one fork for all processes; only numbers are read from it
    ls -l"$quoting" "$proc"/[0-9]*/fd 2>/dev/null | awk '
        /^\/[^ ]*\/[0-9]+\/fd:$/ { n = split($1, path, "/"); pid = path[n - 1]; next }
        / -> socket:\[[0-9]+\]$/ { sub(/.*socket:\[/, ""); sub(/\]$/, "")
            if (!((pid, $0) in seen)) { seen[pid, $0] = 1; print pid, $0 } }'
    if [ "$(id -u)" != 0 ]; then unread "descriptors of other users' processes"; fi
    for record in "$prefix"/run/fleet/*/process; do
        [ ! -f "$record" ] || file "$record"
    done
}

link() { # path
    if ! is_plain "$1"; then
        unread "$1"
        return
    fi
    mark link "${1#"$prefix"}"
    readlink "$1"
}

unit_folder() { # folder: its units, drop-ins and links, and files that are none
    [ -d "$1" ] || return 0
    if [ ! -r "$1" ]; then
        unread "${1#"$prefix"}"
        return
    fi
    for entry in "$1"/* "$1"/*.d/*.conf "$1"/*.wants/* "$1"/*.requires/*; do
        links=$((links + 1))
        if [ "$links" -gt "$links_max" ]; then
            unread "$1: more than $links_max files"
            return
        fi
        if [ -L "$entry" ]; then
            link "$entry"
        elif [ -f "$entry" ]; then
            file "$entry"
        fi
    done
}

units() {
    links=0
    for place in /etc/systemd/system /run/systemd/system /run/systemd/transient \
        /usr/local/lib/systemd/system; do
        unit_folder "$prefix$place"
    done
    [ -d "$prefix/run/systemd/system" ] || return 0
    if ! command -v systemctl >/dev/null 2>&1; then
        unread "systemctl: there is none"
        return
    fi
    mark show
    systemctl show --no-pager -p Id -p Names -p LoadState -p ActiveState -p SubState \
        -p UnitFileState -p NeedDaemonReload -p MainPID -p NRestarts -p FragmentPath \
        -p DropInPaths -p ControlGroup -p Result -p Triggers '*.service' '*.timer' '*.socket' \
        2>/dev/null </dev/null || unread "systemctl show"
    mark unit-files
    systemctl list-unit-files --no-pager --no-legend --full 2>/dev/null </dev/null ||
        unread "systemctl list-unit-files"
}

jobs() { # what starts commands by time or at boot, apart from units
    for place in etc/crontab etc/rc.local etc/inittab etc/anacrontab; do
        [ ! -f "$prefix/$place" ] || file "$prefix/$place"
    done
    for entry in "$prefix"/etc/cron.d/* "$prefix"/etc/cron.hourly/* "$prefix"/etc/cron.daily/* \
        "$prefix"/etc/cron.weekly/* "$prefix"/etc/cron.monthly/* \
        "$prefix"/var/spool/cron/crontabs/* "$prefix"/var/spool/cron/*; do
        [ ! -f "$entry" ] || file "$entry"
    done
    for place in var/spool/cron/crontabs var/spool/cron; do
        if [ -d "$prefix/$place" ] && [ ! -r "$prefix/$place" ]; then unread "/$place"; fi
    done
}

# Paths in the commands of units that are not the distribution's, one a line.
command_paths() {
    # shellcheck disable=SC2020 # each of these characters becomes a line end
    cat "$prefix"/etc/systemd/system/*.service "$prefix"/etc/systemd/system/*.d/*.conf \
        "$prefix"/run/systemd/system/*.service \
        "$prefix"/usr/local/lib/systemd/system/*.service 2>/dev/null |
        sed -n '/^[[:blank:]]*\(Exec[A-Za-z]*\|EnvironmentFile\)[[:blank:]]*=/p' |
        tr " \t\"'=;|&\`()<>," '\n\n\n\n\n\n\n\n\n\n\n\n\n\n' |
        sed -n 's/^[-@:+!]*\//\//p' | grep '^/[ -~]*$' | sort -u | head -n 500
}

changed() { # paths…: when those and the commands' files were changed; fails where that was killed
    {
        cat "$folder/paths"
        for path in "$@"; do printf '%s\n' "$path"; done
    } | sort -u | while read -r path; do printf '%s\0' "$prefix$path"; done |
        xargs -0 stat -L -c '%Y %n' -- >"$folder/times" 2>/dev/null
    # 125: ended by a signal.
    [ "$?" -ne 125 ]
}

files() { # paths…: when they were changed; and the ports that configuration files name
    command_paths >"$folder/paths"
    tries=0
    until changed "$@"; do
        tries=$((tries + 1))
        if [ "$tries" -ge "$kills_max" ]; then
            unread "times of files: somebody kills what asks for them"
            break
        fi
    done
    mark times
    cat "$folder/times"
    command -v stat >/dev/null 2>&1 || unread "times of files: there is no stat"
    while read -r path; do
        case $path in
        *.ini | *.conf | *.cfg | *.cnf | *.toml | *.yaml | *.yml | *.json | *.env | \
            /etc/default/*) ;;
        *) continue ;;
        esac
        [ -f "$prefix$path" ] || continue
        if [ ! -r "$prefix$path" ]; then
            unread "$path"
            continue
        fi
        mark ports "$path"
        # Lines that name a port and hold a number, and nothing else: there are secrets beside them.
        head -c "$text_limit" <"$prefix$path" | grep -iE \
            '^[[:blank:]{]*"?[a-z_.-]*port"?[[:blank:]]*[=:][[:blank:]]*"?[0-9]{1,5}"?[[:blank:],}]*$' |
            head -n 20
    done <"$folder/paths"
}

releases() {
    for place in "$prefix"/opt/fleet/*; do
        [ -d "$place" ] || continue
        if [ -L "$place/current" ]; then link "$place/current"; else unread_release "$place"; fi
    done
}

unread_release() { # folder
    if is_plain "$1"; then mark no-release "${1#"$prefix"}"; fi
}

printf 'fleet-audit 1 %s\n' "$word"
host_facts
socket_tables
processes
units
jobs
files "$@"
releases
mark end
