# SPDX-License-Identifier: GPL-2.0-or-later
# filter --config erases what makedumpfile erases with the same rules, and nothing else.
set -eu
exec "$SRCDIR/tests/interop/compare_erased.py" "$VMCORE"
