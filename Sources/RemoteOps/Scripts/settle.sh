#!/bin/sh
# Has what an interrupted deploy left looked at now: it goes back, is finished, or is still waited
# for. What it did is printed line by line.
set -u
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$PATH
base=${FLEET_PREFIX-}/opt/fleet
for script in "$base/.transaction/apply.sh" "$base"/.staging/done-*/apply.sh; do
    [ ! -e "$script" ] || sh "$script" watch </dev/null
done
