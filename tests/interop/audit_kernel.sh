# SPDX-License-Identifier: GPL-2.0-or-later
# Zones, free blocks and attributes are what the guest itself said of them right before it crashed.
set -eu
exec "$SRCDIR/tests/interop/compare_kernel.py" "$VMCORE" --truth "$TRUTH"
