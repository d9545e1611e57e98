# SPDX-License-Identifier: GPL-2.0-or-later
# The command lines that distributions call makedumpfile with: each ends as with it, says something on
# the same streams and makes the same files, but for what compat.table tells.
set -eu
exec "$SRCDIR/tests/interop/compat.py" "$SRCDIR/tests/interop/compat.table" "$VMCULL" "$VMCORE"
