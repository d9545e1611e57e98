# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# A dump whose memory map cannot be reached is refused; where a part is missing, its pages are kept and
# the user is told.
. "$SRCDIR/tests/cli/functions"
need python3
fixture

# unmap FIRST LAST FILE: a copy of the dump in which the kernel's page tables no longer lead to the struct
# pages of the pfns from FIRST up to LAST.  Prints how many pages of the dump have theirs there.
unmap()
{
	cp --sparse=always vmcore "$3"
	PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$SRCDIR/testdata/lab" python3 - "$@" <<'PYTHON' ||
import sys
from labkit.vmcoreview import PAGE, Unmapped, Vmcore
first, last, name = int(sys.argv[1], 0), int(sys.argv[2], 0), sys.argv[3]
dump = Vmcore(name, writable=True)
pages = [pfn for pfn in dump.pfns() if first <= pfn < last]
shift = 21  # the memory map is mapped by large pages
gone, entries = set(), {}
for pfn in pages:
    address = dump.struct_page(pfn)
    if address >> shift not in gone:
        gone.add(address >> shift)
        table = dump.walk(address)[1][-1]
        entries[dump.offset(table + (address >> shift & 511) * 8)] = 0
for offset in entries:
    dump.map[offset : offset + 8] = bytes(8)
print(sum(1 for pfn in dump.pfns() if dump.struct_page(pfn) >> shift in gone))
PYTHON
		fail "cannot unmap"
}

unmap 0 0x1000000 no-map >/dev/null
run 1 filter no-map dump
said 'no-map: the memory map is not in the dump'
rm no-map
only_files vmcore

run 0 filter --quiet -d 31 vmcore whole
kept=$(pages_in whole)
missing=$(unmap 0 0x8000 part-of-map)
[ "$missing" -gt 0 ] || fail "nothing was unmapped"
run 3 filter -d 31 part-of-map dump
grep -q "^vmcull: .*the memory map of $missing pages cannot be read: they are kept" err ||
	fail "the user was not told of $missing pages"
[ "$(pages_in dump | cut -d ' ' -f 1)" -gt "$(echo "$kept" | cut -d ' ' -f 1)" ] ||
	fail "pages without a struct page were left out"

# Memory that holds tables is not in the file: which ones is said, in one line.
rm -f dump part-of-map whole
without_page() # EXPRESSION: a copy in the folder cut without the page at this physical address
{
	page=$(PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$SRCDIR/testdata/lab" python3 -c "
from labkit.vmcoreview import Vmcore
dump = Vmcore('vmcore')
page = ($1) & ~0xfff
print('%x-%x' % (page, page + 0xfff))") || fail "cannot find the page"
	rm -rf cut
	"$SRCDIR/testdata/lab/mkdefective" --cut "$page" . cut >/dev/null || fail "cannot cut"
}
refused() # TEXT: every command says so in one line; info beside what the file itself tells
{
	run 1 filter cut/vmcore dump; said "cut/vmcore: .*$1"
	run 1 audit cut/vmcore; said "cut/vmcore: .*$1"
	run 1 info cut/vmcore
	: >out
	said "cut/vmcore: .*$1"
}
without_page "dump.pgd"
refused "the kernel's page tables are not in the dump: .*.at physical address 0x"
without_page "dump.walk(dump.symbol('init_uts_ns'))[1][-1]"
refused "the kernel's page tables are not in the dump: .*.at physical address 0x"
without_page "dump.physical(dump.symbol('init_uts_ns'))"
refused "init_uts_ns: .*.at physical address 0x"
without_page "dump.physical(dump.symbol('mem_section'))"
run 1 filter cut/vmcore dump
said "cut/vmcore: the memory map is not in the dump: mem_section: .*.at physical address 0x"
run 1 audit cut/vmcore
said "cut/vmcore: the memory map is not in the dump: mem_section: .*.at physical address 0x"
without_page "dump.physical(dump.u64(dump.symbol('mem_section')))"
run 1 filter cut/vmcore dump
said "cut/vmcore: the memory map is not in the dump: mem_section: .*.at physical address 0x"
without_page "dump.walk(dump.symbol('mem_section'))[1][-1]"
run 1 filter cut/vmcore dump
said "cut/vmcore: mem_section: the kernel's page tables are not in the dump: .*.at physical address 0x"
