#!/bin/sh
# The steps that look whether what was started works. Read by apply.sh.
# shellcheck disable=SC2154 # apply.sh's variables
ends_max=3 # a service that ended so often while it was looked at does not stay up

step_steady_unit() { # unit seconds: active, one and the same process, for so long
    tick
    since=$up main='' ends=0 until=$((up + $2 + 30))
    while :; do
        said=$(systemctl show -p ActiveState -p MainPID "$1")
        state=${said#*ActiveState=} pid=${said#*MainPID=}
        state=${state%%"$newline"*} pid=${pid%%"$newline"*}
        tick
        case $state in
        active)
            if [ "$pid" != "$main" ]; then
                [ -z "$main" ] || ends=$((ends + 1))
                main=$pid since=$up
            fi
            if [ $((up - since)) -ge "$2" ]; then return 0; fi
            ;;
        failed | inactive) refuse "$1 is $state: $(journal_of "$1")" || return 1 ;;
        *) since=$up ends=$((ends + ${main:+1} + 0)) main='' ;;
        esac
        { [ "$ends" -lt "$ends_max" ] && [ "$up" -lt "$until" ]; } ||
            refuse "$1 does not stay up: $(journal_of "$1")" || return 1
        nap
    done
}

step_steady_supervised() { # service seconds
    tick
    since=$up main='' ends=0 until=$((up + $2 + 30))
    while :; do
        line=$("$base/$1/current/supervise" status </dev/null)
        pid=${line#* process=} pid=${pid%% *}
        tick
        case $line in
        running*)
            if [ "$pid" != "$main" ]; then
                [ -z "$main" ] || ends=$((ends + 1))
                main=$pid since=$up
            fi
            if [ $((up - since)) -ge "$2" ]; then return 0; fi
            ;;
        *) since=$up ends=$((ends + ${main:+1} + 0)) main='' ;;
        esac
        { [ "$ends" -lt "$ends_max" ] && [ "$up" -lt "$until" ]; } ||
            refuse "$1 does not stay up ($line): $(log_of "$1")" || return 1
        nap
    done
}

those_that_ended() { # what services said that were started and do not run: why a check fails
    for unit in $started; do
        state=$(systemctl show -p ActiveState --value "$unit")
        [ "$state" = active ] || printf '\n%s is %s: %s' "$unit" "$state" "$(journal_of "$unit")"
    done
    for service in $supervised; do
        "$base/$service/current/supervise" status </dev/null >/dev/null 2>&1 ||
            printf '\n%s does not run: %s' "$service" "$(log_of "$service")"
    done
}

tcp_talk() { # port text: the answer's first lines; each way gives up after 2 s
    if command -v bash >/dev/null 2>&1; then
        # shellcheck disable=SC2016 # for bash to expand
        bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
            [ -z "$2" ] || printf "%s\n" "$2" >&3
            for i in 1 2 3 4 5 6 7 8; do
                IFS= read -r -t 2 line <&3 || exit 0
                printf "%s\n" "$line"
                case $line in *"$3"*) exit 0 ;; esac
            done' talk "$1" "$2" "$3" 2>/dev/null
    elif command -v nc >/dev/null 2>&1; then
        { [ -z "$2" ] || printf '%s\n' "$2"; sleep 1; } | nc -w 2 127.0.0.1 "$1" 2>/dev/null
    else
        for python in python3 python2 python; do
            command -v "$python" >/dev/null 2>&1 || continue
            "$python" -c 'import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 2)
if sys.argv[2]: s.sendall((sys.argv[2] + "\n").encode())
got = b""
try:
    while sys.argv[3].encode() not in got and len(got) < 4096:
        more = s.recv(4096)
        if not more: break
        got += more
except socket.timeout: pass
sys.stdout.write(got.decode("latin-1"))' "$1" "$2" "$3" 2>/dev/null
            return
        done
        return 2
    fi
}

step_tcp() { # port send expect seconds
    # Of whole seconds one may be over at once.
    until=$(($(now) + $4 + 1)) said=
    while :; do
        if said=$(tcp_talk "$1" "$2" "$3"); then
            case $said in *"$3"*) return 0 ;; esac
        elif [ $? = 2 ]; then
            refuse "there is no bash, nc or python on the host to ask the port with" || return 1
        fi
        [ "$(now)" -lt "$until" ] || break
        nap
    done
    if [ -z "$said" ]; then
        refuse "port $1 does not answer$(those_that_ended)"
    else
        refuse "port $1 answered '$(printf '%s' "$said" | head -n 3 | tr '\n' ' ')', not '$3'"
    fi
}

step_command() { # seconds word…: exits 0 within the time, at last
    until=$(($(now) + $1))
    shift
    while :; do
        left=$((until - $(now)))
        [ "$left" -ge 1 ] || left=1
        if command -v timeout >/dev/null 2>&1; then
            said=$(timeout "$left" "$@" 2>&1 </dev/null) && return 0
        else
            said=$("$@" 2>&1 </dev/null) && return 0
        fi
        [ "$(now)" -lt "$until" ] || break
        nap
    done
    refuse "$* failed: $(printf '%s' "$said" | tail -n 5)$(those_that_ended)"
}
