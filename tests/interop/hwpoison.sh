# SPDX-License-Identifier: GPL-2.0-or-later
# Pages that a fatal machine check broke inside a free block, a huge page and a slab are never read
# and never kept, at any level.  The dump is a copy in which the lab marked such pages.
set -eu
status=0
"$SRCDIR/testdata/lab/mkhwpoison" "$VMCORE" edited > edited.json 2> log || status=$?
cat log
grep -q 'no NUMBER(PG_hwpoison)' log && exit 77
[ $status = 0 ]
"$SRCDIR/tests/interop/compare_makedumpfile.py" edited --truth "$TRUTH" || [ $? = 77 ]
"$SRCDIR/tests/interop/hwpoison.py" edited --truth "$TRUTH"
