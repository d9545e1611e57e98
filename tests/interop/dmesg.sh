# SPDX-License-Identifier: GPL-2.0-or-later
# The log in the dump begins with what the guest's kernel itself gave as its log, and is byte for byte
# what makedumpfile and vmcore-dmesg print.
set -eu
exec "$SRCDIR/tests/interop/compare_dmesg.py" "$VMCORE" --truth "$TRUTH"
