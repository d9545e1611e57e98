# SPDX-License-Identifier: GPL-2.0-or-later
# crash and drgn tell the same of the filtered dump as of the dump itself.
set -eu
exec "$SRCDIR/tests/interop/compare_readers.py" "$VMCORE" --truth "$TRUTH"
