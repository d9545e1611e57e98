#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# capture.bash KERNEL --program VMCULL --scratch FOLDER
#
# Runs the static program where it is made for: in the capture kernel of a machine that has crashed, with
# crashkernel=256M, straight from /proc/vmcore.  Its private writable memory is limited to 16 MiB by the
# kernel (RLIMIT_DATA).  What it wrote must equal, byte for byte, what it writes here from the raw copy of
# the same /proc/vmcore: with each codec it has, and with pread() as with mmap().
# Exit status: 77 when Debian no longer offers the kernel.
set -eu
kernel=$1 program='' scratch=''
shift
while [ $# -gt 1 ]; do
    case $1 in
        --program) program=$(realpath "$2") ;;
        --scratch) scratch=$2 ;;
        *) echo "capture.bash: what is $1?" >&2; exit 2 ;;
    esac
    shift 2
done
lab=$(realpath "$(dirname "$0")/../../testdata/lab")
name=$kernel-capture
out=${VMCULL_LAB:-${XDG_CACHE_HOME:-$HOME/.cache}/vmcull-lab}/out/$name

if ! file -L "$program" | grep -q 'statically linked'; then
    echo "SKIPPED: $program is not the static program of the preset capture"
    exit 77
fi
status=0
"$lab/lab" fetch "$kernel" || status=$?
[ $status != 3 ] || { echo "SKIPPED $kernel: Debian no longer offers this kernel"; exit 77; }
[ $status = 0 ]

runs='zstd:--codec=zstd lzo:-l zlib:-c pread:-l,--no-mmap level0:-l,-d,0'
commands='ulimit -d 16384'
for run in $runs; do
    commands="$commands && vmcull filter --quiet -d 31 $(echo "${run#*:}" | tr , ' ') /proc/vmcore /scratch/${run%%:*}"
done
rm -rf "$out"
"$lab/lab" make "$kernel" --name "$name" --mem 1G --crashkernel 256M --balloon 64 --scratch 1500M \
    --add "$program:bin/vmcull" --run-in-capture "$commands"
if [ "$(cat "$out/capture/run.rc")" != 0 ]; then
    cat "$out/capture/run.out" "$out/capture/run.err"
    exit 1
fi
grep maxrss "$out/capture/run.time"

mkdir -p "$scratch"
for run in $runs; do
    file=${run%%:*}
    IFS=, read -r -a options <<< "${run#*:}"
    debugfs -R "dump /$file $scratch/inside" "$out/scratch.img" 2> /dev/null
    "$program" filter --quiet --force -d 31 "${options[@]}" "$out/vmcore" "$scratch/outside"
    cmp "$scratch/inside" "$scratch/outside"
    echo "$file: $(stat -c %s "$scratch/inside") bytes, the same inside and outside"
done
rm -rf "$scratch" "$out/scratch.img"
