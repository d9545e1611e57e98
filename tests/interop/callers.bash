#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# callers.bash KERNEL --program VMCULL --scratch FOLDER [--reference]
#
# In the capture kernel of a machine that has crashed, with crashkernel=256M, distributions save the dump,
# each in its own way: Debian's kdump-config from its package as it is, and the command lines of Red Hat and
# SUSE (callers/). makedumpfile and vmcore-dmesg are links to the program. What was saved comes out on a
# disk: dumps have to have the pages that vmcull filter keeps of the raw copy of the same /proc/vmcore,
# and messages have to be those of the guest.
# --reference: the two programs are those of Debian, which shows that the scripts here are right.
# Exit status: 77 when Debian no longer offers the kernel or kdump-tools, or this machine lacks a tool.
set -eu
kernel=$1 program='' scratch='' reference=''
shift
while [ $# -gt 0 ]; do
    case $1 in
        --program) program=$(realpath "$2"); shift ;;
        --scratch) scratch=$2; shift ;;
        --reference) reference=yes ;;
        *) echo "callers.bash: what is $1?" >&2; exit 2 ;;
    esac
    shift
done
here=$(realpath "$(dirname "$0")")
lab=$here/../../testdata/lab
work=${VMCULL_LAB:-${XDG_CACHE_HOME:-$HOME/.cache}/vmcull-lab}
name=$kernel-callers${reference:+-reference}
out=$work/out/$name
for tool in dash bash debugfs timeout; do
    command -v $tool > /dev/null || { echo "SKIPPED: no $tool"; exit 77; }
done

status=0
"$lab/lab" fetch "$kernel" || status=$?
[ $status != 3 ] || { echo "SKIPPED $kernel: Debian no longer offers this kernel"; exit 77; }
[ $status = 0 ]
"$lab/lab" unpack kdump-tools sysvinit-utils || status=$?
[ $status != 3 ] || { echo "SKIPPED: Debian no longer offers kdump-tools"; exit 77; }
[ $status = 0 ]

# The names under which scripts of either family look for the programs.
if [ -n "$reference" ]; then
    add=(--add "$(command -v makedumpfile):bin/makedumpfile" --add /usr/sbin/vmcore-dmesg:sbin/vmcore-dmesg)
    # Its threads end with a library that it is not linked with.
    libgcc=$(ldconfig -p | awk '$1 == "libgcc_s.so.1" && /x86-64/ {print $NF; exit}')
    add+=(--add "$libgcc:$libgcc")
    links="ln -s /bin/makedumpfile /sbin/makedumpfile && export LD_PRELOAD=$libgcc"
else
    add=(--add "$program:bin/vmcull")
    links='ln -s vmcull /bin/makedumpfile && ln -s /bin/vmcull /sbin/makedumpfile &&
        ln -s /bin/vmcull /sbin/vmcore-dmesg'
fi
package=$work/pkg/kdump-tools
functions=$(find "$work/pkg/sysvinit-utils" -path '*/lsb/init-functions')
for shell in dash bash; do
    add+=(--add "$(realpath "$(command -v $shell)"):bin/$shell")
done
add+=(--add "$package/usr/sbin/kdump-config:usr/sbin/kdump-config" --add "$functions:lib/lsb/init-functions"
    --add "$package/usr/share/kdump-tools/kdump-tools.conf:etc/default/kdump-tools")
commands="mkdir -p /var /sbin && ln -s /scratch /var/crash && $links && export REFERENCE=$reference"
for caller in debian redhat suse; do
    add+=(--add "$here/callers/$caller:bin/as-$caller")
    # Each tells how it ended; none keeps the next one from its turn.
    commands="$commands && { as-$caller > /scratch/$caller.log 2>&1; echo \$? > /scratch/$caller.rc; }"
done
rm -rf "$out"
"$lab/lab" make "$kernel" --name "$name" --mem 1G --crashkernel 256M --balloon 64 --scratch 3G --timeout 600 \
    "${add[@]}" --run-in-capture "$commands"

rm -rf "$scratch" && mkdir -p "$scratch"
debugfs -R "rdump / $scratch" "$out/scratch.img" > "$scratch/debugfs" 2>&1
cd "$scratch"
failures=0
for caller in debian redhat suse; do
    [ "$(cat $caller.rc)" != 0 ] || continue
    echo "$caller ended with $(cat $caller.rc):"
    tail -n 30 $caller.log
    failures=1
done
[ $failures = 0 ] || exit 1

# Flattened ones are put together by Debian's makedumpfile where there is one: it must understand them.
put_together=$(command -v makedumpfile || true)
for file in debian/first/dump debian/second/dump redhat/vmcore.flat suse/zlib suse/lzo suse/elf; do
    [ "$(head -c 12 $file)" = makedumpfile ] || { echo "$file is not flattened"; exit 1; }
    if [ -n "$put_together" ]; then
        "$put_together" -R $file.whole < $file > /dev/null
    else
        (exec -a makedumpfile "$program" -R $file.whole) < $file > /dev/null
    fi
done
for like in 31 17 0; do
    "$program" filter --quiet --force -c -d $like "$out/vmcore" like-$like
done
compare() { # LEVEL FILE...
    local status=0 level=$1
    shift
    "$here/compare_saved.py" "$out/vmcore" "$([ -n "$reference" ] && echo - || echo like-$level)" "$@" || status=$?
    [ $status != 77 ] || { echo "SKIPPED: no drgn to read the dumps"; exit 77; }
    [ $status = 0 ] || failures=1
}
compare 31 debian/first/dump.whole redhat/vmcore redhat/vmcore.flat.whole redhat/vmcore.raw suse/zlib.whole \
    suse/elf.whole
compare 17 debian/second/dump.whole
compare 0 suse/lzo.whole

# The last words of the guest before it crashed are in each log, some with the thread that spoke.
sed 's/^<[0-9]*>//' "$out/truth/dmesg.txt" | tail -n 20 > last
for file in debian/first/dmesg redhat/vmcore-dmesg.txt suse/dmesg.txt; do
    sed 's/^\(\[[^]]*\]\) \[ *[TC][0-9]*\]/\1/' $file > lines
    missing=$(grep -cvxFf lines last) || true
    [ "$missing" = 0 ] || { echo "$file lacks $missing of 20 lines"; failures=1; }
done
cmp debian/first/dmesg debian/second/dmesg || failures=1
cmp debian/first/dmesg suse/dmesg.txt || failures=1
read -r release time < suse/facts
grep -qx "OSRELEASE=$release" "$out/vmcoreinfo.txt" && grep -qx "CRASHTIME=$time" "$out/vmcoreinfo.txt" ||
    { echo "SUSE read $release and $time"; failures=1; }
[ $failures = 0 ] || exit 1
cd / && rm -rf "$scratch" "$out/scratch.img"
