# shellcheck shell=bash
# The file system of vm-test's machine. Its name in the cache carries a hash of this file.

machine_version() { { "$lab" packages; cat "$here/vm/machine.sh"; } | sha256sum | cut -c1-12; }

build_machine() { # FOLDER: Debian with its own kernel, and the packages that the lab wants
    local folder=$1 packages
    [ ! -d "$folder" ] || return 0
    rm -rf "$work"/machine-*
    say "building the machine's file system (about two minutes, once)"
    packages=$("$lab" packages | paste -sd,)
    mmdebstrap --quiet --variant=important --format=directory \
        --aptopt='APT::Install-Recommends "false"' --dpkgopt=force-unsafe-io \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
        --include="linux-image-amd64,systemd-sysv,$packages" \
        "$SUITE" "$folder.part" "$(debian_sources)" >"$work/build.log" 2>&1
    echo lab-machine >"$folder.part/etc/hostname"
    printf '127.0.0.1 localhost lab-machine\n' >"$folder.part/etc/hosts"
    mv "$folder.part" "$folder"
}
