#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# makedumpfile -e: what is left of the memory map, and that the dump says so wherever it goes.
. "$SRCDIR/tests/cli/makedumpfile_functions"
need python3
need zstd
fixture

# left_out FULL PARTIAL COUNT: so many pages fewer, and the status has bit 0x10.
left_out()
{
	python3 - "$@" <<'PYTHON'
import struct, sys
def read(path):
    data = open(path, "rb").read()
    status, block, sub_blocks, bitmap_blocks = struct.unpack_from("<IIII", data, 424)
    half = block * bitmap_blocks // 2
    second = block * (1 + sub_blocks) + half
    return status, int.from_bytes(data[second:second + half], "little")
(status, full), (marked, partial) = map(read, sys.argv[1:3])
assert not status & 0x10 and marked == status | 0x10, (status, marked)
assert not partial & ~full, "there are pages that were not there"
count = bin(full).count("1") - bin(partial).count("1")
assert count == int(sys.argv[3]) > 0, count
PYTHON
}

mdf 0 -l -d 31 vmcore full
mdf 0 -e --work-dir . -l -d 31 vmcore partial
grep -Eq '^Excluded [0-9]+ unused vmemmap pages$' out || fail "it does not tell how many"
count=$(sed -n 's/^Excluded \([0-9]*\) unused vmemmap pages$/\1/p' out)
left_out full partial "$count" || fail "what was left out is something else"
[ "$(stat -c %s partial)" -lt "$(stat -c %s full)" ] || fail "it is not smaller"
mdf 0 --dry-run --message-level 16 -l -d 31 vmcore other
remaining=$(sed -n 's/^  Remaining pages  *: //p' out)
mdf 0 --dry-run --message-level 16 -e --work-dir . -l -d 31 vmcore other
[ $((remaining - $(sed -n 's/^  Remaining pages  *: //p' out))) = "$count" ] ||
	fail "the report does not count them"

# Other ways to the same dump.
mdf 0 -e --work-dir . --split -l -d 31 vmcore part1 part2
mdf 0 --reassemble part1 part2 joined
cmp joined partial || fail "--split and --reassemble: not the dump"
makedumpfile -e --work-dir . -F -l -d 31 vmcore >flat 2>err || fail "-F failed"
makedumpfile -R ordered <flat >out 2>err || fail "-R failed"
cmp ordered partial || fail "-F and -R: not the dump"
mdf 0 -e --work-dir . -E -d 31 vmcore elf

# Who reads it is told, and loses nothing that is there.
run 0 info partial
grep -q '^partial map  *yes' out || fail "info does not tell"
run 0 info --json part1 part2
[ "$(json 'd["history"]["partial_map"]')" = True ] || fail "info of parts does not tell"
run 0 info --json full
[ "$(json 'd["history"]["partial_map"]')" = False ] || fail "info tells what is not so"
status=0
"$VMCULL" filter -q -d 31 -l partial again 2>err || status=$?
check_sanitizers
[ $status = 0 ] || [ $status = 3 ] || fail "filtered again: status $status"
grep -q 'memory map .*cannot be read: they are kept' err || fail "filtered again: it is not told"
left_out full again "$count" || fail "filtered again it has other pages"

# Where it cannot be done there is a dump all the same.
zstd -dcq --long=27 "$SRCDIR/testdata/arch/arm64-61/vmcore.zst" >arm64 || fail "cannot unpack"
mdf 0 -l -d 31 arm64 full-arm64
mdf 0 -e --work-dir . -l -d 31 arm64 partial-arm64
grep -q 'makedumpfile: -e: all of the memory map is in the dump: the machine is no x86_64' err ||
	fail "it does not tell that it cannot"
cmp full-arm64 partial-arm64 || fail "on another machine it is another dump"

need_command verify convert
run 0 verify --against=vmcore partial
run 0 verify --against=vmcore elf
run 0 convert -q partial copy
cmp copy partial || fail "a copy is something else"
