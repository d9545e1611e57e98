# SPDX-License-Identifier: GPL-2.0-or-later
# Pages that are left out are in no output, stream, log or core of the program: searched for marks.
set -eu
exec "$SRCDIR/tests/interop/privacy.py" "$VMCORE" --truth "$TRUTH"
