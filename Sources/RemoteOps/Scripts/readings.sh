#!/bin/sh
# Reads how a host and its services are, in one run. Reads only, changes nothing.
#
# Arguments, each a word: `service=NAME:UNIT:PORTS`, where UNIT is `-` on a host without systemd and
# PORTS is `tcp/9999,udp/53` or `-`; what follows belongs to that service:
# `generator=PORT` (ask it for its STATUS), `csv=FOLDER` (the monitor's files), `status=FILE`,
# `runs=UNIT` (what the monitor logged of the generator), `metrics=PATH` (numbers in Prometheus' text
# format), `file=PATH` (a file whose age matters).
# Output: lines `path:text` of files below /proc, /sys, /etc and /run; records `key<TAB>value…`, the
# lines of one behind it begin with `|`; `unread<TAB>what<TAB>why`; at last `end`.
# POSIX sh: dash, busybox ash, and the shells of old boards. Those take 5 to 20 ms to start a process,
# so one grep reads all small files, and one awk, one ls and one systemctl do for all services.
LC_ALL=C
export LC_ALL
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$PATH
tab=$(printf '\t')
answer_limit=6  # seconds for one question to somebody who may not answer
text_limit=131072
mounts_max=64
units='' ports='' pids='' supervised=''

record() { # key value…, without control characters
    line=$1
    shift
    for value in "$@"; do
        case $value in
        *[!\ -~]*) line=$line$tab$(printf '%s' "$value" | tr -d '\000-\037\177') ;;
        *) line=$line$tab$value ;;
        esac
    done
    printf '%s\n' "$line"
}

lines() { # standard input as the lines of the last record, cut at the limit
    awk -v limit="$text_limit" '{ size += length($0) + 1; if (size > limit) exit; print "|" $0 }'
}

limited() { # command…: ended by its number when its time is over
    "$@" &
    asked=$!
    { sleep "$answer_limit" && kill -KILL "$asked"; } >/dev/null 2>&1 &
    dog=$!
    wait "$asked" 2>/dev/null
    result=$?
    kill "$dog" 2>/dev/null
    wait "$dog" 2>/dev/null
    return "$result"
}

has() { command -v "$1" >/dev/null 2>&1; }

# --- the host -------------------------------------------------------------------------------------

small_files() {
    grep -Hs -E -v '^(intr|softirq|ctxt|processes) ' proc/uptime proc/loadavg proc/meminfo proc/stat \
        proc/mounts proc/net/dev proc/net/route proc/sys/kernel/random/boot_id etc/fstab \
        sys/class/thermal/thermal_zone*/type sys/class/thermal/thermal_zone*/temp \
        sys/class/hwmon/hwmon*/name sys/class/hwmon/hwmon*/temp1_input \
        sys/class/hwmon/hwmon*/in0_lcrit_alarm sys/class/net/*/carrier sys/class/net/*/operstate \
        sys/fs/ext4/*/errors_count sys/block/mmcblk*/device/life_time \
        sys/block/mmcblk*/device/pre_eol_info run/reboot-required.pkgs | head -c "$text_limit"
    # What was cut may lack its line end.
    echo
    if [ -e run/reboot-required ] || [ -e var/run/reboot-required ]; then record reboot required; fi
}

throttling() { # of a Raspberry Pi: the firmware's word, by the kernel or by vcgencmd
    said=
    { read -r said <sys/devices/platform/soc/soc:firmware/get_throttled; } 2>/dev/null
    if [ -z "$said" ] && has vcgencmd; then said=$(limited vcgencmd get_throttled 2>/dev/null); fi
    if [ -n "$said" ]; then
        record throttled "${said#throttled=}"
    else
        record unread throttled "there is neither the firmware's file nor an answer of vcgencmd"
    fi
}

file_systems() {
    set --
    while read -r _ place type _; do
        case $type in
        ext[234] | vfat | exfat | btrfs | xfs | f2fs | jffs2 | ubifs | yaffs2 | overlay | zfs | tmpfs) ;;
        *) continue ;;
        esac
        [ $# -lt "$mounts_max" ] || break
        case $place in *\\*) place=$(printf '%b' "$place") ;; esac
        set -- "$@" "$place"
    done <proc/mounts
    if [ $# = 0 ]; then
        record unread disk "no file system is known from /proc/mounts"
        return
    fi
    record disk
    limited df -P -k -- "$@" 2>/dev/null | lines
    record inodes
    # Not every df knows it, and not every file system has a fixed number of them.
    limited df -P -i -- "$@" 2>/dev/null | lines
}

