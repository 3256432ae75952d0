# shellcheck shell=sh
# The gate `generator-idle`: a server of the generator is stopped only while the generator is known
# to stand, and nothing may start it until the new server answers or the old one is back.
#
# Read by apply.sh, in the folder of the transfer, where that has a file `gates`: a line
# `SERVICE UNITS PORT OWNER SECONDS MODE REASON`, with the service's unit and those that it replaces
# joined by commas, or `-` for a supervised one; MODE is idle or force. A server of ours is told to
# HOLD, which it grants only while nothing runs and keeps over its restart. A legacy server has no
# such thing: it is frozen, and killed by its process id when its end has come, so that neither a
# START that waits in its socket nor its clean-up is carried out.
#
# What is not known counts as running. Says `gate closed SERVICE REASON`, `gate forced SERVICE
# REASON` or `gap SERVICE MILLISECONDS` on apply.sh's own standard output.
gate_kept=gate-state   # what this file must remember, also in another process after a crash
gate_limit=6           # seconds for one question, whatever the server does
gate_settle=20         # tenths of a second for connections and threads of ours to end
gate_margin=30         # seconds of a hold that must be left when the server is stopped
gate_children=16       # parents of a process that are looked through
gate_our_reason='fleetctl '
exec 8>&1

gate_refuse() { # reason
    gate_why=$*
    # A step that fails says this.
    # shellcheck disable=SC2034
    why=$*
    return 1
}
gate_nap() { sleep 0.1 2>/dev/null || sleep 1; }

# Hundredths of a second since boot, modulo a million seconds: also for shells of 32 bits.
gate_clock() {
    read -r gate_up _ </proc/uptime
    gate_whole=000000${gate_up%.*}
    gate_time=$((1${gate_whole#"${gate_whole%??????}"}${gate_up#*.} - 100000000))
}
gate_since() { # earlier: sets gate_passed, hundredths of a second
    gate_clock
    gate_passed=$((gate_time - $1))
    [ "$gate_passed" -ge 0 ] || gate_passed=$((gate_passed + 100000000))
}

# --- the server -----------------------------------------------------------------------------------

gate_talk() { # port command: the answer to one command, without the greeting
    # shellcheck disable=SC2016 # for bash to expand
    if command -v bash >/dev/null 2>&1; then
        exec bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
            printf -v cr "\r"
            IFS= read -r -n 400 -t 3 line <&3 || exit 1
            [ "${line%"$cr"}" = "GENNY SERVER READY" ] || exit 1
            printf "%s\n" "$2" >&3
            for ((i = 0; i < 64; i++)); do
                IFS= read -r -n 400 -t 3 line <&3 || exit 1
                line=${line%"$cr"}
                printf "%s\n" "$line"
                if [ "$2" != STATUS ] || [ "$line" = END ]; then exit 0; fi
            done
            exit 1' talk "$1" "$2" 2>/dev/null 3>&- 4>&- 8>&-
    fi
    for gate_python in python3 python2 python; do
        command -v "$gate_python" >/dev/null 2>&1 || continue
        # shellcheck disable=SC2093 # the first that is there is the one that is taken
        exec "$gate_python" -c 'import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 3)
f = s.makefile("rb")
if f.readline(400).strip() != b"GENNY SERVER READY": sys.exit(1)
s.sendall((sys.argv[2] + "\n").encode())
for i in range(64):
    line = f.readline(400)
    if line[-1:] != b"\n": sys.exit(1)
    sys.stdout.write(line.decode("latin-1").rstrip("\r\n") + "\n")
    if sys.argv[2] != "STATUS" or line.strip() == b"END": sys.exit(0)
sys.exit(1)' "$1" "$2" 2>/dev/null 3>&- 4>&- 8>&-
    done
    command -v nc >/dev/null 2>&1 || exit 2
    # It has no way to tell an answer's end: a second is what each question takes.
    { printf '%s\n' "$2"; sleep 1; } | nc -w 3 127.0.0.1 "$1" 2>/dev/null | tr -d '\r' | {
        IFS= read -r gate_line && [ "$gate_line" = "GENNY SERVER READY" ] || exit 1
        if [ "$2" != STATUS ]; then head -n 1 && exit 0; fi
        sed -n '1,/^END$/p;/^END$/q'
    }
}

gate_ask() { # port command: the answer is in gate-said; fails where there is none in time
    (gate_talk "$@") >gate-said </dev/null 8>&- &
    gate_asker=$!
    { sleep "$gate_limit" && kill -KILL "$gate_asker"; } >/dev/null 2>&1 </dev/null 3>&- 4>&- 8>&- &
    gate_dog=$!
    wait "$gate_asker"
    gate_result=$?
    kill "$gate_dog" 2>/dev/null
    wait "$gate_dog" 2>/dev/null
    [ "$gate_result" = 0 ] && [ -s gate-said ] && return 0
    case $gate_result in
    2) gate_refuse "there is no bash, python or nc on the host to ask the server with" ;;
    *) gate_refuse "its state could not be read, and unknown counts as running" ;;
    esac
}

gate_line() { # key: the value of its one line of the STATUS in gate-said; fails for none or two
    gate_value=$(sed -n "s/^$1: //p" gate-said)
    case $gate_value in
    '' | *'
'*) return 1 ;;
    esac
}

gate_inputs() { # whether the inputs are known and show neither engine nor starter
    gate_line INPUTS || return 1
    gate_raw=${gate_value##*raw=}
    case $gate_raw in [0-9] | 1[0-5]) ;; *) return 1 ;; esac
    [ "$gate_value" = "IN1=$((gate_raw & 1)) IN2=$((gate_raw >> 1 & 1)) \
IN3=$((gate_raw >> 2 & 1)) IN4=$((gate_raw >> 3 & 1)) raw=$gate_raw" ]
}

