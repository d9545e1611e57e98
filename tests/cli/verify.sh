#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A byte that changes anywhere in a dump of ours is found, and a page that differs from the original.
. "$SRCDIR/tests/cli/functions"
need_command verify
need python3
fixture

run 0 filter -q -d 31 -l vmcore dump
run 0 verify dump
grep -Eq '^result +dump: good$' out || fail "no result"
run 0 verify -q dump
[ -s out ] || [ -s err ] && fail "--quiet is not quiet"
run 0 verify --json --against=vmcore dump
[ "$(json 'd["schema"], d["dumps"][0]["good"], d["dumps"][0]["equal_pages"] == d["dumps"][0]["pages"] > 0')" = \
	"('vmcull.verify/1', True, True)" ] || fail "no good report"
[ "$(json 'd["dumps"][0]["checked_pages"] == d["dumps"][0]["pages"], d["dumps"][0]["checked_headers"]')" = \
	"(True, True)" ] || fail "no good report"

# Places all over the file: each part of the headers, bitmaps, table, data, trailer; and each third
# byte of the trailer.
python3 - dump >places <<'PYTHON'
import os, random, struct, sys
random.seed(5)
data = open(sys.argv[1], "rb").read()
block, sub_blocks, bitmap_blocks = struct.unpack_from("<III", data, 428)
bitmap = block * (1 + sub_blocks)
table = bitmap + block * bitmap_blocks
size, offset = len(data), 0
pages = sum(bin(byte).count("1") for byte in data[bitmap + block * bitmap_blocks // 2:table])
end = table + 24 * pages
parts = [("headers", 0, 464), ("headers", 464, block), ("headers", block, block + 104),
         ("headers", block + 104, bitmap), ("bitmap", bitmap, table), ("descriptors", table, end),
         ("zero", end, end + block), ("data", end + block, size - 64), ("trailer", size - 64, size)]
for name, start, stop in parts:
    for place in {start, stop - 1, *(random.randrange(start, stop) for _ in range(3))}:
        print(name, place, 1 << random.randrange(8))
PYTHON
[ "$(wc -l <places)" -gt 40 ] || fail "too few places"
cp dump flipped
while read -r part place bit; do
	python3 -c 'import sys
with open("flipped", "r+b") as file:
    file.seek(int(sys.argv[1]))
    byte = file.read(1)[0]
    file.seek(int(sys.argv[1]))
    file.write(bytes([byte ^ int(sys.argv[2])]))' "$place" "$bit"
	status=0
	"$VMCULL" verify --limit=3 flipped >out 2>err </dev/null || status=$?
	check_sanitizers
	case $part:$status in
	headers:4 | headers:1) ;; # what is no dump any more is not even looked at
	*:4) grep -Eq '^(bitmap|descriptors|page|rest|overlap|result +flipped: damaged) ?' out ||
		fail "$part at $place: not named" ;;
	*) fail "$part at $place, bit $bit: exit status $status" ;;
	esac
	dd if=dump of=flipped bs=1 skip="$place" seek="$place" count=1 conv=notrunc 2>/dev/null
done <places
cmp dump flipped || fail "the test is wrong"

# Named: the page, and where its data lies.
run 0 filter -q -d 31 -l --no-checksums vmcore bare
python3 - dump bare >where <<'PYTHON'
import struct, sys
def first_page(path, flip):
    data = bytearray(open(path, "rb").read())
    block, sub_blocks, bitmap_blocks = struct.unpack_from("<III", data, 428)
    table = block * (1 + sub_blocks + bitmap_blocks)
    at, first = table, struct.unpack_from("<Q", data, table)[0]
    bitmap = data[table - block * bitmap_blocks // 2:table]
    pfns = (i * 8 + bit for i, byte in enumerate(bitmap) for bit in range(8) if byte >> bit & 1)
    lowest = min(struct.unpack_from("<Q", data, table + 24 * i)[0] for i in range(16))
    for pfn in pfns:
        offset, size, flags, page_flags = struct.unpack_from("<QIIQ", data, at)
        if offset != lowest and flags == 2 and size > 500:
            break
        at += 24
    data[offset + 400] ^= flip
    open(path, "wb").write(data)
    return pfn, offset
print(*first_page("dump", 0x10))
print(*first_page("bare", 0))
PYTHON
read -r pfn offset <where
run 4 verify dump
grep -Eq "^page +page $(printf 0x%x "$pfn"): data of [0-9]+ bytes at offset $(printf 0x%x "$offset"): damaged" out ||
	fail "the page is not named"
grep -Eq '^result +dump: 1 finding$' out || fail "no total"
run 4 verify --json dump
[ "$(json 'd["dumps"][0]["totals"]["page"], d["dumps"][0]["findings"][0]["pfn"]')" = "(1, $pfn)" ] || fail "no finding"

# A filter and a copy do not pass it on, and say so.
run 3 convert -q dump copy
grep -q "damaged: its checksum is" err || fail "no word of the damage"
run 3 filter -q -d 31 -l dump filtered
run 0 verify -q copy filtered

# Against another dump: pages that differ and pages that should not be there.
run 0 verify --against=vmcore bare
run 0 filter -q -d 0 --codec=none vmcore whole
python3 - whole <<'PYTHON'
import sys
with open(sys.argv[1], "r+b") as file:
    file.seek(-4096, 2)
    byte = file.read(1)[0]
    file.seek(-4096, 2)
    file.write(bytes([byte ^ 1]))
PYTHON
run 0 filter -q -d 0 --codec=none --no-checksums vmcore plain
python3 - plain <<'PYTHON'
import sys
with open(sys.argv[1], "r+b") as file:
    file.seek(-4096 + 5, 2)
    byte = file.read(1)[0]
    file.seek(-4096 + 5, 2)
    file.write(bytes([byte ^ 1]))
PYTHON
run 0 verify -q plain
run 4 verify --against=vmcore plain
grep -Eq '^content +page 0x[0-9a-f]+ differs from the original, from byte 0x5 on$' out || fail "no word of it"
run 4 verify --limit=2 --against=bare vmcore
grep -Eq '^extra +page 0x[0-9a-f]+ is not in the original$' out || fail "no word of extra pages"
grep -Eq '^and +[1-9][0-9]* more$' out || fail "no word of the rest"

# A file that was cut off, an ELF one as well.
run 4 verify whole
head -c 20000000 vmcore >cut
run 4 verify cut
grep -q '^segment  *program header' out || fail "no word of the end"

# What cannot be checked, and the worst of several.
echo nonsense >nonsense
run 1 verify nonsense
run 1 verify -q plain nonsense
run 4 verify -q bare dump
run 2 verify
said_usage "DUMP is missing"
run 2 verify --limit=-1 dump
said_usage "no number"
