#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# proof.bash NAME --program VMCULL
#
# proof.py on a dump of `lab standard`, which is made when it is not there, at all levels.
# Exit status: 77 when Debian no longer offers the kernel, or its debug information.
set -eu
name=$1
[ "${2-}" = --program ] || { sed -n '4p' "$0" >&2; exit 2; }
VMCULL=$(realpath "$3")
export VMCULL
here=$(realpath "$(dirname "$0")")
lab=$here/../../testdata/lab/lab
folder=${VMCULL_LAB:-${XDG_CACHE_HOME:-$HOME/.cache}/vmcull-lab}

if [ ! -e "$folder/out/$name/vmcore" ]; then
    status=0
    "$lab" standard "$name" || status=$?
    [ $status != 3 ] || { echo "SKIPPED $name: Debian no longer offers this kernel"; exit 77; }
    [ $status = 0 ] || { echo "the lab made no vmcore of $name: status $status"; exit 1; }
fi
"$lab" dbg "${name%%-*}" || echo "without debug information"
[ ! -x "$folder/sid/makedumpfile" ] || set -- --makedumpfile
[ "$1" = --makedumpfile ] || set --
exec "$here/proof.py" "$folder/out/$name" "$@"
