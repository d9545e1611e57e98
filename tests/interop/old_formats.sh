# SPDX-License-Identifier: GPL-2.0-or-later
# The memory of a dump, as firmware and old kernels would have written it, is the same dump: the state of
# every page is, and a filter makes the same file of each format, byte for byte.
set -eu
old=$SRCDIR/tests/interop/old_formats.py
machine=$(vmcull info --json "$VMCORE" | sed -n 's/.*"machine": *"\([^"]*\)".*/\1/p' | head -n 1)
format=$(vmcull info --json "$VMCORE" | sed -n 's/.*"format": *"\([^"]*\)".*/\1/p' | head -n 1)
[ "$format" = elf ] || { echo "skipped: $format, no ELF"; exit 77; }
grep -q libkdumpfile <<END || { echo 'skipped: without libkdumpfile'; exit 77; }
$(vmcull --version)
END
vmcull audit "$VMCORE" | tail -n +2 > expected
formats=

# same FORMAT FILE...
same()
{
	format=$1
	shift
	vmcull info --json "$@" > info
	grep -q "\"format\": \"$format\"" info
	vmcull audit "$@" | tail -n +2 | cmp - expected
	vmcull filter -q -d 31 "$@" filtered
	[ -n "$formats" ] || mv filtered first
	[ ! -e filtered ] || cmp filtered first
	formats="$formats $format"
	rm -f filtered "$@"
}

case $machine in
s390x)
	"$old" s390 "$VMCORE" s390
	same s390 s390
	;;
x86_64)
	"$old" sadump "$VMCORE" sadump
	same sadump sadump
	"$old" sadump "$VMCORE" disk1 disk2 disk3
	if vmcull info disk1 disk3 > log 2>&1; then
		echo 'no disk is missed'
		exit 1
	fi
	grep -q 'this dump is on 3 disks, but 2 were given' log
	same sadump disk2 disk3 disk1
	"$old" lkcd9 "$VMCORE" lkcd
	same lkcd lkcd
	"$old" lkcd10 "$VMCORE" lkcd
	same lkcd lkcd
	# Only what a filter keeps at level 0 is in it: pages that may be read.
	vmcull filter -q -d 0 -c "$VMCORE" kdump
	"$old" diskdump kdump diskdump
	vmcull audit kdump | tail -n +2 > expected
	same diskdump diskdump
	;;
*)
	echo "skipped: no such dumps of $machine"
	exit 77
	;;
esac
echo "the same dump as$formats"
