#!/bin/sh
# Has the watch look every 2 s, on hosts without systemd, until there is no transaction left.
set -u
base=${FLEET_PREFIX-}/opt/fleet
cd / || exit 1
# For who looks whether it was ended; the folder goes with the transaction.
# shellcheck disable=SC2086 # split at the blanks
{ read -r stat </proc/$$/stat && stat=${stat##*) } && set -- $stat; } 2>/dev/null
echo "$$ ${20-}" >"$base/.transaction/watcher"
while :; do
    sleep 2
    found=''
    for script in "$base/.transaction/apply.sh" "$base"/.staging/done-*/apply.sh; do
        [ -e "$script" ] || continue
        found=yes
        sh "$script" watch
    done
    [ -n "$found" ] || exit 0
done
