# SPDX-License-Identifier: GPL-2.0-or-later
# What filter --config erases is in no output, stream or log: random letters put there are searched for.
set -eu
exec "$SRCDIR/tests/interop/privacy_erase.py" "$VMCORE"
