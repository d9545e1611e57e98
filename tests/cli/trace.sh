#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# --trace-reads: the format of vmcull(5), inside the file, and less than all of it.
. "$SRCDIR/tests/cli/functions"
need python3
fixture

check_trace()
{
	python3 - "$1" vmcore <<'PYTHON' || fail "the list of reads"
import os, re, sys
size = os.stat(sys.argv[2]).st_size
before, covered = (0, 0), bytearray(size // 4096 + 1)
for number, line in enumerate(open(sys.argv[1]), 1):
    match = re.fullmatch("(0x[0-9a-f]+) ([1-9][0-9]*)\n", line)
    assert match, f"line {number}: {line!r}"
    start, end = int(match[1], 16), int(match[1], 16) + int(match[2])
    assert end <= size, f"line {number}: behind the end of the file"
    assert number == 1 or not before[0] <= start <= before[1], f"line {number}: not merged"
    before = start, end
    covered[start // 4096:(end - 1) // 4096 + 1] = b"\1" * ((end - 1) // 4096 + 1 - start // 4096)
assert number > 10, "nearly nothing was read"
assert 0.01 < sum(covered) / len(covered) < 0.7, f"{sum(covered)} of {len(covered)} pages read"
PYTHON
}

run 0 filter -q --trace-reads=trace vmcore result
check_trace trace
run 0 filter -qf --no-mmap --trace-reads=trace vmcore result
check_trace trace
only_files result trace vmcore
rm trace

# The list is whole also when the run fails, here after looking for a kernel in all of its memory.
make_elf no-kernel
run 1 filter --trace-reads=trace no-kernel no-result
end=$(sed '$!d' trace | { read -r offset size; echo $((offset + size)); })
[ "$end" -eq "$(stat -c %s no-kernel)" ] || fail "the last read ends at $end"
rm -f trace no-kernel

if [ -c /dev/full ]; then
	run 1 filter -qf --trace-reads=/dev/full vmcore result
	said "/dev/full: No space left on device"
fi
