# SPDX-License-Identifier: GPL-2.0-or-later
# The state of every page is what drgn finds by the debug information of the kernel.
set -eu
exec "$SRCDIR/tests/interop/compare_drgn.py" "$VMCORE" --truth "$TRUTH"
