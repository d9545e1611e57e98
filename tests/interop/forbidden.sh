# SPDX-License-Identifier: GPL-2.0-or-later
# Offline, hwpoison and unaccepted pages are never read, at any level.
set -eu
exec "$SRCDIR/tests/interop/hwpoison.py" "$VMCORE" --truth "$TRUTH"
