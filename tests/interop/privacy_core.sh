# SPDX-License-Identifier: GPL-2.0-or-later
# A core of the program, ended in the middle, holds no page of the dump that is left out.
set -eu
exec "$SRCDIR/tests/interop/privacy_core.py" "$VMCORE" --truth "$TRUTH"
