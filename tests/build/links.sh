#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# links.sh CMAKE SOURCE_DIR COMPILER
#
# The names of the predecessors are installed on request only, where Debian and Red Hat look for them.
# Configuring asks nothing of a network: where this user may, it runs without one.
set -eu
cmake=$1 source=$2 compiler=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAILED: $*"; exit 1; }
offline=()
! unshare -rn true 2> /dev/null || offline=(unshare -rn)
echo "offline: ${offline[*]:-not permitted}"

installs() { # NAME CMAKE-OPTION...: what "--install" puts in the folder NAME, of both components
    local name=$1 component
    shift
    "${offline[@]}" $cmake -S "$source" -B "$work/build-$name" -DCMAKE_C_COMPILER="$compiler" \
        -DBUILD_TESTING=OFF "$@" > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
    for component in makedumpfile vmcore-dmesg; do
        DESTDIR=$work/$name $cmake --install "$work/build-$name" --component $component > /dev/null
    done
    # What they lead to is of another component.
    mkdir -p "$work/$name/usr/sbin" "$work/$name/usr/bin"
}

leads_to() { # NAME LINK PROGRAM
    [ "$(realpath -m "$work/$1/usr/$2")" = "$work/$1/usr/$3" ] || fail "$1: $2 is no link to $3"
    [[ $(readlink "$work/$1/usr/$2") != /* ]] || fail "$1: $2 is absolute"
}

installs plain -DCMAKE_INSTALL_PREFIX=/usr
[ -z "$(find "$work/plain" -type l)" ] || fail "links that nobody asked for"

installs debian -DCMAKE_INSTALL_PREFIX=/usr -DVMCULL_COMPAT_LINKS=ON
leads_to debian bin/makedumpfile sbin/vmcull
leads_to debian sbin/makedumpfile sbin/vmcull
leads_to debian sbin/vmcore-dmesg sbin/vmcull
[ ! -e "$source/man/vmcull-makedumpfile.7" ] ||
    leads_to debian share/man/man8/makedumpfile.8 share/man/man7/vmcull-makedumpfile.7
[ ! -e "$source/man/vmcull-dmesg.8" ] ||
    leads_to debian share/man/man8/vmcore-dmesg.8 share/man/man8/vmcull-dmesg.8

# Since Fedora 42 there is one folder for programs.
installs fedora -DCMAKE_INSTALL_PREFIX=/usr -DCMAKE_INSTALL_SBINDIR=bin -DVMCULL_COMPAT_LINKS=ON
leads_to fedora bin/makedumpfile bin/vmcull
leads_to fedora bin/vmcore-dmesg bin/vmcull
[ -z "$(ls "$work/fedora/usr/sbin")" ] || fail "fedora: something in sbin"
