#!/bin/sh
# Puts the files of a transfer into releases. Nothing that runs is touched.
#
# Runs in the folder that the transfer was unpacked into: `releases/SERVICE/ID/…`, `reuse` (lines
# `SERVICE RELEASE OLD-RELEASE OLD-PATH PATH`, files that another release has already), `verify` (lines
# `SERVICE RELEASE UNIT`, on systemd hosts), `units/`, units that are to be installed beside the
# releases that are there, and `about/SERVICE`, what is to be noted of a release (members of a JSON
# object), and `groups` (lines `SERVICE RELEASE user|group NAME`) of services that do not run as root.
# Leaves `placed` (lines `SERVICE RELEASE`): releases that are whole, seen here and moved as they were.
set -u
LC_ALL=C
export LC_ALL
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$PATH
prefix=${FLEET_PREFIX-}
base=$prefix/opt/fleet
here=$(pwd)

fail() {
    printf 'fleet: %s\n' "$*" >&2
    cd / && rm -rf "$here"
    exit 1
}

# Where a test may look in.
# shellcheck disable=SC1091
if [ -e points.sh ]; then . ./points.sh; fi

# The last file of every transfer: a stream that breaks off may still unpack without an error.
[ -e complete ] || fail "the transfer breaks off"

# What others left: of a transfer or a run that was cut off the process is gone, or is another one
# by now; what was staged and never carried out is of another boot, or an hour old.
start_time() { # pid: as in lock.sh
    stat=
    { read -r stat <"/proc/$1/stat"; } 2>/dev/null
    # shellcheck disable=SC2086 # split at the blanks
    set -- ${stat##*) }
    printf '%s' "${20-}"
}
this_boot=unknown
{ read -r this_boot </proc/sys/kernel/random/boot_id; } 2>/dev/null
for folder in ../*/; do
    boot=$this_boot
    # Empty after a power cut that came before it was synced.
    if [ -f "${folder}staged" ]; then read -r boot <"${folder}staged"; fi
    if [ -f "${folder}stager" ]; then
        read -r pid since <"${folder}stager"
        if [ -z "$since" ] || [ "$(start_time "$pid")" != "$since" ]; then rm -rf "$folder"; fi
    elif [ "$boot" != "$this_boot" ] || [ -n "$(find "$folder" -prune -mmin +60 2>/dev/null)" ]; then
        rm -rf "$folder"
    else
        # Empty: all that a power cut left of one. What is filled stays.
        rmdir "$folder" 2>/dev/null
    fi
done

# The name of a release is the hash of the list of its files, so that it tells whether it is whole.
# shellcheck disable=SC1091
. ./upkeep.sh
whole_releases() { # says what is wrong
    for folder in releases/*/*; do
        [ -d "$folder" ] || continue
        is_whole "$folder" "${folder##*/}" && continue
        echo "the files of $folder are not those that it is named after"
        return 1
    done
}

sync_here() { sync -f . 2>/dev/null || sync; }