gate_idle() { # whether the STATUS in gate-said is that of a generator at rest
    gate_line START_IN_PROGRESS
    [ "$gate_value" != YES ] || gate_refuse "a start is in progress" || return 1
    [ "$gate_value" = NO ] || gate_refuse "whether a start is in progress is unknown" || return 1
    gate_inputs ||
        gate_refuse "its inputs cannot be read, and unknown counts as running" || return 1
    [ $((gate_raw & 8)) = 0 ] || gate_refuse "the starter is engaged" || return 1
    [ $((gate_raw & 1)) = 0 ] || gate_refuse "the engine runs" || return 1
    gate_line RUNNING
    [ "$gate_value" = NO ] || gate_refuse "it does not say that the engine stands" || return 1
    gate_line RELAYS || gate_refuse "which relays are on is unknown" || return 1
    case $gate_value in
    'OFF (0x00)') ;;
    UNKNOWN*) gate_refuse "which relays are on is unknown" || return 1 ;;
    *) gate_refuse "relays are on: $gate_value" || return 1 ;;
    esac
    # The legacy server has no such line.
    gate_line STATE || { ! grep -q '^STATE:' gate-said && return 0; } ||
        gate_refuse "its state is not understood" || return 1
    case $gate_value in
    OFF | FAILED | HELD) ;;
    *) gate_refuse "it is not idle: $gate_value" ;;
    esac
}

# --- processes ------------------------------------------------------------------------------------

gate_start_time() { # pid: nothing for one that has ended
    sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk '$1 !~ /[ZXx]/ { print $20 }'
}
gate_lives() { # pid start
    [ -n "${2-}" ] && [ "$(gate_start_time "$1")" = "$2" ]
}

gate_sockets() { # port: `state remote inode` of every TCP socket on it
    gate_hex=$(printf '%04X' "$1")
    cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
        awk -v port=":$gate_hex" 'substr($2, length($2) - 4) == port { print $4, $3, $10 }'
}

gate_holders() { # port: the processes that listen on it; `-` for one that cannot be seen
    gate_inodes=$(gate_sockets "$1" | awk '$1 == "0A" { print $3 }')
    [ -n "$gate_inodes" ] || return 0
    # shellcheck disable=SC2012 # one fork for all processes; names play no part in what is read
    ls -l /proc/[0-9]*/fd 2>/dev/null | awk -v inodes="$gate_inodes" '
        BEGIN { n = split(inodes, list, "\n"); for (i = 1; i <= n; i++) wanted[list[i]] = 1 }
        /^\/.*\/fd:$/ { split($1, path, "/"); pid = path[3] }
        match($0, /socket:\[[0-9]+\]$/) { inode = substr($0, RSTART + 8, RLENGTH - 9)
            if (inode in wanted) { found[inode] = 1; if (!(pid in seen)) { seen[pid] = 1; print pid } } }
        END { for (inode in wanted) if (!(inode in found)) { print "-"; exit } }'
}