kernel_log() { # lines of trouble, bounded
    trouble='mmc[0-9].*(error|timeout|timed out)|I/O error|EXT4-fs (error|warning)|FAT-fs.*error'
    trouble="$trouble|Remounting filesystem read-only|under-?voltage|Out of memory|oom-kill"
    trouble="$trouble|Killed process|blocked for more than|soft lockup|hard LOCKUP|fleet-log-read"
    record kernel-log
    {
        if has dmesg && dmesg 2>/dev/null; then
            echo fleet-log-read
        elif has journalctl; then
            # Nothing of the kernel's in it: then nobody reads its log on this host.
            limited journalctl -k -b -q --no-pager -o short-monotonic -n 2000 2>/dev/null |
                awk '{ print } END { if (NR) print "fleet-log-read" }'
        fi
    } | tail -c "$text_limit" | grep -E -i "$trouble" | tail -n 40 | lines
}

time_keeper() { # whether something keeps the clock
    if [ -e run/systemd/timesync/synchronized ]; then
        record synchronized yes systemd-timesyncd
    elif has chronyc && said=$(limited chronyc -n -c tracking 2>/dev/null) && [ -n "$said" ]; then
        case $said in *,Normal) record synchronized yes chrony ;; *) record synchronized no chrony ;; esac
    elif [ -d run/systemd/system ] && has timedatectl &&
        said=$(limited timedatectl show -p NTPSynchronized --value 2>/dev/null) && [ -n "$said" ]; then
        record synchronized "$said" timedatectl
    else
        record unread synchronized "nothing on the host tells"
    fi
}

boots() { # whether the host was shut down in order before this boot
    if has last && [ -r var/log/wtmp ]; then
        record boots
        limited last -x -n 6 -f var/log/wtmp reboot shutdown 2>/dev/null |
            awk '/^(reboot|shutdown) / { print $1 }' | lines
    elif has journalctl && said=$(limited journalctl -q -b -1 -n 30 -o cat --no-pager 2>/dev/null) &&
        [ -n "$said" ]; then
        record boots
        case $said in
        *'Journal stopped'* | *'System Power Off'* | *'System Reboot'* | *'System Shutdown'*)
            printf '%s\n' reboot shutdown
            ;;
        *) printf '%s\n' reboot reboot ;;
        esac | lines
    else
        record unread boots "the host keeps no record of its boots"
    fi
}

units_shown() { # what runs, waits to run again or has failed, and the services' own; sets `pids`
    if [ ! -d run/systemd/system ]; then
        record unread units "systemd does not run this host"
        return
    elif ! has systemctl; then
        record unread units "there is no systemctl"
        return
    fi
    # The properties of a unit are a question of their own to systemd, and a host has hundreds of
    # units that neither run nor failed: their states come with the one list of all.
    chosen=$(limited systemctl list-units --all --plain --full --no-legend --no-pager \
        -t service,socket,timer,mount,swap,path 2>/dev/null | own=" $units " awk '
        # Some versions mark what failed with a dot of its own.
        { first = $1 ~ /\.[a-z]+$/ ? 1 : 2; active = $(first + 2); state = $(first + 3) }
        index(ENVIRON["own"], " " $first " ") { next }
        active == "failed" || ($first ~ /\.service$/ && active != "inactive" && state != "exited") {
            if (++count <= 500) print $first }
        END { if (!NR) print "-" }')
    if [ "$chosen" = - ]; then
        record unread units "systemctl does not list them"
        return
    fi
    # shellcheck disable=SC2086 # lists of units; a star in a name would be a pattern for systemctl
    said=$(limited systemctl show --no-pager -p Id -p LoadState -p ActiveState -p SubState -p Result \
        -p NRestarts -p MainPID -p MemoryCurrent -p MemoryMax -p TasksCurrent -p ControlGroup \
        -p StateChangeTimestampMonotonic -- $units $chosen 2>/dev/null)
    record units
    printf '%s\n' "$said" |
        awk '/^$/ { print "|"; next } !/^(MemoryCurrent|MemoryMax|TasksCurrent)=\[/ { print "|" $0 }' |
        head -c 1048576
    echo
    unit='' pid=''
    while IFS='=' read -r property value; do
        case $property in
        Id) unit=$value ;;
        MainPID) pid=$value ;;
        '')
            case " $units " in *" $unit "*) pids="$pids $pid" ;; esac
            unit='' pid=''
            ;;
        esac
    done <<PARAGRAPHS
