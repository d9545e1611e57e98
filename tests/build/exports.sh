#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# exports.sh NM SOURCE_DIR SHARED STATIC
#
# Both libraries define, for others to link with, the functions that the public headers declare with
# VMC_API: all of them and nothing else.
set -eu
nm=$1 source=$2 shared=$3 static=$4

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A declaration may go on over several lines: join them up to the semicolon.
grep -hv '^#' "$source"/include/vmcull/*.h | tr '\n' ' ' | grep -oE 'VMC_API [^;(]*\(' |
    grep -oE '[a-z_0-9]+\($' | tr -d '(' | sort > "$work/declared"
$nm --dynamic --defined-only --extern-only "$shared" | awk 'NF == 3 {print $3}' | sort > "$work/shared"
$nm --defined-only --extern-only "$static" | awk 'NF == 3 {print $3}' | sort > "$work/static"

[ -s "$work/declared" ] || { echo "no declarations found"; exit 1; }
status=0
for library in shared static; do
    diff -u "$work/declared" "$work/$library" || status=1
done
if grep -v '^vmc_' "$work/declared"; then
    echo "public, but not named vmc_…"
    status=1
fi
echo "$(wc -l < "$work/declared") functions"
exit $status
