#!/bin/sh
# Confirms a transaction by its id, or says what became of it.
#
# Output, one line: `confirmed`; `working` (its steps are under way), `late` or `reverting` (it goes
# back); `outcome WORDS` from the host's log where it is over; `unknown`.
set -u
LC_ALL=C
export LC_ALL
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$PATH
prefix=${FLEET_PREFIX-}
newline='
'
script=$prefix/opt/fleet/.transaction/apply.sh
if [ -e "$script" ]; then
    said=$(sh "$script" confirm "$1" 2>/dev/null </dev/null)
    # The last line: those before may say what else happened.
    said=${said##*"$newline"}
    case $said in confirmed | working | late | reverting)
        printf '%s\n' "$said"
        exit 0
        ;;
    esac
fi
log=$prefix/var/log/fleet/audit.jsonl
# A full one has just become the other.
line=$({ tail -n 200 "$log.1"; tail -n 200 "$log"; } 2>/dev/null |
    grep "^{\"id\":\"$1\"," | tail -n 1)
case $line in
'') printf 'unknown\n' ;;
*)
    outcome=${line#*\"outcome\":\"}
    printf 'outcome %s\n' "${outcome%%\"*}"
    ;;
esac
