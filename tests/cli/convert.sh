#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# All pages of a dump in another form, and back: nothing is lost, and what is compressed stays so.
. "$SRCDIR/tests/cli/functions"
need_command convert
need python3
fixture

# From a raw dump and from filtered ones; the same file as a filter that drops nothing writes.
run 0 convert vmcore all
grep -Eq '^output +all: [1-9][0-9]* pages, kdump, ' out || fail "no output in the report"
run 0 verify --against=vmcore all
grep -q '^missing *0 pages of vmcore$' out || fail "pages got lost"
run 0 filter -q -d 31 -l vmcore filtered
run 0 convert -q filtered same
[ -s out ] || [ -s err ] && fail "--quiet is not quiet"
cmp filtered same || fail "a copy of a filtered dump differs"
run 0 filter -q -d 31 --no-checksums -l vmcore bare
run 0 convert -q --no-checksums filtered same --force
cmp bare same || fail "without checksums a copy differs"
run 0 convert -q bare same --force
cmp filtered same || fail "checksums were not added"

# Without a look into the pages: of a damaged one that has no checksum, too.
run 0 convert --json filtered same --force
[ "$(json 'd["output"]["passed_pages"] + d["output"]["zero_pages"] == d["output"]["pages"] > 0')" = True ] ||
	fail "pages were compressed anew"
[ "$(json 'd["schema"], d["input"]["dump_level"], d["input"]["complete"], d["output"]["codec"]')" = \
	"('vmcull.convert/1', 31, True, None)" ] || fail "another report"
cp filtered expected

# Through other codecs and a stream, and back to the bytes there were.
for codec in none zlib zstd:3; do
	run 0 convert -q --codec=$codec filtered other --force
	run 0 verify -q --against=filtered other
	run 0 convert -q --codec=lzo other same --force
	cmp expected same || fail "from lzo to $codec and back: another file"
done
run 0 convert -q -F filtered flat
run 0 convert -q flat same --force
cmp expected same || fail "flattened and back: another file"
"$VMCULL" convert -F filtered - >piped 2>err || fail "to a pipe"
cmp flat piped || fail "a stream to standard output differs"

# Into parts, flattened or not, and back.
run 0 convert --json --split=3 filtered part
[ "$(json 'd["output"]["parts"], d["output"]["passed_pages"] + d["output"]["zero_pages"] == d["output"]["pages"]')" = \
	"(3, True)" ] || fail "the report of three parts is another"
[ ! -e part ] && [ ! -e part.4 ] || fail "other files than three parts"
run 0 verify -q --against=filtered part.1 part.2 part.3
run 0 convert -q part.3 part.1 part.2 same --force
cmp expected same || fail "split and back: another file"
run 0 convert -F --split=3 filtered flatpart
grep -q '^split *3 parts, flatpart.1 and so on$' out || fail "no parts in the report"
grep -q '^output .*, kdump, flattened, ' out || fail "not flattened in the report"
[ "$(head -c 12 flatpart.2)" = makedumpfile ] || fail "a part is not flattened"
run 0 convert -q flatpart.3 flatpart.1 flatpart.2 same --force
cmp expected same || fail "split, flattened and back: another file"

# To ELF, which does not tell the level, and back.
run 0 convert --json --to=elf filtered core
[ "$(json 'd["output"]["format"], d["output"]["codec"], d["output"]["passed_pages"]')" = \
	"('elf', None, 0)" ] || fail "pages of an ELF file are not passed on"
[ "$(head -c 4 core | tail -c 3)" = ELF ] || fail "this is no ELF file"
run 0 verify -q --against=filtered core
run 0 verify -q --against=core filtered
run 0 convert -q --to=elf -F core flat --force
run 0 convert -q --to=elf flat same --force
cmp core same || fail "an ELF file, flattened and back: another file"
"$VMCULL" convert --to=elf -F core - >piped 2>err || fail "to a pipe"
cmp flat piped || fail "a stream of an ELF file differs"
run 0 convert -q --codec=lzo core back
run 0 verify -q --against=filtered back

