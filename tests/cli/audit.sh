#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# audit: its options, exit statuses and what it says of a dump that is whole.
. "$SRCDIR/tests/cli/functions"
need zstd

for options in '--json --ranges' '--attributes' '--json --attributes' '--map=- --json' '--map=- --ranges'; do
	# shellcheck disable=SC2086
	run 2 audit $options vmcore
	said_usage 'audit: .*(exclude each other|goes with|takes the place)'
done
run 2 audit --check=terrible vmcore
said_usage '"terrible" is no severity; known are note, warning and error'
run 2 audit --map=map.jpg vmcore
said_usage "'map.jpg' ends neither in .png nor in .svg"
run 2 audit
said_usage 'VMCORE is missing'
run 1 audit vmcore
said 'vmcore: No such file'
make_elf empty
run 1 audit empty
said 'empty: .*no VMCOREINFO'

fixture
run 0 audit vmcore
grep -Eq '^dump +vmcore, elf$' out || fail "no dump"
grep -Eq '^free +[1-9][0-9]* ' out || fail "no free pages"
grep -Eq '^node 0 (DMA32|zone1) +0x1000 ' out || fail "no zone, or no start of it"
grep -Eq '^all memory +[1-9]' out || fail "no total"
awk 'length > 90 && !/^ / && !/^note:/ {exit 1}' out || fail "too wide"

# The fixture is sound: what it has is notes at the most.
run 0 audit --check vmcore
run 0 audit --check=error vmcore
run 4 audit --check=note vmcore
run 0 audit --fast --check vmcore
grep -q '^not checked: free lists against page types' out || fail "--fast does not say what it leaves out"
run 0 audit --no-mmap --check --zero vmcore

# Type information that cannot be read is named, and the audit goes on.
grep -q '^note: type-information: ' out || fail "that type information is missing is not told"
run 0 audit --no-btf vmcore
grep -q '^note: type-information' out && fail "told to do without, it complains"

# Standard output that is closed ends it, in words.
if [ -e /dev/full ]; then
	status=0
	"$VMCULL" audit --ranges vmcore >/dev/full 2>err || status=$?
	[ $status = 1 ] || fail "a full disk is no failure: status $status"
	grep -q '^vmcull: standard output: No space' err || fail "no word of the full disk"
fi

# The dump is never taken for a place to write to, and nothing is left behind.
run 1 audit --trace-reads=vmcore vmcore
run 1 audit --html=vmcore vmcore
said 'vmcore: would overwrite the dump'
run 0 audit --trace-reads=reads vmcore
[ -s reads ] || fail "no reads recorded"
only_files empty reads vmcore
