# SPDX-License-Identifier: GPL-2.0-or-later
# makedumpfile and crash that were built for the machine of the dump, run under qemu-user, read what
# filter writes as they read the dump itself.  testdata/lab/foreign fetches them.
set -eu
exec "$SRCDIR/tests/interop/compare_foreign.py" "$VMCORE" --truth "$TRUTH"
