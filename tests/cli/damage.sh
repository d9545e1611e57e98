#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# Random damage to a kernel's structures: audit and filter end in time and in order, and a filter
# keeps what it cannot trust.  The same damage each time; tests/long has more of it.
. "$SRCDIR/tests/cli/functions"
need python3 zstd
export PYTHONDONTWRITEBYTECODE=1

for kernel in k61 k72-symbols; do
	[ -f "$SRCDIR/testdata/stripped/$kernel/vmcore.zst" ] || skip "no testdata/stripped/$kernel"
	"$SRCDIR/tests/unpack" "$SRCDIR/testdata/stripped/$kernel/vmcore.zst" "$PWD/vmcore" ||
		fail "cannot unpack $kernel"
	"$SRCDIR/tests/interop/damage.py" vmcore --count 60 --seed 1 || fail "$kernel"
	rm vmcore
done