# A level-1 file passes its pages on to a filter, which gives the same file as from the dump.
run 0 filter -q -d 1 -l vmcore first
run 0 filter --json -d 31 -l first second
[ "$(json 'd["output"]["passed_pages"] > 0')" = True ] || fail "a filter passes nothing on"
cmp expected second || fail "filtered in two steps: another file"
run 0 filter -qf -d 1 -z vmcore first
run 0 filter --json -d 31 --codec=zstd:2 first second --force
[ "$(json 'd["output"]["passed_pages"]')" = 0 ] || fail "a level was given, and pages are passed on"

# A dump without a kernel; the size of a page has to come from somewhere.
make_elf plain
run 1 convert plain nothing
said "plain: the size of a page is not known: "
[ -e nothing ] && fail "something was written"

# Of a kernel that is not known nothing is needed but the size of a page.
python3 - vmcore <<'PYTHON'
import sys
with open(sys.argv[1], "rb") as file:
    data = bytearray(file.read())
start, end = data.index(b"OSRELEASE="), data.index(b"CRASHTIME=")
data[start:end] = b"PAGESIZE=4096\n".ljust(end - start - 1, b"X") + b"\n"
with open("destroyed", "wb") as file:
    file.write(data)
PYTHON
run 0 convert -qv destroyed unknown
grep -q 'copied without knowledge of the kernel' err || fail "the kernel is known"
for form in --to=elf -F '-F --split=2'; do
	# shellcheck disable=SC2086
	run 0 convert -q $form unknown "u${form##*[-=]}"
done
run 0 convert -q uF again-F
cmp unknown again-F || fail "without a kernel: another stream"
run 0 convert -q u2.1 u2.2 again-2
cmp unknown again-2 || fail "without a kernel: other parts"
run 0 verify -q --against=destroyed uelf
run 0 verify -q --against=uelf unknown

# What is refused, and leaves nothing.
run 1 convert /proc/self/maps nothing
[ -e nothing ] && fail "something was written"
run 1 convert filtered same
said "same: exists already; --force replaces it"
run 1 convert filtered filtered --force
said "would overwrite the input"
run 2 convert filtered
said_usage "OUT is missing"
run 2 convert filtered -
said_usage "with --flattened only"
run 2 convert --to=lkcd filtered x
said_usage "neither kdump nor elf"
run 2 convert --to=elf --split=2 filtered x
said_usage "kdump files only"
run 2 convert --split=1 filtered x
said_usage "no number between 2 and"
run 2 convert -F --split=2 filtered -
said_usage "OUT cannot be '-'"
touch first.2
run 1 convert --split=2 filtered first
said "first.2: exists already; --force replaces it"
run 2 convert --to=elf --codec=lzo filtered x
said_usage "no compressed pages"
! ls ./*.incomplete 2>/dev/null || fail "left behind"

# What was saved until the disk was full is kept.
blocks=$(($(stat -c %s filtered) * 3 / 4 / 512)) # more than the table of descriptors
for format in kdump elf; do
	status=0
	(ulimit -f $blocks && exec "$VMCULL" convert --json --to=$format filtered part) >out 2>err || status=$?
	check_sanitizers
	[ $status -eq 3 ] || fail "exit status $status of a full disk"
	grep -q '^vmcull: part.incomplete: incomplete: .*File too large' err || fail "no reason"
	[ "$(json 'd["output"]["complete"], d["output"]["path"]')" = "(False, 'part.incomplete')" ] ||
		fail "JSON does not say incomplete"
	[ "$(json 'd["output"]["pages"] > 0')" = True ] || fail "nothing was saved"
	"$VMCULL" verify --json --against=filtered part.incomplete >out 2>err || [ $? -eq 3 ] ||
		fail "what was saved is wrong"
	rm part.incomplete
done

# A dump that is incomplete stays so.
python3 - filtered <<'PYTHON'
import struct, sys
with open(sys.argv[1], "r+b") as file:
    file.seek(424)
    status = struct.unpack("<I", file.read(4))[0]
    file.seek(424)
    file.write(struct.pack("<I", status | 8))
PYTHON
run 3 convert -q filtered copy
[ $(($(dump_status copy) & 8)) = 8 ] || fail "the copy of an incomplete dump says that it is whole"
