#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What is huge in numbers only costs nothing: three pages at the ends of all addresses, a segment
# that claims 234 TB, a kdump file with bitmaps for 2^39 pages.  Each command in 32 MiB of memory, 10
# s of CPU, and no output that is larger than the pages that there are.
. "$SRCDIR/tests/cli/functions"
need python3
need_command convert diff estimate explain verify
far_dump()
{
	python3 "$SRCDIR/tests/cli/far_dump.py" "$@" || fail "far_dump.py $*"
}

# Sanitizers need more, and terabytes of addresses.
memory=32768
for name in asan tsan; do
	strings=$(grep -c "__${name}_init" "$VMCULL") || :
	[ "$strings" = 0 ] || memory=unlimited
done

# bounded STATUSES ARGUMENT...: ends with one of them within the limits; "refused" is one for a kdump
# file of too large bitmaps.
bounded()
{
	statuses=$1
	shift
	status=0
	(
		ulimit -t "${seconds:-10}"
		ulimit -d $memory
		ulimit -f 1000000
		exec "$VMCULL" "$@" >out 2>err </dev/null
	) || status=$?
	check_sanitizers
	[ $status -ne 1 ] || ! grep -q 'takes bitmaps of' err || status=refused
	case " $statuses " in
		*" $status "*) ;;
		*) fail "vmcull $*: exit status $status, not $statuses" ;;
	esac
}

# small FILE KIB: it takes no more of the disk.
small()
{
	[ "$(du -k "$1" | cut -f 1)" -le "$2" ] || fail "$1 takes more than $2 KiB: $(du -k "$1")"
}

# all_commands DUMP STATUSES KIB: with no kernel in it most fail, in no time; KIB are all pages that
# are not zero, and a megabyte.
all_commands()
{
	for command in info "info --runs" "info --facts" dmesg audit "audit --ranges" "audit --json" \
		estimate verify "filter --dry-run -d31" "filter --dry-run -d0" "filter -F -d31"; do
		# shellcheck disable=SC2086
		bounded "$2" $command "$1"
		small out 100000
	done
	bounded "$2" audit --map=map.png --html=map.html "$1"
	rm -f map.png map.html
	bounded "$2" explain "$1" pfn:0x100
	bounded "$2" diff "$1" "$1"
	bounded "$2 3" filter -fq -d0 "$1" filtered
	bounded "$2 3" filter -fqE -d31 "$1" filtered
	bounded 0 convert -fq --to=elf "$1" converted
	small converted "$3"
	bounded 0 verify converted
	rm -f filtered* converted*
}

# same_pages DUMP DUMP: without a kernel in them.
same_pages()
{
	bounded 0 convert -fq --to=elf "$1" one
	bounded 0 convert -fq --to=elf "$2" other
	tail -c 12288 one >one-pages && tail -c 12288 other >other-pages
	grep -q AAAAAAAA one-pages || fail "$1 has lost its first page"
	cmp one-pages other-pages || fail "$2 has other pages than $1"
	rm one other one-pages other-pages
}

far_dump elf far
all_commands far "0 1 3 4 refused" 1012
bounded refused convert far kdump
said 'memory up to pfn 0x[0-9a-f]* takes bitmaps of [0-9]* GiB in a kdump file, for 0x3 pages: an ELF file'
only_files far

far_dump claim claim
all_commands claim "0 1 3 4" 1012
bounded 0 convert claim kdump
grep -q 'warning: the dump claims more memory without content than it has content' err ||
	fail "nothing is said of a claim"
[ "$(stat -c %s kdump)" -le 32768 ] || fail "three pages and a claim are $(stat -c %s kdump) bytes"
bounded 0 verify kdump
[ "$(pages_in kdump)" = "3 complete" ] || fail "the kdump file has not three pages"
rm kdump claim

# A real kernel, with more of both.
fixture
bounded 0 convert -q --to=elf vmcore core
bounded 0 filter -q -d31 vmcore plain
far_dump grow core grown
all_commands grown "0 4 refused" $(($(du -k core | cut -f 1) + 1024))
bounded refused filter grown kdump
bounded 0 filter -q --dry-run -E grown
rm grown

far_dump kdump plain wide
all_commands wide "0 4" $(($(du -k core | cut -f 1) + 1024))
bounded 0 filter -q wide kdump # has bits for the memory that there is
bounded 0 diff plain kdump
bounded 0 convert -q --to=elf wide of-wide
bounded 0 convert -q --to=elf plain of-plain
bounded 0 diff of-wide of-plain
rm -f wide of-wide of-plain core

# Machines with memory at 2^46 get a kdump file, of holes.  It is larger than a limit of files.
python3 - far <<'PYTHON'
import struct, sys
with open(sys.argv[1], "r+b") as file:
    file.seek(64 + 56 * 3 + 24)
    file.write(struct.pack("<Q", (1 << 46) - 4096))
PYTHON
run 0 convert -fq far kdump
small kdump 1000
bounded 0 verify kdump
same_pages far kdump
run 0 convert -q --flattened far flat
small flat 1000
ln -s "$VMCULL" makedumpfile
bounded 0 verify flat
./makedumpfile -R rearranged <flat >out 2>err || fail "makedumpfile -R"
small rearranged 1000
bounded 0 verify rearranged
same_pages far rearranged