$said

PARAGRAPHS
}

# --- services -------------------------------------------------------------------------------------

service() { # NAME:UNIT:PORTS
    saved=$IFS
    IFS=:
    # shellcheck disable=SC2086 # split at the colons
    set -- $1
    IFS=$saved
    name=$1
    record service "$1" "$2"
    [ "$3" = - ] || ports="$ports $(printf '%s' "$3" | tr ',' ' ')"
    if [ "$2" != - ]; then
        units="$units $2"
    elif [ -x "opt/fleet/$1/current/supervise" ]; then
        said=$(limited "opt/fleet/$1/current/supervise" status 2>/dev/null)
        record supervisor "$said"
        case $said in *' process='*) said=${said#* process=} pids="$pids ${said%% *}" ;; esac
        supervised="$supervised $1"
    else
        record unread supervisor "no release of it is on the host"
    fi
}

age() { # file: when it was last written, in seconds since 1970
    if [ ! -e "$1" ]; then
        record unread file "$2: there is no such file"
    elif said=$(date -r "$1" +%s 2>/dev/null); then
        record file "$2" "$said"
    else
        record unread file "$2: the time of a file cannot be told here"
    fi
}

# Who may write beside it could have put a link to others' files there, or a pipe that never ends.
is_readable_file() { # path
    [ -f ".$1" ] && [ ! -L ".$1" ] && [ -r ".$1" ]
}

metrics_file() { # path
    if is_readable_file "$1"; then
        record metrics "$(date -r ".$1" +%s 2>/dev/null)"
        head -c 32768 ".$1" | grep -v '^#' | lines
    else
        record unread metrics "there is no file $1 that can be read"
    fi
}

csv() { # folder: the newest file's first line and its end
    newest=
    for file in ".$1"/data_????????.csv; do if [ -f "$file" ]; then newest=$file; fi; done
    if [ -z "$newest" ]; then
        record unread csv "there is no file in $1"
        return
    fi
    record csv "${newest#.}" "$(date -r "$newest" +%s 2>/dev/null)"
    { head -n 1 "$newest"; tail -c 4096 "$newest" | tail -n 3; } 2>/dev/null | lines
}

status_file() { # path
    if is_readable_file "$1"; then
        record monitor
        head -c 4096 ".$1" | lines
    else
        record unread monitor "there is no file $1 that can be read"
    fi
}

runs() { # unit: what the monitor said of the generator in the last days
    if ! has journalctl || [ ! -d run/systemd/system ]; then
        record unread runs "the host has no journal"
        return
    fi
    record runs
    limited journalctl -q --no-pager -u "$1" -p notice --since=-7days -n 300 -o json \
        --output-fields=MESSAGE,PRIORITY 2>/dev/null | lines
}

ask() { # port: the generator server's STATUS
    # shellcheck disable=SC2016 # for bash to expand
    if has bash; then
        exec bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
            IFS= read -r -n 400 -t 3 line <&3 || exit 1
            printf "STATUS\n" >&3
            for ((i = 0; i < 64; i++)); do
                IFS= read -r -n 400 -t 3 line <&3 || exit 1
                printf "%s\n" "$line"
                case $line in END*) exit 0 ;; esac
            done' ask "$1" 2>/dev/null
    fi
    for python in python3 python2 python; do
        has "$python" || continue
        # shellcheck disable=SC2093 # the first that is there is the one that is taken
        exec "$python" -c 'import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 3)
f = s.makefile("rb")
f.readline(400)
s.sendall(b"STATUS\n")
for i in range(64):
    line = f.readline(400)
    sys.stdout.write(line.decode("latin-1"))
    if line.strip() == b"END" or line[-1:] != b"\n": break' "$1" 2>/dev/null
    done
    # It has no way to tell an answer's end.
    { printf 'STATUS\n'; sleep 1; } | nc -w 3 127.0.0.1 "$1" 2>/dev/null
}

generator() { # port
    if ! has bash && ! has python3 && ! has python2 && ! has python && ! has nc; then
        record unread generator "there is no bash, python or nc on the host to ask it with"
        return
    fi
    record generator
    limited ask "$1" | tr -d '\r' | lines
}

# --- all services at once -------------------------------------------------------------------------

