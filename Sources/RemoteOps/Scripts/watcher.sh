#!/bin/sh
# Has the watch look every 2 s, on hosts without systemd, until there is no transaction left.
set -u
base=${FLEET_PREFIX-}/opt/fleet
cd / || exit 1
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
