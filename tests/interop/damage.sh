# SPDX-License-Identifier: GPL-2.0-or-later
# Random damage to the structures of the dump: nothing hangs, crashes, or loses pages of the kernel.
set -eu
# A copy of a dump with all its pages takes long.
[ "$(stat -c %b "$VMCORE")" -lt 400000 ] || { echo 'skipped: the dump is large'; exit 77; }
exec "$SRCDIR/tests/interop/damage.py" "$VMCORE" --count 60 --seed 10000
