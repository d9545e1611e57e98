# SPDX-License-Identifier: GPL-2.0-or-later
# Unaccepted memory is seen, never read and never kept, at any level.  The dump is a copy in which
# the lab made free blocks unaccepted; a dump that has real ones is tested as it is.
set -eu
dump=edited
if [ -e "$TRUTH/unaccepted.json" ]; then
	dump=$VMCORE
elif ! "$SRCDIR/testdata/lab/mkunaccepted" "$VMCORE" edited > log 2>&1; then
	cat log
	grep -q 'no page type for unaccepted memory' log && exit 77
	exit 1
fi
"$SRCDIR/tests/interop/compare_unaccepted.py" "$dump" --truth "$TRUTH"
# The other two read ELF alone; and a dump made by --map-only has no content that could be read.
[ "$(head -c 4 "$dump" | tr -d '\177')" = ELF ] || exit 0
"$SRCDIR/tests/interop/compare_makedumpfile.py" "$dump" --truth "$TRUTH" || [ $? = 77 ]
"$SRCDIR/tests/interop/hwpoison.py" "$dump" --truth "$TRUTH"
