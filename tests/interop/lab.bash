#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# lab.bash KERNEL OPTIONS...
#
# Lets a kernel crash in QEMU, takes its vmcore through kdump (or takes the one that is there) and runs
# every script of this folder on it; OPTIONS are --program and --scratch of ../run.
# Exit status: 77 when Debian no longer offers the kernel.
set -eu
kernel=$1
shift
here=$(realpath "$(dirname "$0")")
lab=$here/../../testdata/lab/lab
out=${VMCULL_LAB:-${XDG_CACHE_HOME:-$HOME/.cache}/vmcull-lab}/out/$kernel

if [ ! -e "$out/vmcore" ]; then
    status=0
    "$lab" standard "$kernel" || status=$?
    [ $status != 3 ] || { echo "SKIPPED $kernel: Debian no longer offers this kernel"; exit 77; }
    [ $status = 0 ] || { echo "the lab made no vmcore of $kernel: status $status"; exit 1; }
fi

passed='' failed=''
for script in "$here"/*.sh; do
    echo "--- ${script##*/}"
    status=0
    "$here/../run" "$@" --vmcore "$out/vmcore" --truth "$out/truth" "$script" || status=$?
    case $status in
        0) passed="$passed ${script##*/}" ;;
        77) ;;
        *) failed="$failed ${script##*/}" ;;
    esac
done
echo "--- $kernel: passed:$passed; failed:${failed:- none}"
[ -z "$failed" ] && [ -n "$passed" ]
