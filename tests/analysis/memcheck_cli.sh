# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# The program on a real dump under valgrind: it uses nothing that was never set, and writes nothing of
# that kind to a file, which would be what lay in memory before.
. "$SRCDIR/tests/cli/functions"
need valgrind python3
fixture

# check ARGUMENT...
check()
{
	status=0
	"$SRCDIR/tests/analysis/memcheck" "$VMCULL" "$@" >out 2>err </dev/null || status=$?
	[ $status -eq 0 ] || fail "vmcull $*: exit status $status"
}

check filter -q -d 31 --threads=2 vmcore filtered
pages_in filtered >/dev/null
check filter -q -d 31 --codec=zlib -F vmcore
check filter -q -d 31 -E vmcore elf
check convert -q --codec=zstd:1 filtered converted
check audit vmcore
check info filtered
check verify -q --against=filtered converted
