#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# layers.sh COMPILER SOURCE_DIR BUILD_DIR
#
# An include against the direction of the layers must not compile.  For every pair of layers one of
# the other's headers, private and public, is included with exactly the include folders that the
# build gives to the layer: it must be found when the layer USES the other, and only then.
set -eu
compiler=$1 source=$2 build=$3

includes_of() { # layer: its -I options, taken from the compile command of one of its files
    grep -o "\"command\": \".*/src/$1/[^/]*\.c\"" "$build/compile_commands.json" | head -n 1 |
        grep -oE -- '-I *[^ ]+/layers/[a-z]+' | tr '\n' ' '
}

compiles() { # include-text includes...
    printf '#include %s\n' "$1" |
        $compiler -std=gnu11 -D_GNU_SOURCE -fsyntax-only "${@:2}" -x c - 2> "$log"
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
declare -A uses
while read -r layer rest; do
    uses[$layer]=" $layer $rest "
done < "$build/layers/uses.txt"

failures=0 refused=0 allowed=0
for layer in "${!uses[@]}"; do
    read -ra includes <<< "$(includes_of "$layer")"
    [ ${#includes[@]} -gt 0 ] || { echo "no compile command of layer $layer"; exit 1; }
    for other in "${!uses[@]}"; do
        while read -r header; do
            case "${uses[$layer]}" in *" $other "*) may=yes ;; *) may=no ;; esac
            if compiles "$header" "${includes[@]}"; then did=yes; else did=no; fi
            if [ $may != $did ]; then
                echo "$layer includes $header: may it? $may; does it compile? $did"
                cat "$log"
                failures=$((failures + 1))
            elif [ $may = no ] && ! grep -qE "${header//[\"<>]/}.*(No such file|not found)" "$log"; then
                echo "$layer includes $header: refused for another reason"
                cat "$log"
                failures=$((failures + 1))
            elif [ $may = no ]; then
                refused=$((refused + 1))
            else
                allowed=$((allowed + 1))
            fi
        done < <(cd "$source/src" && ls "$other"/*.h 2> /dev/null | sed 's/.*/"&"/'
                 cd "$build/layers/$other" && ls vmcull/*.h 2> /dev/null | sed 's/.*/<&>/')
    done
done
echo "$allowed includes allowed, $refused refused, $failures wrong"
[ $failures = 0 ] && [ $refused -gt 0 ] && [ $allowed -gt 0 ]
