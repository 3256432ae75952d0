# shellcheck shell=sh
# The host's own log of what was changed on it: a JSON line a change, in files that do not grow for
# ever. Joined to every script that changes something.
# shellcheck disable=SC2154 # the scripts' variables
log_bytes_max=1048576

rotate_log() { # file: a full one and the one before it are kept
    [ -e "$1" ] || return 0
    size=$(wc -c <"$1") || return 1
    [ "$size" -ge "$log_bytes_max" ] || return 0
    if [ -e "$1.1" ]; then mv -f "$1.1" "$1.2"; fi
    mv -f "$1" "$1.1"
}

log_change() { # outcome members: a line for what is no transaction; on the disk when it returns
    log=$prefix/var/log/fleet/audit.jsonl
    mkdir -p "${log%/*}" && rotate_log "$log" &&
        printf '{"time":%s,"outcome":"%s",%s}\n' "$(date +%s)" "$1" "$2" >>"$log" &&
        { sync "$log" 2>/dev/null || sync; }
}
