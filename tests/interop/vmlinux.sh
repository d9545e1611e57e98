# SPDX-License-Identifier: GPL-2.0-or-later
# What a vmlinux tells of a kernel is what the dump does, and what is made of it does for VMCOREINFO.
set -eu
exec "$SRCDIR/tests/interop/compare_vmlinux.py" "$VMCORE"
