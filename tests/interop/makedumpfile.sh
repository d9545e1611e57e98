# SPDX-License-Identifier: GPL-2.0-or-later
# The pages kept at each level are those that makedumpfile keeps, but for what DIFFERENCES.md
# tells.
set -eu
exec "$SRCDIR/tests/interop/compare_makedumpfile.py" "$VMCORE" --truth "$TRUTH"
