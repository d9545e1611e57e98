# SPDX-License-Identifier: GPL-2.0-or-later
# Free blocks that are also marked offline or unaccepted are never read and never kept.  The dumps
# are copies in which the lab marked free blocks so; only kernels up to 6.10 can have such.
set -eu
[ -e "$TRUTH/unaccepted.json" ] && { echo 'skipped: has real unaccepted memory'; exit 77; }

mark() # OUT OPTION...
{
	out=$1 status=0
	shift
	"$SRCDIR/testdata/lab/mkdoubletyped" "$VMCORE" "$out" "$@" > log 2>&1 || status=$?
	cat log
	grep -q 'are no single bits' log && exit 77
	[ $status = 0 ]
	"$SRCDIR/tests/interop/compare_doubletyped.py" "$out"
}

mark offline
"$SRCDIR/tests/interop/hwpoison.py" offline --truth "$TRUTH" --levels 0 31
rm offline

# As a downstream kernel would tell of a type of its own.
mark unaccepted --unaccepted -2049
# Who does not tell what -2049 means gets what the kernel says: pages of some type, which are kept.
"$VMCULL" audit --ranges unaccepted | grep -q '"state":"unaccepted"' && exit 1
echo 'both kinds of blocks with two types'
