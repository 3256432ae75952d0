#!/bin/sh
# Stops a unit for a while and starts it again: `pause UNIT SECONDS`, `resume UNIT`.
#
# Before anything is stopped, a timer is set that starts the unit again after so many seconds: who
# asked may be gone by then. It stays enabled, so a reboot starts it as well. Prints `paused`, or
# `inactive` where the unit does not run and nothing was done, or `resumed`.
set -u
LC_ALL=C
export LC_ALL
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$PATH
unit=$2
alarm=fleet-resume-${unit%.service}

unset_alarm() {
    systemctl stop "$alarm.timer" 2>/dev/null
    systemctl reset-failed "$alarm.timer" "$alarm.service" 2>/dev/null
    return 0
}

case $1 in
pause)
    state=$(systemctl show -p ActiveState --value "$unit") || exit 1
    case $state in
    inactive | failed)
        echo inactive
        exit 0
        ;;
    esac
    unset_alarm
    systemd-run --quiet --collect --unit "$alarm" --on-active "$3" --timer-property AccuracySec=1s \
        systemctl start "$unit" || exit 1
    if ! systemctl stop "$unit"; then
        systemctl start "$unit" && unset_alarm
        exit 1
    fi
    echo paused
    ;;
resume)
    systemctl start "$unit" || exit 1
    unset_alarm
    echo resumed
    ;;
*) exit 64 ;;
esac
