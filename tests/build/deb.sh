#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# deb.sh CPACK COMPILER BUILD_DIR
#
# Makes the packages, looks at what they say and hold, unpacks them in a folder, and from
# there runs the program, and one that is linked with the library.
set -eu
cpack=$1 compiler=$2 build=$3
for tool in dpkg dpkg-deb dpkg-shlibdeps gzip pkg-config; do
    command -v $tool > /dev/null || { echo "no $tool"; exit 77; }
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAILED: $*"; exit 1; }
field() { dpkg-deb -f "$1" "$2"; }
(cd "$work" && $cpack -G DEB --config "$build/CPackConfig.cmake" -B "$work/made" > log 2>&1) ||
    { cat "$work/log"; exit 1; }
arch=$(dpkg --print-architecture)
debs=("$work"/made/*.deb)

for deb in "${debs[@]}"; do
    name=$(field "$deb" Package)
    printf '%s: ' "$name" && stat -c '%s bytes' "$deb"
    case $name in vmcull-makedumpfile) architecture=all ;; *) architecture=$arch ;; esac
    [ "$(field "$deb" Architecture)" = $architecture ] || fail "$name: architecture"
    for wanted in Version Section Priority Maintainer Description Depends Installed-Size; do
        [ -n "$(field "$deb" $wanted)" ] || fail "$name: no $wanted"
    done
    # A synopsis in lower case without a full stop, and a text.
    field "$deb" Description | head -n 1 | grep -Eq '^[a-z].{10,60}[^.]$' || fail "$name: synopsis"
    [ "$(field "$deb" Description | wc -l)" -gt 1 ] || fail "$name: no description"

    dpkg-deb -c "$deb" > "$work/list"
    grep -q " \./usr/share/doc/$name/copyright\$" "$work/list" || fail "$name: no copyright"
    ! grep -Ev '^(drwxr-xr-x|-rw-r--r--|-rwxr-xr-x|lrwxrwxrwx) root/root ' "$work/list" || fail "$name: modes"
    ! grep -Ev ' \./usr/(|(s?bin|lib|include|share)/.*)$' "$work/list" || fail "$name: strange paths"
    ! grep -E '/man[0-9]/.*[0-9]$' "$work/list" || fail "$name: manual pages that are not compressed"
    dpkg-deb -x "$deb" "$work/root"
    dpkg-deb -e "$deb" "$work/control"
    (cd "$work/root" && md5sum --quiet -c "$work/control/md5sums") || fail "$name: sums"
done

root=$work/root
program=$root/usr/sbin/vmcull
[ -z "$(find "$root" -xtype l)" ] || fail "links to nothing: $(find "$root" -xtype l)"
! readelf -S "$program" | grep -q '\.debug_info' || fail "the program is not stripped"
"$program" --version > /dev/null
deb=$(echo "$work"/made/vmcull_*.deb)
for library in $(readelf -d "$program" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p'); do
    # dpkg knows it with or without /usr, whichever its package was made with.
    path=$(ldd "$program" | awk -v name="$library" '$1 == name {print $3}')
    path=${path#/usr}
    package=$(dpkg-query -S "$path" "/usr$path" 2> /dev/null | sed -n '1s/:.*//p') || true
    [ -n "$package" ] || { echo "of no package: $path"; continue; }
    field "$deb" Depends | grep -q "\<$package (>= " || fail "it needs $library, but not $package"
    depends=$((${depends:-0} + 1))
done
[ "${depends:-0}" -ge 3 ] || fail "nothing was found that it depends on"
for shell in bash-completion/completions/vmcull zsh/vendor-completions/_vmcull \
    fish/vendor_completions.d/vmcull.fish; do
    [ -s "$root/usr/share/$shell" ] || fail "no $shell"
done
[ -s "$root/usr/share/man/man8/vmcull-filter.8.gz" ] || fail "no manual"

# Where links are asked for, their package is what others mean by makedumpfile.
deb=$(echo "$work"/made/vmcull-makedumpfile_*.deb)
if [ -e "$deb" ]; then
    [[ $(field "$deb" Provides) == 'makedumpfile (= '* ]] || fail "it does not provide makedumpfile"
    for field in Conflicts Replaces; do
        [ "$(field "$deb" $field)" = makedumpfile ] || fail "$field"
    done
    for link in bin sbin; do
        [ "$(realpath "$root/usr/$link/makedumpfile")" = "$program" ] || fail "$link/makedumpfile"
    done
    [ ! -e "$root/usr/sbin/vmcore-dmesg" ] || fail "kexec-tools has a vmcore-dmesg as well"
else
    [ ! -e "$root/usr/bin/makedumpfile" ] || fail "nobody asked for makedumpfile"
fi

# The library, by its development files alone.
pc=$(find "$root" -name vmcull.pc)
export PKG_CONFIG_PATH=${pc%/*}
cat > "$work/user.c" << 'EOF'
#include <stdio.h>
#include <vmcull/vmcull.h>
int main(void) { return puts(vmc_version()) < 0; }
EOF
$compiler -o "$work/user" "$work/user.c" $(pkg-config --cflags --libs vmcull)
libdir=$(pkg-config --variable=libdir vmcull)
[ "$(LD_LIBRARY_PATH=$libdir "$work/user")" = "$("$program" --version | sed -n '1s/vmcull //p')" ]
ldd=$(LD_LIBRARY_PATH=$libdir ldd "$work/user")
[[ $ldd == *"$(realpath "$root")"*/libvmcull.so.0* ]] || fail "another library was taken: $ldd"
