# SPDX-License-Identifier: GPL-2.0-or-later
# A compact memory map: restored it is what it was, and other readers miss nothing but page.lru.
set -eu
exec "$SRCDIR/tests/interop/compare_compact.py" "$VMCORE" --truth "$TRUTH"
