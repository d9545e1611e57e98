#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A memory map that is stored compact is read as it was, and stored in full again it is the same file.
. "$SRCDIR/tests/cli/functions"
need_command convert
need python3
fixture

run 0 filter -q -d 31 -l vmcore full
run 0 filter --json --compact-map -d 31 -l vmcore compact
[ "$(json 'd["output"]["compact_pages"] > 0')" = True ] || fail "nothing is compact"
[ "$(stat -c %s compact)" -lt "$(stat -c %s full)" ] || fail "it is not smaller"
run 0 verify --against=vmcore compact
run 0 info --json compact
[ "$(json 'd["history"]["compact_map"], d["history"]["compact_pages"] > 0')" = "(True, True)" ] ||
	fail "info does not tell"
run 0 info --json full
[ "$(json 'd["history"]["compact_map"], d["history"]["compact_pages"]')" = "(False, 0)" ] ||
	fail "info tells what is not so"

# Where a reader that does not restore it finds zeros.
python3 - full compact <<'PYTHON'
import struct, sys
def descriptors(path):
    data = open(path, "rb").read()
    block, sub_blocks, bitmap_blocks = struct.unpack_from("<III", data, 428)
    bitmap = block * (1 + sub_blocks)
    table = bitmap + block * bitmap_blocks
    pages = sum(bin(byte).count("1") for byte in data[bitmap + block * bitmap_blocks // 2:table])
    return [struct.unpack_from("<QIIQ", data, table + 24 * i) for i in range(pages)]
full, compact = map(descriptors, sys.argv[1:])
assert len(full) == len(compact)
tagged = [d for d in compact if d[3] >> 56 == 0x54]
assert len(tagged) > 1 and not [d for d in full if d[3] >> 56 == 0x54]
assert len({d[0] for d in tagged}) < len(tagged) / 4, "blocks are not shared"
assert len({d[3] & 0xffffffff for d in tagged}) == len(tagged), "two pages have one number"
PYTHON
[ $? = 0 ] || fail "the descriptors are wrong"

# In full again, by whatever way.
run 0 convert -q --full-map compact back
cmp full back || fail "in full it is another file"
run 0 filter -q -d 31 -l compact back --force
cmp full back || fail "filtered again it is another file"
run 0 convert -q compact back --force
cmp compact back || fail "a copy is not compact"
run 0 convert -q --compact-map full back --force
cmp compact back || fail "made compact later it is another file"
run 0 convert -q --to=elf compact elf
run 0 verify -q --against=vmcore elf
run 0 convert -q --no-checksums compact back --force
run 0 info --json back
[ "$(json 'd["history"]["compact_map"]')" = False ] || fail "compact without checksums"

# Streams and parts, by one thread or several.
for threads in 1 2 3; do
	run 0 filter -q --compact-map --threads=$threads -d 31 -l vmcore back --force
	cmp compact back || fail "with $threads threads it is another file"
done
run 0 filter -F --compact-map -d 31 -l vmcore
mv out flat
run 0 verify -q --against=vmcore flat
run 0 convert -q flat back --force
cmp compact back || fail "of a stream comes another file"
run 0 filter -q --compact-map -d 31 -l --split=3 vmcore part
run 0 verify -q --against=vmcore part.1 part.2 part.3
run 0 convert -q part.1 part.2 part.3 back --force
cmp compact back || fail "of parts comes another file"
run 0 convert -q --full-map part.3 part.1 part.2 back --force
cmp full back || fail "of parts comes another file in full"

# The preset.
run 0 filter -q --small vmcore small
run 0 filter -q -d 31 --compact-map --codec=zstd:3 vmcore back --force
cmp small back || fail "--small is something else"

# What does not go together.
run 2 filter --compact-map -E vmcore no
run 2 filter --compact-map --no-checksums vmcore no
run 2 convert --compact-map --full-map compact no
run 2 convert --compact-map --to=elf compact no

# A damaged note, or block, or number is not taken for good.
python3 - compact <<'PYTHON'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
place = data.index(b"STRUCT_SIZE=")
data[place + 12] = ord("x")
open("damaged", "wb").write(data)
PYTHON
run 4 verify damaged
grep -q "note of the compact memory map is damaged" err || fail "nothing is said of the note"
