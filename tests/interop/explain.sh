# SPDX-License-Identifier: GPL-2.0-or-later
# What is told of single pages is what the guest said of them right before it crashed.
set -eu
exec "$SRCDIR/tests/interop/compare_explain.py" "$VMCORE" --truth "$TRUTH"
