# SPDX-License-Identifier: GPL-2.0-or-later
# The dumps that QEMU made of a guest (dump-guest-memory) are understood as they are, and so does crash
# or drgn what is left of them after a filter.
set -eu
folder=$(dirname "$VMCORE")/qemu
[ -d "$folder" ] || { echo 'skipped: no dumps of QEMU beside it'; exit 77; }
exec "$SRCDIR/tests/interop/compare_qemu.py" "$folder" --truth "$TRUTH"
