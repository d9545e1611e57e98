# SPDX-License-Identifier: GPL-2.0-or-later
# The totals of audit are those that crash counts: memory, free pages and lists, cache, slab.
set -eu
exec "$SRCDIR/tests/interop/compare_crash.py" "$VMCORE" --truth "$TRUTH"
