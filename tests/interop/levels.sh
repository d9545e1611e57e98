# SPDX-License-Identifier: GPL-2.0-or-later
# At each of the 32 levels exactly the pages are kept whose state says so, and each holds the bytes
# that the dump has at its address; read by our own few lines, of any architecture.
set -eu
exec "$SRCDIR/tests/interop/compare_levels.py" "$VMCORE"
