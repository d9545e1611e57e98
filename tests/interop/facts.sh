# SPDX-License-Identifier: GPL-2.0-or-later
# Facts from kallsyms and BTF, and inferred ones, are what the debug information of the kernel says.
set -eu
exec "$SRCDIR/tests/interop/facts_drgn.py" "$VMCORE"
