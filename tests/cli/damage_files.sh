#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Random damage to the files of dumps, of each form: what reads them ends in time and in order, and
# what it writes is whole.  The same damage each time; tests/long has more of it.
. "$SRCDIR/tests/cli/functions"
need python3 zstd
need_command verify convert
export PYTHONDONTWRITEBYTECODE=1

for packed in stripped/k61 arch/s390x-61; do
	[ -f "$SRCDIR/testdata/$packed/vmcore.zst" ] || skip "no testdata/$packed"
	"$SRCDIR/tests/unpack" "$SRCDIR/testdata/$packed/vmcore.zst" "$PWD/vmcore" ||
		fail "cannot unpack $packed"
	"$SRCDIR/tests/interop/damage_files.py" vmcore --count 25 --seed 1 || fail "$packed"
	rm vmcore
done
