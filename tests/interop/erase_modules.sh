# SPDX-License-Identifier: GPL-2.0-or-later
# Rules find each symbol of each module that the guest's /proc/kallsyms has.
set -eu
exec "$SRCDIR/tests/interop/compare_modules.py" "$VMCORE" "$TRUTH"
