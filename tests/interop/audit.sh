# SPDX-License-Identifier: GPL-2.0-or-later
# What audit prints adds up, in every form, and is what the library says of each page.
set -eu
exec "$SRCDIR/tests/interop/compare_audit.py" "$VMCORE"
