#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What is given to makedumpfile beside a dump, damaged or of others: parts, rules, debug information.
. "$SRCDIR/tests/cli/makedumpfile_functions"
need python3 timeout
fixture

# hostile STATUS ARGUMENT...: ends in time, with one line that tells why, and leaves no file "other".
hostile()
{
	wanted=$1
	shift
	status=0
	timeout 10 makedumpfile "$@" >out 2>err </dev/null || status=$?
	check_sanitizers
	[ $status -eq "$wanted" ] || fail "makedumpfile $*: exit status $status, not $wanted"
	[ "$wanted" = 0 ] || grep -q '^makedumpfile: ' err || fail "makedumpfile $*: without a word"
	for file in other*; do
		[ "$wanted" = 0 ] || [ ! -e "$file" ] || fail "makedumpfile $*: $file is left"
	done
	rm -f other*
}

# Parts: one missing, of another dump, twice, cut off, with a larger page than there can be.
mdf 0 --split -l -d 31 vmcore part1 part2 part3
mdf 0 --split -l -d 1 vmcore foreign1 foreign2
hostile 1 --reassemble other
hostile 1 --reassemble part1 other
hostile 1 --reassemble part1 part3 other
hostile 1 --reassemble part1 part1 part2 other
hostile 1 --reassemble part1 foreign2 other
hostile 1 --reassemble part1 part2 nothing other
hostile 1 --reassemble vmcore vmcore other
head -c 10000 part2 >cut
hostile 1 --reassemble part1 cut part3 other
head -c 100 /dev/zero >zeros
hostile 1 --reassemble part1 zeros part3 other
hostile 0 --reassemble part3 part1 part2 other
python3 - <<'PYTHON'
import struct
part = bytearray(open("part2", "rb").read())
block, sub, bitmaps = struct.unpack_from("<III", part, 428)
table = block * (1 + sub + bitmaps)
for at in range(table, table + 24 * 4, 24):
    struct.pack_into("<I", part, at + 8, 0x7fffff00)
open("enlarged", "wb").write(part)
PYTHON
status=0
timeout 10 makedumpfile --reassemble part1 enlarged part3 other >out 2>err || status=$?
check_sanitizers
[ $status = 1 ] || fail "a part with enlarged pages: exit status $status"
grep -q 'its size is not 1 to the size of a page' err || fail "a part with enlarged pages is not told of"
# The pages that are left are saved.
[ ! -e other ] || pages_in other >/dev/null
rm -f other

# Rules of what is to be erased.
printf '[vmlinux]\nerase %s\n' "$(python3 -c 'print(".".join("a" * 5000))')" >deep
python3 -c 'print("[vmlinux]\n" + "for a in b.c\n" * 2000 + "erase a\n" + "endfor\n" * 2000)' >nested
python3 -c 'print("[vmlinux]\n" + "erase " + "x" * 900000)' >long
printf '[vmlinux]\nfor t in init_task.tasks within task_struct:tasks\n' >open
printf '[nowhere]\nerase a\n' >module
printf 'erase a\n' >headless
head -c 100000 part1 >binary
for config in deep nested long open binary nothing .; do
	status=0
	timeout 10 makedumpfile --config $config -l -d 31 vmcore other >out 2>err </dev/null || status=$?
	check_sanitizers
	[ $status -le 1 ] || fail "--config $config: exit status $status"
	grep -q '^makedumpfile: ' err || fail "--config $config: nothing is said"
	[ $status = 0 ] || [ ! -e other ] || fail "--config $config: a dump is left"
	rm -f other
done

# Debug information that is none.
: >empty
for file in empty zeros part1 binary vmcore nothing .; do
	hostile 1 -x $file -l -d 31 vmcore other
	hostile 1 -g other -x $file
	hostile 1 -i $file -l -d 31 vmcore other
done
for program in /bin/true /bin/sh; do
	[ ! -e $program ] || hostile 1 -x $program -l -d 31 vmcore other
done
hostile 1 --mem-usage part1 part2
for file in empty zeros binary nothing .; do
	hostile 1 --mem-usage $file
	hostile 1 --dump-dmesg $file other
	hostile 1 -E -d 31 $file other
	hostile 1 --split -d 31 $file other other2
done
hostile 1 -d abc vmcore other
hostile 1 -b 999 vmcore other
hostile 1 --cyclic-buffer -5 vmcore other
hostile 1 --eppic nothing vmcore other
exit 0
