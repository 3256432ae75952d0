#!/bin/sh
# The steps that change files and services, and those that lead back. Read by apply.sh.
#
# Each is on the disk when it returns, and none destroys what was there before it lies, whole and on
# the disk, in `saved/`. Those that lead back may be run at any time and any number of times, also at
# boot, when nothing of ours runs yet and nothing may be waited for.
# shellcheck disable=SC2154 # apply.sh's variables

# --- files ----------------------------------------------------------------------------------------

folder_of() { printf '%s' "${1%/*}"; } # path

place() { # source target mode: written whole or not at all
    cp "$1" "$2.fleet-new" && chmod "$3" "$2.fleet-new" && replace "$2"
}

replace() { # target, by what lies beside it
    durable "$1.fleet-new" && mv -f "$1.fleet-new" "$1" && durable "$(folder_of "$1")"
}

is_there() { [ -e "$1" ] || [ -L "$1" ]; }

keep() { # file name: what is there before the first change; a link as the link that it is
    [ -d saved ] || mkdir saved || return 1
    if is_there "saved/$2" || [ -e "saved/$2.absent" ]; then return 0; fi
    if is_there "$1"; then
        rm -f "saved/.$2" && cp -pP "$1" "saved/.$2" || return 1
        # A link has no content to be synced, and what it leads to is not ours.
        [ -L "saved/.$2" ] || durable "saved/.$2" || return 1
        mv "saved/.$2" "saved/$2" || return 1
    else
        : >"saved/$2.absent" || return 1
    fi
    durable saved .
}

bring_back() { # file name: with its own mode and owner
    rm -f "$1.fleet-new"
    if [ -L "saved/$2" ]; then
        cp -pP "saved/$2" "$1.fleet-new" && mv -f "$1.fleet-new" "$1" && durable "$(folder_of "$1")"
    elif [ -e "saved/$2" ]; then
        cp -p "saved/$2" "$1.fleet-new" && replace "$1"
    elif [ -e "saved/$2.absent" ]; then
        rm -f "$1" && durable "$(folder_of "$1")"
    fi
}

step_switch() { # service release [verified]: forward only to a release that is whole
    [ -z "${3-}" ] || verify_release "$1" "$2" || return 1
    # One that is left over leads to a folder, and ln would go by it and make the link in there.
    [ ! -L "$base/$1/.current-new" ] || rm -f "$base/$1/.current-new"
    ln -s "releases/$2" "$base/$1/.current-new" || return 1
    mv -T "$base/$1/.current-new" "$base/$1/current" 2>/dev/null ||
        { rm -f "$base/$1/current" && mv "$base/$1/.current-new" "$base/$1/current"; } || return 1
    durable "$base/$1"
}
step_unlink() { # service
    rm -f "$base/$1/.current-new" "$base/$1/current"
    [ ! -d "$base/$1" ] || durable "$base/$1"
}

step_install_unit() { # service release unit
    keep "$units/$3" "$3" && place "$base/$1/releases/$2/unit/$3" "$units/$3" 644
}
step_place_unit() { # unit: from the transfer itself
    keep "$units/$1" "$1" && place "units/$1" "$units/$1" 644
}
step_restore_unit() { bring_back "$units/$1" "$1"; } # unit

step_install_rc_local() { # sha256 of the text that the new one was made from, or `absent`
    found=$(hash_of_rc_local)
    [ "$found" = "$1" ] || [ "$found" = "$(hash_of hooks/rc.local)" ] ||
        refuse "/etc/rc.local was changed meanwhile" || return 1
    keep "$prefix/etc/rc.local" rc.local && place rc.local "$prefix/etc/rc.local" 755
}
step_restore_rc_local() { bring_back "$prefix/etc/rc.local" rc.local; }
hash_of_rc_local() {
    if [ -e "$prefix/etc/rc.local" ]; then hash_of "$prefix/etc/rc.local"; else echo absent; fi
}
hash_of() { # file
    sum=$(sha256sum <"$1" 2>/dev/null) && printf '%s' "${sum%% *}"
}

# --- services -------------------------------------------------------------------------------------

step_daemon_reload() { systemctl daemon-reload; }
step_enable() { # a reload is a step of its own
    systemctl enable --quiet --no-reload "$1" && enabled_for_good
}
# Enabling is links in folders beside the units.
enabled_for_good() { durable "$units" "$units"/*.wants; }
# A unit that was never installed is neither enabled nor running: undo may come that early.
exists() { [ "$(systemctl show -p LoadState --value "$1")" != not-found ]; }
step_disable() {
    ! exists "$1" || { systemctl disable --quiet "$1" && enabled_for_good; }
}
step_stop() { # systemd would remember a unit that failed, also one that is taken away
    exists "$1" || return 0
    if [ -n "$at_boot" ]; then
        systemctl --no-block stop "$1"
        return
    fi
    gate_stopping "$1" || return 1
    systemctl stop "$1" || return 1
    systemctl reset-failed "$1" 2>/dev/null || :
}
step_retire() { # unit that another takes the place of
    gate_stopping "$1" || return 1
    ! exists "$1" || { systemctl disable --now --quiet "$1" && enabled_for_good; }
}
started='' supervised=''
step_restart() { # unit
    if [ -n "$at_boot" ]; then
        # What is waited for here may itself wait for us.
        ! boots_services || systemctl --no-block start "$1"
        return
    fi
    started="$started $1"
    gate_stopping "$1" || return 1
    systemctl restart "$1" && return
    # Begun too often lately, and not begun now: somebody wants it all the same.
    [ "$(systemctl show -p Result --value "$1")" = start-limit-hit ] &&
        systemctl reset-failed "$1" && systemctl restart "$1" && return
    refuse "$(journal_of "$1")"
}
journal_of() { # unit: what it said last
    systemctl show -p ActiveState -p SubState -p Result -p ExecMainStatus "$1" | tr '\n' ' '
    if command -v journalctl >/dev/null 2>&1; then
        echo
        journalctl --no-pager -q -o cat -n 15 -u "$1" 2>/dev/null | tail -c 4000
    fi
}

step_supervise() { # service start|stop|restart
    supervised="$supervised $1"
    gate_stopping "$1" || return 1
    told=$("$base/$1/current/supervise" "$2" 2>&1 </dev/null) ||
        refuse "$told: $(log_of "$1")" || return 1
    point "supervised $1"
}
log_of() { tail -n 15 "$prefix/var/log/$1.log" 2>/dev/null; } # service
step_unsupervise() { # service: stop it where it has a supervisor
    gate_stopping "$1" || return 1
    [ ! -x "$base/$1/current/supervise" ] || "$base/$1/current/supervise" stop </dev/null || return 1
    point "stopped $1"
}
