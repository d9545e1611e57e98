# SPDX-License-Identifier: GPL-2.0-or-later
# Headers, notes and bitmaps of the output are where tools of the dump's own machine look for them,
# whatever its word size and byte order.
set -eu
[ "$(head -c 4 "$VMCORE" | tail -c 3)" = ELF ] || { echo "SKIPPED: the dump is no ELF core"; exit 77; }
vmcull filter -d 31 --codec zlib "$VMCORE" out > filter.log 2>&1 || { cat filter.log; exit 1; }
"$SRCDIR/tests/interop/compare_pages.py" "$VMCORE" out
