# SPDX-License-Identifier: GPL-2.0-or-later
# The state of every page is what the guest itself said of it right before it crashed.
set -eu
exec "$SRCDIR/tests/interop/compare_kpageflags.py" "$VMCORE" --truth "$TRUTH"
