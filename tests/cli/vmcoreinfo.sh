# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# VMCOREINFO: from the note, from memory, from a file; of another kernel, contradictory, incomplete.
. "$SRCDIR/tests/cli/functions"
need python3
fixture

run 0 info --vmcoreinfo vmcore
mv out good.txt
grep -q '^OSRELEASE=' good.txt || fail "no VMCOREINFO"
release=$(sed -n 's/^OSRELEASE=//p' good.txt)

# patch FROM TO FILE: copies the dump with the first FROM in its headers replaced.
patch_headers()
{
	cp --sparse=always vmcore "$3"
	python3 - "$1" "$2" "$3" <<'PYTHON' || fail "cannot patch $1"
import sys
old, new, name = sys.argv[1].encode(), sys.argv[2].encode(), sys.argv[3]
assert len(old) == len(new)
with open(name, "r+b") as file:
    head = file.read(65536)
    file.seek(head.index(old))
    file.write(new)
PYTHON
}

# Without the note the kernel's own copy in memory is found.  The output has a note again.
patch_headers VMCOREINFO XMCOREINFO no-note
run 0 info no-note
grep -q 'VMCOREINFO  *scan of memory' out || fail "not found in memory"
run 0 info --vmcoreinfo no-note
cmp out good.txt || fail "another VMCOREINFO was found in memory"
run 0 filter --quiet no-note from-memory
run 0 filter --quiet vmcore from-note
run 0 info from-memory
grep -q 'VMCOREINFO  *note' out || fail "the output has no note"
[ "$(pages_in from-memory)" = "$(pages_in from-note)" ] || fail "other pages were kept"
rm from-memory from-note

# A file may say it again, and may correct the dump.
run 0 info -i good.txt vmcore
grep -q 'VMCOREINFO  *file and note' out || fail "the file was not used"
run 0 filter --quiet -i good.txt vmcore dump
rm dump

# It may not be of another kernel; without OSRELEASE translation shows it.
sed "s/^OSRELEASE=.*/OSRELEASE=5.99.1/" good.txt >other.txt
run 1 filter -i other.txt vmcore dump
said 'other\.txt: is of kernel 5\.99\.1, but the dump is of'
sed -e '/^OSRELEASE=/d' -e 's/^NUMBER(phys_base)=.*/NUMBER(phys_base)=4096/' good.txt >moved.txt
run 1 filter -i moved.txt vmcore dump
said 'vmcore: VMCOREINFO .*does not fit this memory'
patch_headers "OSRELEASE=$release" "OSRELEASE=$(printf %s "$release" | sed 's/./9/')" renamed
run 1 filter renamed dump
said "VMCOREINFO is of kernel 9.*, but the kernel in memory is $release"

# Keys that contradict each other are named, both.
sed 's/^OFFSET(page.lru)=.*/OFFSET(page.lru)=100/' good.txt >contradictory.txt
run 1 filter -i contradictory.txt vmcore dump
said 'OFFSET\(page\.lru\)=100 and SIZE\(page\)='
sed 's/^SIZE(page)=.*/SIZE(page)=abc/' good.txt >malformed.txt
run 1 filter -i malformed.txt vmcore dump
said 'malformed\.txt: .*SIZE\(page\)'
printf 'no keys here\n' >empty.txt
run 1 filter -i empty.txt vmcore dump
said 'empty\.txt'
run 1 filter -i missing.txt vmcore dump
said 'missing\.txt: No such file'

rm -f good.txt other.txt moved.txt contradictory.txt malformed.txt empty.txt no-note renamed
only_files vmcore
