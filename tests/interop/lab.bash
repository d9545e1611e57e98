#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# lab.bash KERNEL --program VMCULL --scratch FOLDER
#
# Lets a kernel crash in QEMU, takes its vmcore (or takes the one that is there), gets the kernel's debug
# information where Debian has it, and runs every script of this folder on the dump; of other machines than
# x86_64, those that need no second reader of ours.
# Exit status: 77 when Debian no longer offers the kernel.
set -eu -o pipefail
kernel=$1 program='' scratch=''
shift
while [ $# -gt 1 ]; do
    case $1 in
        --program) program=$(realpath "$2") ;;
        --scratch) scratch=$2 ;;
        *) echo "lab.bash: what is $1?" >&2; exit 2 ;;
    esac
    shift 2
done
here=$(realpath "$(dirname "$0")")
lab=$here/../../testdata/lab/lab
out=${VMCULL_LAB:-${XDG_CACHE_HOME:-$HOME/.cache}/vmcull-lab}/out/$kernel

debug=$kernel
case $kernel in
    k72b) recipe=standard scripts=qemu debug=k72 ;;
    k*) recipe=standard scripts='' ;;
    *)
        recipe=arches
        scripts='audit audit_kernel defective dmesg explain foreign kpageflags levels map_only old_formats qemu seek'
        machine=${kernel%%-*}
        "$(dirname "$lab")/foreign" tools "$machine" || echo "without tools of $machine: what needs them is skipped"
        ;;
esac

if [ ! -e "$out/vmcore" ]; then
    status=0
    "$lab" $recipe "$kernel" || status=$?
    [ $status != 3 ] || { echo "SKIPPED $kernel: Debian no longer offers this kernel"; exit 77; }
    [ $status = 0 ] || { echo "the lab made no vmcore of $kernel: status $status"; exit 1; }
fi
"$lab" dbg "$debug" || echo "without debug information: what needs it is skipped"

rm -rf "$scratch"
mkdir -p "$scratch"
if VMCULL=$program "$here/run_lab" -l "$scratch" -s "$scripts" "$out" | tee "$scratch/summary"; then
    rm -rf "$scratch"
    exit 0
fi
while read -r name script result _; do
    [ "$result" != FAILED ] || { echo "--- $script"; tail -n 60 "$scratch/$name.$script"; }
done < "$scratch/summary"
exit 1
