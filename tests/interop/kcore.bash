#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kcore.bash KERNEL --program VMCULL --scratch FOLDER
#
# Audits a running machine: the program reads /proc/kcore inside the guest, while the guest runs.  What it
# says is held against what the guest's /proc/zoneinfo and /proc/meminfo say right before and after; lists
# that move under the walk may be noted, but are no finding.  So are the table of makedumpfile --mem-usage,
# and the log.
# Exit status: 77 when Debian no longer offers the kernel.
set -eu
kernel=$1 program='' scratch=''
shift
while [ $# -gt 1 ]; do
    case $1 in
        --program) program=$(realpath "$2") ;;
        --scratch) scratch=$2 ;;
        *) echo "kcore.bash: what is $1?" >&2; exit 2 ;;
    esac
    shift 2
done
here=$(realpath "$(dirname "$0")")
lab=$here/../../testdata/lab
name=$kernel-kcore
out=${VMCULL_LAB:-${XDG_CACHE_HOME:-$HOME/.cache}/vmcull-lab}/out/$name

status=0
"$lab/lab" fetch "$kernel" || status=$?
[ $status != 3 ] || { echo "SKIPPED $kernel: Debian no longer offers this kernel"; exit 77; }
[ $status = 0 ]

mkdir -p "$scratch"
cat "$lab/guest/workload-min" - > "$scratch/workload" << 'END'
cat /proc/meminfo > /truth/kcore-meminfo
cat /proc/zoneinfo > /truth/kcore-zoneinfo-before
for run in json:--json fast:--json,--fast no-btf:--json,--no-btf zero:--json,--zero ranges:--ranges; do
    vmcull audit $(echo "${run#*:}" | tr , ' ') /proc/kcore \
        > /truth/kcore-${run%%:*} 2> /truth/kcore-${run%%:*}.err
    echo $? > /truth/kcore-${run%%:*}.status
done
vmcull estimate --json --codec=lzo --levels=0,31 /proc/kcore \
    > /truth/kcore-estimate 2> /truth/kcore-estimate.err
echo $? > /truth/kcore-estimate.status
vmcull explain --json /proc/kcore 4096 > /truth/kcore-explain 2> /truth/kcore-explain.err
echo $? > /truth/kcore-explain.status
vmcull makedumpfile --mem-usage /proc/kcore > /truth/kcore-usage 2> /truth/kcore-usage.err
echo $? > /truth/kcore-usage.status
dmesg > /truth/kcore-dmesg-guest
vmcull dmesg --no-caller /proc/kcore > /truth/kcore-dmesg 2> /truth/kcore-dmesg.err
echo $? > /truth/kcore-dmesg.status
vmcull audit --check /proc/kcore > /truth/kcore-text 2>&1
echo $? > /truth/kcore-text.status
cat /proc/zoneinfo > /truth/kcore-zoneinfo-after
END
rm -rf "$out"
"$lab/lab" make "$kernel" --name "$name" --mem 512M --qemu-dump --formats elf \
    --workload "$scratch/workload" --add "$program:bin/vmcull"
cat "$out/truth/kcore-text"
"$here/check_kcore.py" "$out/truth"
rm -rf "$scratch"
