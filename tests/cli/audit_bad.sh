#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Dumps that an audit cannot or should not trust: told in one line, or told and gone on with.
. "$SRCDIR/tests/cli/functions"
need python3 zstd
fixture

# Of another kernel.
sed 's/^OSRELEASE=.*/OSRELEASE=1.2.3-other/' "$SRCDIR"/vmcoreinfo/x86_64-7.2*.txt >other
run 1 audit -i other vmcore
said 'is of kernel 1.2.3-other, but the dump is of'

# Without the memory map.
run 0 info --json vmcore
cp vmcore nomap
python3 - <<'PYTHON' || fail "cannot cut the memory map out"
import subprocess, os, re
# Struct pages are where most of the reads of an audit go.
vmcull = os.environ["VMCULL"]
subprocess.run([vmcull, "audit", "--no-btf", "--no-mmap", "--trace-reads", "reads", "vmcore"],
               check=True, stdout=subprocess.DEVNULL)
with open("nomap", "r+b") as file:
    for line in open("reads"):
        offset, size = line.split()
        if int(size) >= 65536:
            file.seek(int(offset, 0))
            file.write(b"\xff" * int(size))
PYTHON
run 1 audit nomap
said 'memory map'

# Counters that are read at the wrong place: findings, and filter --strict refuses.
echo 'NUMBER(NR_FREE_PAGES)=1' >wrong
run 4 audit -i wrong --check=error vmcore
grep -q '^error: free-total: the kernel counts ' out || fail "no word of the total"
run 0 filter -q -i wrong vmcore dump
grep -q '^vmcull: warning: .*free pages found, but the kernel counts' err || fail "no warning"
rm dump
run 1 filter -q --strict -i wrong vmcore dump
grep -q 'refused by --strict' err || fail "not refused"
[ ! -e dump ] || fail "a refused dump was written"
run 0 filter -q --strict vmcore dump

# Pages that are left out by name only need what tells of them.
run 1 filter -q --force --exclude=free-pcp vmcore dump
grep -q 'free-pcp pages cannot be left out' err || fail "no reason"
run 0 filter -q --force --exclude=offline,offline-section vmcore dump