gate_clients() { # port: who is connected, or was a moment ago; a closed connection's rest is not
    gate_sockets "$1" | awk '$1 != "0A" && $1 != "06" { print $2 }'
}
gate_address() { # 0100007F:A1B2, as people write it; true version 6 stays as it is
    gate_hex=${1%:*}
    gate_hex=${gate_hex#0000000000000000FFFF0000}
    case $gate_hex in
    ????????)
        gate_tail=${gate_hex#??}
        printf '%d.%d.%d.%d' "0x${gate_hex#??????}" "0x$(printf '%s' "$gate_tail" | cut -c 3-4)" \
            "0x$(printf '%s' "$gate_tail" | cut -c 1-2)" "0x${gate_hex%??????}"
        ;;
    *) printf '%s' "$1" ;;
    esac
}

gate_recorded() { # service record: sets gate_pid and gate_start where that process lives
    gate_pid='' gate_start=''
    { read -r gate_pid gate_start <"${prefix-}/run/fleet/$1/$2"; } 2>/dev/null
    case $gate_pid in '' | *[!0-9]*) return 1 ;; esac
    gate_lives "$gate_pid" "$gate_start"
}

gate_belongs() { # pid service units: whether the process is the service's
    if [ "$3" != - ]; then
        gate_group=$(cat "/proc/$1/cgroup" 2>/dev/null)
        for gate_unit in $(printf '%s' "$3" | tr ',' ' '); do
            case $gate_group/ in *"/$gate_unit/"* | *"/$gate_unit
"*) return 0 ;; esac
        done
        return 1
    fi
    gate_recorded "$2" process || return 1
    gate_child=$1 gate_depth=0
    while [ "$gate_child" != "$gate_pid" ]; do
        gate_child=$(sed 's/.*) //' "/proc/$gate_child/stat" 2>/dev/null | awk '{ print $2 }')
        gate_depth=$((gate_depth + 1))
        case $gate_child in '' | 0 | 1) return 1 ;; esac
        [ "$gate_depth" -lt "$gate_children" ] || return 1
    done
}

gate_tasks() { # pid: its threads and the processes that it started, each with its start time
    cat "/proc/$1/task"/*/stat 2>/dev/null | gate_stats thread ''
    cat /proc/[0-9]*/stat 2>/dev/null | gate_stats process "$1"
}
gate_stats() { # word parent: of lines of stat those with that parent, or all
    awk -v word="$1" -v parent="$2" '{ id = $1; sub(/^.*\) /, ""); split($0, field, " ") }
        parent == "" || field[2] == parent { print word, id, field[20] }'
}
gate_nobody_new() { # pid port file: no client, and no task that is not in the file
    [ -s "$3" ] && [ -z "$(gate_clients "$2")" ] && ! gate_tasks "$1" | grep -vxFf "$3" | grep -q .
}
gate_until_alone() { # pid port file
    gate_tries=0
    until gate_nobody_new "$@"; do
        gate_tries=$((gate_tries + 1))
        [ "$gate_tries" -le "$gate_settle" ] || return 1
        gate_nap
    done
}