take_over() { # folder, files that get the same names there
    [ $# -gt 1 ] || return 0
    [ -d "$1" ] || mkdir -p "$1" || fail "cannot make the folder $1"
    into=$1
    shift
    ln "$@" "$into" 2>/dev/null && return
    for source in "$@"; do
        [ -e "$into/${source##*/}" ] || cp -p "$source" "$into" || fail "cannot take $source over"
    done
}

# A release may have thousands of files: those that lie side by side take one process.
reuse() {
    folder=
    set --
    while read -r service release old from path; do
        source=$base/$service/releases/$old/$from
        target=releases/$service/$release/$path
        if [ "${target%/*}" != "$folder" ] || [ $# -ge 200 ]; then
            take_over "$folder" "$@"
            folder=${target%/*}
            set --
        fi
        if [ "${from##*/}" = "${path##*/}" ]; then
            set -- "$@" "$source"
        else
            mkdir -p "$folder" || fail "cannot make the folder $folder"
            ln "$source" "$target" 2>/dev/null || cp -p "$source" "$target" ||
                fail "cannot take $path over from release $old of $service"
        fi
    done <reuse
    take_over "$folder" "$@"
}
reuse

verify_units() { # says what systemd has against them
    mkdir check
    # shellcheck disable=SC2094 # `verify` is systemd-analyze's verb there, not the file
    while read -r service release unit; do
        # The unit names `current`, which still is the old release, or nothing at all.
        sed "s#/opt/fleet/$service/current#$here/releases/$service/$release#g" \
            "releases/$service/$release/unit/$unit" >"check/$unit"
        accepts "$unit" || return 1
    done <verify
    for unit in units/*; do
        [ -f "$unit" ] || continue
        cp "$unit" "check/${unit#units/}" && accepts "${unit#units/}" || return 1
    done
}

# File by file: it may be the release in use, and a power cut may come at any time.
mend() { # whole folder, damaged folder of the same release
    (cd "$1" && find . -type d) | while read -r path; do
        [ -d "$2/$path" ] || rm -f "${2:?}/$path"
        mkdir -p "$2/$path" || exit 1
    done &&
        (cd "$2" && find . ! -type d) | while read -r path; do
            [ -e "$1/$path" ] || rm -f "${2:?}/$path" || exit 1
        done &&
        (cd "$1" && find . ! -type d) | while read -r path; do
            [ ! -d "$2/$path" ] || rm -rf "${2:?}/$path"
            # Taken over from there, and good. dash and ash both know -ef.
            # shellcheck disable=SC3013
            [ ! "$1/$path" -ef "$2/$path" ] || continue
            mv -f "$1/$path" "$2/$path" || exit 1
        done
}

accepts() { # unit in check/
    unit=$1
    if ! systemd-analyze verify --man=no "$here/check/$unit" >"check/said" 2>&1 </dev/null; then
        printf 'systemd refuses %s: %s\n' "$unit" "$(cat check/said)"
        return 1
    fi
    # systemd only warns of an assignment that it does not know; here it is a mistake.
    if grep -q "^$here/check/$unit:" check/said; then
        printf 'systemd warns of %s: %s\n' "$unit" "$(grep "^$here/check/$unit:" check/said)"
        return 1
    fi
}

# The hashes, systemd's opinion and the disk each take their time; together they take the longest.
sync_here &
verifying=
if { [ -s verify ] || [ -d units ]; } && command -v systemd-analyze >/dev/null 2>&1; then
    verify_units >refused 2>&1 &
    verifying=$!
fi
whole_releases >damaged 2>&1
intact=$?
[ -z "$verifying" ] || wait "$verifying"
accepted=$?
wait
[ "$intact" = 0 ] || fail "the transfer is damaged: $(cat damaged)"
[ "$accepted" = 0 ] || fail "$(cat refused)"

# A configuration file that only its group may read is for the service: root owns it, and the
# service's group reads it.
[ -e groups ] || : >groups # no such services at all
while read -r service release kind name; do
    [ "$kind" = group ] || name=$(id -g "$name" 2>/dev/null) || fail "$service: there is no such user"
    [ ! -d "releases/$service/$release/config" ] ||
        find "releases/$service/$release/config" -type f -perm -040 ! -perm -004 \
            -exec chgrp "$name" {} + || fail "cannot give $service's configuration to its group"
done <groups

note_origin() { # service release: beside it, for it is named by what is in it
    [ -f "about/$1" ] || return 0
    about=$base/$1/releases/$2.about
    read -r members <"about/$1"
    printf '{"time":%s,%s}\n' "$(date +%s)" "$members" >"$about.new" &&
        mv -f "$about.new" "$about"
}

for folder in releases/*/*; do
    [ -d "$folder" ] || continue
    service=${folder#releases/}
    release=${service#*/}
    service=${service%%/*}
    [ -d "$base/$service/releases" ] || mkdir -p "$base/$service/releases" ||
        fail "cannot make $base/$service/releases"
    # A release is named by its content, so one that is there already is either the same or broken.
    # Another deploy may place it at this moment: moved under its own name into the folder above, it
    # never ends up within the other's.
    if ! [ -d "$base/$service/releases/$release" ] &&
        moved=$(mv "$folder" "$base/$service/releases" 2>&1); then
        echo "$service $release" >>placed
    elif [ -d "$base/$service/releases/$release" ]; then
        mend "$folder" "$base/$service/releases/$release" ||
            fail "cannot mend the damaged release $release of $service"
    else
        fail "cannot place release $release: $moved"
    fi
    note_origin "$service" "$release" || fail "cannot note where release $release came from"
done
sync -f "$base" 2>/dev/null || sync
printf '%s\n' "$this_boot" >staged
# The same process may go on to the steps.
[ "${1-}" = goes-on ] || rm -f stager
printf 'staged\n'
