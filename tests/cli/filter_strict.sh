#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Totals that contradict each other: told, and refused by --strict.  Pages left out by name only.
. "$SRCDIR/tests/cli/functions"
need zstd
fixture

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
