#!/bin/sh
# Has what an interrupted deploy left looked at now: it goes back, is finished, or is still waited
# for. What it did is printed line by line.
set -u
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$PATH
prefix=${FLEET_PREFIX-}
base=$prefix/opt/fleet
for script in "$base/.transaction/apply.sh" "$base"/.staging/done-*/apply.sh; do
    [ ! -e "$script" ] || sh "$script" watch </dev/null
done

watcher_lives() {
    pid='' since=''
    { read -r pid since <"$base/.transaction/watcher"; } 2>/dev/null
    [ -n "$since" ] &&
        [ "$(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null | awk '{ print $20 }')" = "$since" ]
}

# Without systemd it is a mere process, which somebody may have ended.
if [ ! -d "$prefix/run/systemd/system" ] && [ -e "$base/.transaction/watcher.sh" ] &&
    ! watcher_lives && cd "$base/.transaction"; then
    set -- setsid
    command -v setsid >/dev/null 2>&1 || set --
    FLEET_PREFIX=$prefix "$@" sh ./watcher.sh </dev/null >/dev/null 2>&1 &
    echo 'resumed its watch over that deploy, which somebody had ended'
fi