processes() { # the main processes and the links that tell their releases
    set --
    for pid in $pids; do
        case $pid in '' | 0 | *[!0-9]*) continue ;; esac
        set -- "$@" "$pid"
    done
    files='' links=
    for pid in "$@"; do
        files="$files proc/$pid/status proc/$pid/stat"
        links="$links proc/$pid/exe"
    done
    # shellcheck disable=SC2086 # lists of paths without blanks
    [ -z "$files" ] || grep -Hs -E '^(VmRSS|Threads):|^[0-9]+ \(' $files
    record links
    # shellcheck disable=SC2086,SC2012 # one fork for all links
    ls -ldn opt/fleet/*/current $links 2>/dev/null | lines
}

sockets() { # the services' ports: who listens there
    [ -n "$ports" ] || return 0
    tables=
    for protocol in tcp udp; do
        state=0A
        [ "$protocol" = tcp ] || state=07
        for table in "proc/net/$protocol" "proc/net/${protocol}6"; do
            [ ! -r "$table" ] || tables="$tables protocol=$protocol state=$state $table"
        done
    done
    if [ -z "$tables" ]; then
        record unread sockets "/proc/net/tcp cannot be read"
        return
    fi
    # shellcheck disable=SC2086 # awk's operands
    found=$(awk -v ports="$ports" '
        BEGIN { n = split(ports, list, " "); for (i = 1; i <= n; i++) {
            split(list[i], part, "/"); wanted[part[1] sprintf("%04X", part[2])] = list[i] } }
        $4 == state { split($2, place, ":"); if ((protocol place[2]) in wanted)
            print $10, wanted[protocol place[2]] }' $tables)
    record sockets
    [ -n "$found" ] || return 0
    # shellcheck disable=SC2012 # one fork for all processes; only numbers are read from it
    ls -l proc/[0-9]*/fd 2>/dev/null | awk -v found="$found" '
        BEGIN { n = split(found, line, "\n"); for (i = 1; i <= n; i++) {
            split(line[i], part, " "); what[part[1]] = part[2] } }
        /^proc\/[0-9]+\/fd:$/ { split($1, path, "/"); pid = path[2] }
        match($0, /socket:\[[0-9]+\]$/) { inode = substr($0, RSTART + 8, RLENGTH - 9)
            if (inode in what && !((inode, pid) in seen)) {
                seen[inode, pid] = 1; known[inode] = 1; print what[inode], pid } }
        END { for (inode in what) if (!(inode in known)) print what[inode], "-" }' |
        while read -r claim pid; do
            place=
            { while read -r line; do place="$place $line"; done <"proc/$pid/cgroup"; } 2>/dev/null
            printf '|%s %s%s\n' "$claim" "$pid" "$place"
        done
}

errors() { # the services' last errors
    if [ -n "$units" ]; then
        if has journalctl; then
            record errors
            for unit in $units; do printf '%s\n' -u "$unit"; done |
                xargs journalctl -q --no-pager -p err --since=-1days -n 40 -o json \
                    --output-fields=MESSAGE,UNIT,_SYSTEMD_UNIT 2>/dev/null | lines
        else
            record unread errors "the host has no journal"
        fi
    fi
    for name in $supervised; do
        [ -r "var/log/$name.log" ] || continue
        record log "$name"
        tail -n 200 "var/log/$name.log" | grep -i -E 'error|fail|alarm' | tail -n 5 | lines
    done
}

main() {
    printf 'fleet-readings\t1\n'
    # First of all: what the client makes of the clock depends on when this line arrives.
    record clock "$(date +%s.%N)"
    record uid "$(id -u)"
    if [ -d run/systemd/system ]; then record init systemd; else record init other; fi
    small_files
    throttling
    file_systems
    kernel_log
    time_keeper
    boots
    for word in "$@"; do
        value=${word#*=}
        case $word in
        service=*) service "$value" ;;
        generator=*) generator "$value" ;;
        csv=*) csv "$value" ;;
        status=*) status_file "$value" ;;
        runs=*) runs "$value" ;;
        metrics=*) metrics_file "$value" ;;
        file=*) age ".$value" "$value" ;;
        esac
    done
    units_shown
    processes
    sockets
    errors
    printf 'end\n'
}

cd "${FLEET_PREFIX:-/}" || exit 1
# The script itself comes on standard input: nobody may read from that.
main "$@" </dev/null
