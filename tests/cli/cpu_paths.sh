#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Libraries choose code by what the CPU can do: on an old one and on a newer one, as QEMU shows them,
# every codec gives the bytes that it gives on this.
. "$SRCDIR/tests/cli/functions"
need qemu-x86_64-static
[ "$(uname -m)" = x86_64 ] || skip "this is no x86_64"
! grep -q __asan_init "$VMCULL" || skip "sanitizers do not work in QEMU's user mode"
! grep -q __tsan_init "$VMCULL" || skip "sanitizers do not work in QEMU's user mode"
fixture

run 0 --version
sed -n 's/^codec \([a-z]*\):.*/\1/p' out >codecs
while read -r codec; do
	run 0 filter -qf --codec="$codec" vmcore native
	for cpu in Nehalem max; do
		qemu-x86_64-static -cpu $cpu "$VMCULL" filter -qf --codec="$codec" vmcore emulated \
			2>err || fail "$codec on $cpu"
		cmp native emulated || fail "$codec gives other bytes on $cpu"
	done
done <codecs
