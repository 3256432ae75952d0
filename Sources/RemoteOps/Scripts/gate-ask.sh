# shellcheck shell=sh
# How the server of the generator is asked on its own host. Joined to gate.sh.
# shellcheck disable=SC2034,SC2154 # variables of the other parts

gate_talk() { # port command: the answer to one command, without the greeting
    # shellcheck disable=SC2016 # for bash to expand
    if command -v bash >/dev/null 2>&1; then
        exec bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
            printf -v cr "\r"
            IFS= read -r -n 400 -t 3 line <&3 || exit 1
            [ "${line%"$cr"}" = "GENNY SERVER READY" ] || exit 1
            printf "%s\n" "$2" >&3
            for ((i = 0; i < 64; i++)); do
                IFS= read -r -n 400 -t 3 line <&3 && [ ${#line} -lt 400 ] || exit 1
                line=${line%"$cr"}
                printf "%s\n" "$line"
                if [ "$2" != STATUS ] || [ "$line" = END ]; then exit 0; fi
            done
            exit 1' talk "$1" "$2" 2>/dev/null 3>&- 4>&- 8>&-
    fi
    command -v nc >/dev/null 2>&1 || exit 2
    gate_last=''
    [ "$2" != STATUS ] || gate_last=END
    # It has no way to tell an answer's end: a second is what each question takes.
    { printf '%s\n' "$2"; sleep 1; } | nc -w 3 127.0.0.1 "$1" 2>/dev/null | head -c 8192 |
        tr -d '\r' | awk -v last="$gate_last" '
            NR == 1 && $0 != "GENNY SERVER READY" { exit }
            NR == 1 { next }
            length($0) >= 400 || NR > 65 { exit }
            { print }
            last == "" || $0 == last { whole = 1; exit }
            END { exit !whole }'
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
    2) gate_refuse "there is neither bash nor nc on the host to ask the server with" ;;
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
