#!/bin/sh
# What makes the steps a transaction: marker, journal, watcher, commit, going back. Read by apply.sh.
# Documentation/Decisions/0007-the-deploy-transaction.md says why it is made this way.
# shellcheck disable=SC2154,SC2034 # apply.sh's variables

marker=$base/.transaction
watching=''
# Times that the watch tries to go back where a line of `undo` fails.
undo_tries_max=3

# --- the journal ----------------------------------------------------------------------------------

# A line that a power cut tore lacks the end, and counts for nothing.
note_event() { printf '%s ;\n' "$*" >>journal; }
event() { note_event "$@" && durable journal; } # on the disk when it returns

read_journal() { # sets what it says
    phase='' begun_boot='' begun_time='' step=0 deadline=0 why_back='' undos=0 deferred=''
    while IFS= read -r line; do
        case $line in *' ;') line=${line% ;} ;; *) continue ;; esac
        # shellcheck disable=SC2086 # split at the blanks
        case $line in
        'begin '*)
            set -- $line
            phase=begun begun_boot=${3#boot=} begun_time=${4#time=}
            ;;
        'step '*) step=${line#step } ;;
        'switched '*) phase=switched deadline=${line#switched } ;;
        confirmed) phase=confirmed ;;
        'failed '*) why_back=${line#failed } ;;
        'undo '*)
            [ -n "$why_back" ] || why_back=${line#undo }
            phase=undoing undos=$((undos + 1)) deferred=''
            ;;
        'revert deferred'*) deferred=yes ;;
        esac
    done <journal
    # Numbers, or the worst.
    case $step in '' | *[!0-9]*) step=1 ;; esac
    case $deadline in '' | *[!0-9]*) deadline=0 ;; esac
}

# --- begin ----------------------------------------------------------------------------------------

begin() { # fails with a reason, and nothing was changed
    place_hooks || { [ -n "$why" ] || why='what takes a broken deploy back cannot be installed'; return 1; }
    why='the disk has no room for the way back'
    keep_room || return 1
    why='the disk takes no journal'
    begun=$(now)
    printf '%s\n' "$id" >id && : >journal &&
        note_event "begin $id boot=$this_boot time=$begun" || return 1
    sync -f . 2>/dev/null || sync
    why='the marker cannot be placed'
    mv "$here" "$marker" && here=$marker && durable "$base" || return 1
    if ! start_watcher; then
        why='the watcher does not start'
        finish ''
        return 1
    fi
    why=''
}

place_hooks() { # what looks at the marker at boot and meanwhile; there for good after the first time
    if [ -d "$prefix/run/systemd/system" ]; then
        place_hook_units
    elif [ -e hooks/rc.local ]; then
        place_hook_line
    fi
}

same_lines() { # text text: by the shell alone; old boards take long to start a process
    [ -e "$2" ] || return 1
    {
        while IFS= read -r one <&5; do
            if ! IFS= read -r other <&6 || [ "$one" != "$other" ]; then return 1; fi
        done
        ! IFS= read -r other <&6
    } 5<"$1" 6<"$2"
}

place_hook_units() {
    wants=$units/sysinit.target.wants changed=''
    for unit in fleet-watch.service fleet-watch.timer fleet-recover.service; do
        if same_lines "hooks/$unit" "$units/$unit"; then continue; fi
        place "hooks/$unit" "$units/$unit" 644 || return 1
        changed=yes
    done
    if [ ! -e "$wants/fleet-recover.service" ]; then
        mkdir -p "$wants" && ln -sf ../fleet-recover.service "$wants/fleet-recover.service" &&
            durable "$wants" "$units" || return 1
        changed=yes
    fi
    [ -z "$changed" ] || systemctl daemon-reload
}

place_hook_line() { # the mode and the owner of rc.local stay
    found=$(hash_of_rc_local) file=$prefix/etc/rc.local
    if [ "$found" = "$(hash_of hooks/rc.local)" ]; then return 0; fi
    [ "$found" = "$(cat hooks/before)" ] || refuse "/etc/rc.local was changed meanwhile" || return 1
    if [ "$found" = absent ]; then place hooks/rc.local "$file" 755; return; fi
    rm -f "$file.fleet-new" && cp -p "$file" "$file.fleet-new" &&
        cat hooks/rc.local >"$file.fleet-new" && chmod u+x "$file.fleet-new" && replace "$file"
}

start_watcher() {
    if [ -d "$prefix/run/systemd/system" ]; then
        systemctl --no-block start fleet-watch.timer
        return
    fi
    # It ends when there is nothing to watch.
    set -- setsid
    command -v setsid >/dev/null 2>&1 || set --
    # 8 is the output to the client, who waits until nobody has it.
    FLEET_PREFIX=$prefix "$@" sh ./watcher.sh </dev/null >/dev/null 2>&1 3>&- 4>&- 8>&- &
    point watched
}

stop_watcher() {
    [ ! -d "$prefix/run/systemd/system" ] || systemctl --no-block stop fleet-watch.timer
}

# --- the ends -------------------------------------------------------------------------------------

