# SPDX-License-Identifier: GPL-2.0-or-later
# A dump of the memory map only: every page is in the same state, an audit gives the same answers,
# nothing of users, slab or free memory is in it, and other readers can open it.
set -eu
exec "$SRCDIR/tests/interop/map_only.py" "$VMCORE" --truth "$TRUTH"
