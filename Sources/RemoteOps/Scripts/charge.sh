#!/bin/sh
# Control of the monitor by files: writes and removes them as the operators do with touch and rm,
# and tells what the monitor makes of them.
#
#   charge.sh ACTION INIT SERVICE FOLDER STATUS_FILE RECORD
#
# ACTION is on, off, force-stop or status; INIT systemd or rc-local; RECORD members of a JSON object
# for the host's audit log. The files are looked for where the service sees them: a service with
# PrivateTmp= has a /tmp of its own. Output: key=value lines, then a line `status KEY=VALUE` for each
# of the status file. Exit status: 0; 1 failed; 3 the service is not active and nothing was written.
set -u
LC_ALL=C
export LC_ALL
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
prefix=${FLEET_PREFIX-}

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

# Sets state, and pid where the service runs.
look_systemd() { # service
    said=$(systemctl show -p ActiveState -p SubState -p MainPID "$1.service") ||
        fail "systemctl does not answer"
    active=$(printf '%s\n' "$said" | sed -n 's/^ActiveState=//p')
    sub=$(printf '%s\n' "$said" | sed -n 's/^SubState=//p')
    pid=$(printf '%s\n' "$said" | sed -n 's/^MainPID=//p')
    state=$active
    [ "$active" = active ] && [ "$sub" = running ] || state="$active ($sub)"
}

look_rc_local() { # service
    folder=$prefix/run/fleet/$1
    [ -d "$folder" ] || folder=$prefix/var/run/fleet/$1
    pid='' start=''
    { read -r pid start <"$folder/process"; } 2>/dev/null
    case $pid in
    '' | *[!0-9]*) pid='' ;;
    *) [ "$(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null | awk '{ print $20 }')" = "$start" ] ||
        pid='' ;;
    esac
    state=active
    [ -n "$pid" ] || state=stopped
}

is_there() { [ -e "$1" ] || [ -L "$1" ]; }
is_plain() { [ -f "$1" ] && [ ! -L "$1" ]; }
yes_no() { if is_plain "$1"; then echo yes; else echo no; fi; }

# A file that belongs to the service's user, who alone may remove it where the folder is sticky.
make() { # path
    # noclobber: O_EXCL, so that no link of anybody's is followed.
    (set -C && : >"$1") || fail "$1 cannot be written"
    owner=$(awk '/^Uid:/ { u = $3 } /^Gid:/ { g = $3 } END { print u ":" g }' "/proc/$pid/status")
    chown -h "$owner" "$1" || fail "$1 cannot be given to the service's user"
}

act() { # action
    case $1 in
    on)
        if is_plain "$charge"; then
            done=already
        else
            ! is_there "$charge" || fail "$charge is there and is no file"
            make "$charge"
            done=written
        fi
        ;;
    off)
        done=already
        if is_plain "$charge"; then
            rm -f "$charge" || fail "$charge cannot be removed"
            done=removed
        fi
        ;;
    force-stop)
        # One that has not been acted upon yet is made anew: it must be this user's.
        ! is_plain "$stop" || rm -f "$stop" || fail "$stop cannot be removed"
        ! is_there "$stop" || fail "$stop is there and is no file"
        make "$stop"
        done=written
        ;;
    *) fail "unknown action $1" ;;
    esac
}

[ $# -eq 6 ] || fail "six arguments are needed"
state='' pid=''
case $2 in
systemd) look_systemd "$3" ;;
rc-local) look_rc_local "$3" ;;
*) fail "unknown kind of host $2" ;;
esac
printf 'state=%s\n' "$state"
[ "$state" = active ] || [ "$1" = status ] || exit 3
root=$prefix
if [ -z "$prefix" ] && [ "$state" = active ]; then root=/proc/$pid/root; fi
charge=$root$4/pigenny_force_charge
stop=$root$4/pigenny_force_stop
if [ "$1" != status ]; then
    [ -d "$root$4" ] || fail "there is no folder $4"
    act "$1"
    printf 'done=%s\n' "$done"
    [ "$done" = already ] || log_change "done" "$6" || printf 'note=the audit log could not be written\n'
fi
printf 'charge_file=%s\nstop_file=%s\n' "$(yes_no "$charge")" "$(yes_no "$stop")"
if [ -f "$root$5" ]; then
    printf 'status_file=yes\n'
    head -c 4096 "$root$5" | sed -n 's/^[a-z_]*=/status &/p'
else
    printf 'status_file=no\n'
fi
exit 0