record() { # outcome: one JSON line for the host's own log
    log=$prefix/var/log/fleet/audit.jsonl
    [ -d "${log%/*}" ] || mkdir -p "${log%/*}" || return 1
    [ -f record ] || return 1
    # Whoever finishes for a process that was killed here may find it written.
    if [ -n "$watching" ] && { tail -n 100 "$log.1"; tail -n 100 "$log"; } 2>/dev/null |
        grep -q "^{\"id\":\"$id\","; then
        return 0
    fi
    rotate_log "$log" || return 1
    read -r members <record
    printf '{"id":"%s","time":%s,"outcome":"%s",%s}\n' "$id" "$(now)" "$1" "$members" \
        >>"$log" && durable "$log" "${log%/*}"
}

finish() { # outcome for the log, or nothing: the transaction is over
    [ -z "$1" ] || record "$1" || printf 'note the audit log could not be written\n'
    [ -d "$base/.staging" ] || mkdir -p "$base/.staging"
    mv "$marker" "$base/.staging/done-$id" && durable "$base" || return 1
    here=$base/.staging/done-$id
    tidy
}

tidy() { # after the marker is gone: in this order another process can do what is left
    [ -e "$marker" ] || stop_watcher
    release_lock
    point released
    cd / && rm -rf "$here"
}

commit() {
    gates_open
    finish 'done'
}

go_back() { # reason: all of `undo`; fails where a line of it does
    make_room
    event "undo $1" || printf 'note the disk takes no journal\n'
    perform undo go-on
    undone=$?
    gates_open
    return "$undone"
}

# --- the watch ------------------------------------------------------------------------------------

is_marked() { # whether the transaction in whose folder this runs is the one that stands
    marked=''
    { read -r marked <"$marker/id"; } 2>/dev/null
    [ "$marked" = "$id" ]
}

watch() { # looks at the transaction in whose folder it runs
    take_lock watch || return 0
    watching=yes
    if ! is_marked; then
        # The folder of one that is over.
        case $here in "$base/.staging/done-"*) tidy ;; *) release_lock ;; esac
        return 0
    fi
    read_journal
    case $phase in
    confirmed)
        commit
        printf 'finished %s\n' "$id"
        return 0
        ;;
    undoing) reason=$why_back ;;
    *)
        if [ -n "$why_back" ]; then
            reason=$why_back
        elif [ "$begun_boot" != "$this_boot" ]; then
            reason='power cut'
        elif [ "$phase" != switched ]; then
            reason='the script was killed'
        elif [ "$(uptime_seconds)" -le "$deadline" ]; then
            release_lock
            return 0
        else
            reason="not confirmed within $confirm_timeout s"
        fi
        ;;
    esac
    take_back
}

take_back() { # for `reason`
    # After what a power cut may have torn.
    printf '\n' >>journal
    if [ "$step" = 0 ]; then
        gates_open
        finish "reverted: $reason"
        printf 'reverted %s: %s\n' "$id" "$reason"
        return 0
    fi
    if ! gates_close; then
        [ -n "$deferred" ] || event "revert deferred: $why"
        stand_by
        return 75
    fi
    printf 'reverting %s: %s\n' "$id" "$reason"
    if go_back "$reason"; then
        finish "reverted: $reason"
        printf 'reverted %s: %s\n' "$id" "$reason"
        start_what_is_wanted
    elif [ $((undos + 1)) -lt "$undo_tries_max" ]; then
        stand_by
        return 1
    else
        finish "broken: $reason"
        return 1
    fi
}

stand_by() { # the next watch tries again
    [ -z "$at_boot" ] || start_watcher
    release_lock
}

# Who boots into rescue.target wants nothing started, and then no default.target is on its way.
boots_services() { [ -n "$(systemctl show -p Job --value default.target)" ]; }

start_what_is_wanted() { # units that were enabled again are not in this boot's plan yet
    if [ -n "$at_boot" ] && [ -d "$prefix/run/systemd/system" ] && boots_services; then
        systemctl --no-block start default.target
    fi
}

# --- the confirmation -----------------------------------------------------------------------------

confirm() { # id: says `confirmed`, or what is the case instead
    if [ "$1" != "$id" ]; then
        printf 'other %s\n' "$id"
        return 75
    fi
    attempts=0
    until take_lock confirmation; do
        # The watch has it for an instant; the steps have it for long.
        attempts=$((attempts + 1))
        [ "$attempts" -lt 10 ] || { printf 'working\n'; return 75; }
        nap
    done
    if ! is_marked; then
        release_lock
        printf 'over\n'
        return 75
    fi
    read_journal
    case $phase in
    switched)
        if [ "$begun_boot" != "$this_boot" ] || [ "$(uptime_seconds)" -gt "$deadline" ]; then
            release_lock
            printf 'late\n'
            return 75
        fi
        event confirmed || { release_lock; printf 'working\n'; return 75; }
        ;;
    confirmed) watching=yes ;; # for one that was killed
    *)
        release_lock
        printf 'reverting\n'
        return 75
        ;;
    esac
    commit
    printf 'confirmed\n'
}