gate_stands_still() { # pid: every thread of it is stopped
    ! cat "/proc/$1/task"/*/stat 2>/dev/null | sed 's/.*) //' | grep -qv '^T'
}

# --- closing --------------------------------------------------------------------------------------

gate_left_on() { # service: whether its supervisor could not switch everything off
    [ -e "${prefix-}/run/fleet/$1/dirty" ] || return 1
    gate_boot=''
    { read -r gate_boot <"${prefix-}/run/fleet/$1/boot"; } 2>/dev/null
    # A record of another boot says nothing of this one.
    [ -z "$gate_boot" ] || [ -z "${this_boot-}" ] || [ "$gate_boot" = "$this_boot" ]
}

gate_close_without_server() { # service units: nobody listens
    if [ "$2" != - ]; then
        for gate_unit in $(printf '%s' "$2" | tr ',' ' '); do
            case $(systemctl show -p ActiveState -p SubState -p MainPID "$gate_unit" | tr '\n' ' ') in
            *MainPID=[1-9]*)
                # One that this transaction started and that never listened was told nothing.
                [ -e "$gate_kept/$1.stopped" ] ||
                    gate_refuse "$gate_unit runs and does not listen: its state is unknown" ||
                    return 1
                ;;
            *ActiveState=active* | *ActiveState=deactivating* | *ActiveState=reloading*)
                gate_refuse "what $gate_unit does is unknown" || return 1
                ;;
            esac
        done
    elif gate_recorded "$1" process; then
        [ -e "$gate_kept/$1.stopped" ] ||
            gate_refuse "$1 runs and does not listen: its state is unknown" || return 1
    elif gate_left_on "$1"; then
        gate_refuse "it does not run, and what it left on may be on still" || return 1
    fi
    for gate_file in "${prefix-}"/run/gen-server-*.state; do
        ! grep -q '^phase=' "$gate_file" 2>/dev/null ||
            gate_refuse "it does not run, and the engine ran when it ended ($gate_file)" || return 1
    done
}

gate_keep_hold() { # service owner: remembers a hold that the owner had for other reasons
    [ ! -e "$gate_kept/$1.owner" ] || return 0
    if gate_line HOLD && [ "$gate_value" != none ]; then
        gate_rest=${gate_value#"$2 "}
        case ${gate_rest#* } in
        "$gate_our_reason"*) ;; # of a deploy before this one, which did not come to its end
        *)
            gate_clock
            printf '%s %s\n' "$gate_time" "$gate_rest" >"$gate_kept/$1.restore"
            ;;
        esac
    fi
    printf '%s\n' "$2" >"$gate_kept/$1.owner"
}

gate_hold() { # service port owner seconds reason: after a STATUS
    gate_line HOLD || gate_refuse "whether it is held is unknown" || return 1
    case $gate_value in
    none | "$3 "*) ;;
    *)
        gate_rest=${gate_value#* }
        gate_refuse "it is held by ${gate_value%% *} for ${gate_rest%% *} s more: ${gate_rest#* }"
        return 1
        ;;
    esac
    gate_idle || return 1
    gate_keep_hold "$1" "$3"
    # Also where there is no answer: it may have been granted.
    gate_tries=0
    while :; do
        gate_ask "$2" "HOLD $3 $4 $5" || return 1
        read -r gate_value <gate-said
        # Just after a stop it has not read them twice yet; it reads once a second.
        case $gate_value in 'ERROR: Inputs cannot be read'*) ;; *) break ;; esac
        gate_tries=$((gate_tries + 1))
        [ "$gate_tries" -le 3 ] || break
        sleep 1
    done
    case $gate_value in
    'OK: Held for '*) ;;
    *) gate_refuse "it refuses to be held: ${gate_value#ERROR: }" || return 1 ;;
    esac
    gate_ask "$2" STATUS && gate_idle || return 1
    gate_line HOLD
    case $gate_value in
    "$3 "*) ;;
    *) gate_refuse "it does not keep the hold" || return 1 ;;
    esac
    gate_clock
    printf '%s\n' "$gate_time" >"$gate_kept/$1.held"
}

# Lets a frozen process go on when apply.sh is gone, or after so long.
gate_guard() { # pid start seconds
    gate_applier=$$ gate_applier_start=$(gate_start_time $$)
    (
        trap '' HUP INT TERM PIPE
        gate_left=$3
        while gate_lives "$1" "$2"; do
            gate_left=$((gate_left - 1))
            if [ "$gate_left" -le 0 ] || ! gate_lives "$gate_applier" "$gate_applier_start"; then
                kill -CONT "$1"
                break
            fi
            sleep 1
        done
    ) >/dev/null 2>&1 </dev/null 3>&- 4>&- 8>&- &
}

gate_thaw() { # service
    [ -e "$gate_kept/$1.frozen" ] || return 0
    read -r gate_pid gate_start _ <"$gate_kept/$1.frozen"
    ! gate_lives "$gate_pid" "$gate_start" || kill -CONT "$gate_pid" 2>/dev/null
    rm -f "$gate_kept/$1.frozen"
}

gate_freeze() { # service port pid seconds: a legacy server, after an idle STATUS
    gate_idle || return 1
    gate_start=$(gate_start_time "$3")
    : >"$gate_kept/none"
    gate_tries=0
    while [ -n "$(gate_clients "$2")" ]; do
        gate_tries=$((gate_tries + 1))
        [ "$gate_tries" -le "$gate_settle" ] ||
            gate_refuse "another client is connected, $(gate_address "$(gate_clients "$2" |
                sed -n 1p)"), and might start it; stop that one, or name it under 'starters:'" ||
            return 1
        gate_nap
    done
    # After the thread of the first reading has ended, at the latest.
    sleep 1
    gate_tasks "$3" >"$gate_kept/tasks"
    gate_ask "$2" STATUS && gate_idle || return 1
    gate_until_alone "$3" "$2" "$gate_kept/tasks" ||
        gate_refuse "somebody else has begun to talk to it" || return 1
    gate_lives "$3" "$gate_start" || gate_refuse "its process has ended meanwhile" || return 1
    printf '%s %s %s\n' "$3" "$gate_start" $$ >"$gate_kept/$1.frozen"
    gate_guard "$3" "$gate_start" "$4"
    gate_clock
    printf '%s\n' "$gate_time" >"$gate_kept/$1.since"
    kill -STOP "$3" || gate_refuse "it cannot be frozen" || return 1
    gate_tries=0
    until gate_stands_still "$3"; do
        gate_tries=$((gate_tries + 1))
        [ "$gate_tries" -le "$gate_settle" ] || gate_refuse "it cannot be frozen" || return 1
        gate_nap
    done
    # From here on nothing gets in. What got in since the last reading is seen here.
    gate_nobody_new "$3" "$2" "$gate_kept/tasks" ||
        gate_refuse "somebody else has begun to talk to it" || return 1
    gate_lives "$3" "$gate_start" || gate_refuse "its process has ended meanwhile"
}

gate_close() { # service units port owner seconds mode reason
    if [ -e "$gate_kept/$1.frozen" ]; then
        read -r gate_pid gate_start gate_freezer <"$gate_kept/$1.frozen"
        [ "$gate_freezer" = $$ ] && gate_lives "$gate_pid" "$gate_start" &&
            gate_stands_still "$gate_pid" && return 0
        # Of a deploy that died: its guard is about to let it go on.
        gate_thaw "$1"
    fi
    gate_pids=$(gate_holders "$3")
    if [ -z "$gate_pids" ]; then
        gate_close_without_server "$1" "$2"
        return
    fi
    for gate_holder in $gate_pids; do
        [ "$gate_holder" != - ] && gate_belongs "$gate_holder" "$1" "$2" ||
            gate_refuse "process $gate_holder, which listens on port $3, is not $1's" || return 1
    done
    gate_ask "$3" STATUS || return 1
    if gate_line PROTOCOL; then
        case $gate_value in
        [2-9]) gate_hold "$1" "$3" "$4" "$5" "$7" ;;
        *) gate_refuse "its protocol is unknown: $gate_value" ;;
        esac
    elif grep -q '^\(PROTOCOL\|STATE\|HOLD\|VERSION\):' gate-said; then
        gate_refuse "its answer is not understood"
    elif [ "$gate_pids" != "$gate_holder" ]; then
        gate_refuse "several processes listen on port $3, and it is the older server"
    else
        gate_freeze "$1" "$3" "$gate_holder" "$5"
    fi
}

gates_close() { # fails, with nothing changed, where one of them cannot be closed
    mkdir -p "$gate_kept" || return 1
    gates_result=0
    while read -r gate_service gate_units gate_port gate_owner gate_seconds gate_mode gate_reason <&4
    do
        gate_why='it cannot be told why'
        gate_close "$gate_service" "$gate_units" "$gate_port" "$gate_owner" "$gate_seconds" \
            "$gate_mode" "$gate_reason" && continue
        gate_thaw "$gate_service"
        rm -f "$gate_kept/$gate_service.since"
        if [ "$gate_mode" = force ]; then
            printf 'gate forced %s %s\n' "$gate_service" "$gate_why" >&8
            continue
        fi
        printf 'gate closed %s %s\n' "$gate_service" "$gate_why" >&8
        gates_result=1
        break
    done 4<gates
    [ "$gates_result" = 0 ] || gates_open
    return "$gates_result"
}

# --- in between -----------------------------------------------------------------------------------

gate_stopping() { # unit or service, just before it is stopped: fails where that is not safe any more
    while read -r gate_service gate_units gate_port gate_owner gate_seconds gate_mode gate_rest <&4
    do
        case ",$gate_service,$gate_units," in *",$1,"*) ;; *) continue ;; esac
        : >"$gate_kept/$gate_service.stopped"
        if [ -e "$gate_kept/$gate_service.held" ]; then
            read -r gate_held <"$gate_kept/$gate_service.held"
            gate_since "$gate_held"
            [ "$gate_passed" -lt $(((gate_seconds - gate_margin) * 100)) ] ||
                [ "$gate_mode" = force ] ||
                gate_refuse "the hold on the generator is about to end" || return 1
        fi
        gate_holders "$gate_port" >"$gate_kept/$gate_service.before"
        if [ ! -e "$gate_kept/$gate_service.since" ]; then
            gate_clock
            printf '%s\n' "$gate_time" >"$gate_kept/$gate_service.since"
        fi
        gate_kill "$gate_service" "$gate_units" || return 1
    done 4<gates
}

gate_kill() { # service units: the frozen server, which does nothing any more
    [ -e "$gate_kept/$1.frozen" ] || return 0
    read -r gate_pid gate_start _ <"$gate_kept/$1.frozen"
    gate_lives "$gate_pid" "$gate_start" && gate_stands_still "$gate_pid" ||
        gate_refuse "the older server is no longer frozen" || return 1
    # A supervisor is told first, or it would start it again. systemd waits for RestartSec= before
    # that, and is told to restart it meanwhile.
    if [ "$2" = - ] && gate_recorded "$1" supervisor; then kill -TERM "$gate_pid" 2>/dev/null; fi
    read -r gate_pid gate_start _ <"$gate_kept/$1.frozen"
    kill -KILL "$gate_pid" 2>/dev/null
    rm -f "$gate_kept/$1.frozen"
}

gate_is_new() { # service pids: whether none of them listened before
    gate_before=" $(tr '\n' ' ' <"$gate_kept/$1.before")"
    for gate_holder in $2; do
        case $gate_before in *" $gate_holder "*) return 1 ;; esac
    done
}

# The time in which nobody answered for the relays: from the old server's end to the new one's first
# answer.
step_gap() { # service port seconds
    [ -e "$gate_kept/$1.since" ] || return 0
    read -r gate_began <"$gate_kept/$1.since"
    while :; do
        gate_new=$(gate_holders "$2")
        if [ -n "$gate_new" ] && gate_is_new "$1" "$gate_new" && gate_ask "$2" PING &&
            read -r gate_value <gate-said && [ "$gate_value" = PONG ]; then
            gate_since "$gate_began"
            break
        fi
        gate_since "$gate_began"
        [ "$gate_passed" -lt $(($3 * 100)) ] ||
            gate_refuse "port $2 does not answer PING after $3 s" || return 1
        sleep 0.02 2>/dev/null || sleep 1
    done
    printf 'gap %s %s0\n' "$1" "$gate_passed" >&8
    printf '%s %s0\n' "$1" "$gate_passed" >>"$gate_kept/gaps"
    gate_record_gap "$1" "$gate_passed"
    gate_hold_anew "$1"
}

gate_record_gap() { # service hundredths: one more member of the host's own record
    [ -e record ] || return 0
    printf '%s,"uncontrolled_ms":{"%s":%s0}\n' "$(cat record)" "$1" "$2" >record.gap &&
        mv -f record.gap record
}

# A server that has lost the hold, or never had it, is held while it is looked whether it is well.
# Where that is refused the restart is over all the same: whoever started the engine has it, and
# nothing here stops that server again.
gate_hold_anew() { # service
    while read -r gate_service gate_units gate_port gate_owner gate_seconds gate_mode gate_reason <&4
    do
        [ "$gate_service" = "$1" ] || continue
        gate_ask "$gate_port" STATUS && gate_line PROTOCOL &&
            gate_hold "$1" "$gate_port" "$gate_owner" "$gate_seconds" "$gate_reason"
    done 4<gates
    return 0
}

# --- opening --------------------------------------------------------------------------------------

gate_release() { # service port: gives back what was asked for
    [ -e "$gate_kept/$1.owner" ] || return 0
    read -r gate_owner <"$gate_kept/$1.owner"
    gate_command="RELEASE $gate_owner"
    if [ -e "$gate_kept/$1.restore" ]; then
        read -r gate_began gate_seconds gate_reason <"$gate_kept/$1.restore"
        gate_since "$gate_began"
        gate_seconds=$((gate_seconds - gate_passed / 100))
        [ "$gate_seconds" -lt 1 ] || gate_command="HOLD $gate_owner $gate_seconds $gate_reason"
    fi
    # After an undo the old server has only just been started.
    gate_tries=0
    until gate_ask "$2" "$gate_command"; do
        gate_tries=$((gate_tries + 1))
        if [ "$gate_tries" -gt "$gate_settle" ] || [ ! -e "$gate_kept/$1.stopped" ]; then break; fi
        gate_nap
    done
    [ -s gate-said ] ||
        printf 'note the hold on %s was not given back; it ends by itself\n' "$1" >&8
    rm -f "$gate_kept/$1.owner" "$gate_kept/$1.restore" "$gate_kept/$1.held"
}

gates_open() { # whatever happened
    while read -r gate_service gate_units gate_port gate_rest <&4; do
        gate_thaw "$gate_service"
        gate_release "$gate_service" "$gate_port"
    done 4<gates
    return 0
}
