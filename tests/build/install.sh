#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# install.sh COMPILER CMAKE SOURCE_DIR BUILD_DIR
#
# Installs into a folder and builds there, through vmcull.pc alone, a program against each library.
set -eu
compiler=$1 cmake=$2 source=$3 build=$4
command -v pkg-config > /dev/null || { echo "no pkg-config"; exit 77; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
DESTDIR=$work $cmake --install "$build" > "$work/log" || { cat "$work/log"; exit 1; }

pc=$(find "$work" -name vmcull.pc)
libdir=$(dirname "$(dirname "$pc")")
export PKG_CONFIG_PATH=${pc%/*} # which finds what it names from there

# Every header stands alone.
for header in "$source"/include/vmcull/*.h; do
    printf '#include <vmcull/%s>\n' "${header##*/}"
    printf '#include <vmcull/%s>\n' "${header##*/}" |
        $compiler -std=c11 -Wall -Wextra -Werror -fsyntax-only $(pkg-config --cflags vmcull) -x c -
done

cat > "$work/user.c" << 'EOF'
#include <stdio.h>
#include <vmcull/vmcull.h>

/* Names that the library uses inside are free for its users. */
int error_create(void);
int error_create(void) { return 0; }

int main(void)
{
	struct vmc_dump *dump = NULL;
	struct vmc_error *err = vmc_dump_open("/nonexistent", NULL, &dump);

	printf("%s\n", vmc_version());
	if (!err || dump)
		return 1;
	vmc_error_free(err);
	return error_create();
}
EOF
version=$(pkg-config --modversion vmcull)
$compiler -o "$work/shared" "$work/user.c" $(pkg-config --cflags --libs vmcull)
[ "$(LD_LIBRARY_PATH=$libdir "$work/shared")" = "$version" ]
readelf -d "$work/shared" | grep -q 'NEEDED.*libvmcull\.so\.0\]'

libs=$(pkg-config --libs --static vmcull | sed 's|-lvmcull||')
$compiler -o "$work/static" "$work/user.c" $(pkg-config --cflags vmcull) "$libdir/libvmcull.a" $libs
[ "$("$work/static")" = "$version" ]

program=$(find "$work" -type f -path '*bin/vmcull')
"$program" --version > "$work/version"
for page in "$source"/man/*.[578]; do
    [ -e "$page" ] || continue
    [ -n "$(find "$work" -path "*/man${page##*.}/${page##*/}")" ] || { echo "$page is not installed"; exit 1; }
done
for shell in bash/vmcull zsh/_vmcull fish/vmcull.fish; do
    path=$(find "$work" -path "*/share/${shell%%/*}*/*" -name "${shell#*/}")
    "$program" --completion="${shell%%/*}" | cmp - "$path" || { echo "$shell: not its completions"; exit 1; }
done
