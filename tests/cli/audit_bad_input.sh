#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# audit of dumps that lack something: it is named, and the audit goes on with what remains, or ends
# when nothing does.
. "$SRCDIR/tests/cli/functions"
need python3 zstd
export PYTHONDONTWRITEBYTECODE=1
symbols=$SRCDIR/testdata/stripped/k72-symbols
whole=$SRCDIR/testdata/whole
fixture

# VMCOREINFO of another kernel, of none, and a dump without any.
run 0 info --vmcoreinfo vmcore
cp out own
"$SRCDIR/tests/unpack" "$symbols/vmcore.zst" "$PWD/other" || fail "cannot unpack"
run 1 audit -i own other; said "other: own: is of kernel 6.1.* but the dump is of 7.2"
run 1 audit -i /dev/null vmcore; said "vmcore: /dev/null: .*no KEY=value line"
run 1 audit -i missing vmcore; said "missing: No such file"
run 0 audit --check -i own vmcore
grep -v '^OFFSET(page.flags)=' own >less
make_elf plain
run 1 audit plain; said "plain: .*VMCOREINFO"
run 1 audit -i less plain; said "plain: .*"

# No memory map, and a part of it.
unmap 0 0x1000000 no-map
for form in '' --json --ranges --fast; do
	# shellcheck disable=SC2086
	run 1 audit $form no-map
	grep -q 'vmcull: no-map: the memory map is not in the dump' err || fail "audit $form: no word"
done
unmap 0x10000 0x18000 part-of-map
run 4 audit --check=error --json part-of-map
[ "$(json '[row["name"] for row in d["findings"] if row["name"] == "map-unreadable"]')" = \
	"['map-unreadable']" ] || fail "not told of the part"
run 3 audit part-of-map
rm no-map part-of-map

# Symbols and types that are damaged, or another kernel's: the same states without them.
run 0 audit --no-btf --csv other
cp out expected
run 0 audit --csv other
grep -q DMA32 out || fail "k72-symbols has no type information"
damage() # COPY STATEMENT
{
	cp --sparse=always other "$1"
	PYTHONPATH="$SRCDIR/testdata/lab:$SRCDIR/tests/interop" python3 - "$@" <<'PYTHON' ||
import struct, sys
from labkit.vmcoreview import Vmcore
from mutations import copies
dump = Vmcore(sys.argv[1], writable=True)
magic = b"\x9f\xeb\x01\x00\x18\0\0\0"
btf = dump.map.find(magic)
assert btf > 0
def put(at, content):
    for place in copies(dump, at):
        dump.map[place:place + len(content)] = content
def put_symbol(name, content):
    put(dump.at(dump.symbol("kallsyms_" + name)), content)
exec(sys.argv[2])
PYTHON
		fail "cannot damage"
}
goes_on() # COPY PATTERN: told in a note, and the states are the same
{
	run 0 audit --check --json "$1"
	python3 - "$2" <<'PYTHON' || fail "$1: no note that matches $2"
import json, re, sys
d = json.load(open("out", encoding="utf-8"))
found = [row["message"] for row in d["findings"] if row["name"] == "type-information"]
print(*found, file=sys.stderr)
sys.exit(0 if len(found) == 1 and re.search(sys.argv[1], found[0]) else 1)
PYTHON
	run 0 audit --csv "$1"
	cut -d , -f 3- out | sort >states
	cut -d , -f 3- expected | sort | cmp - states || fail "$1: other states"
	rm "$1"
}
damage no-magic 'put(btf, b"XX")'
goes_on no-magic 'BTF'
damage short 'put(btf + 12, struct.pack("<I", 0x7fffffff))'
goes_on short 'BTF'
damage no-strings 'put(btf + 20, bytes(4))'
goes_on no-strings 'BTF'
damage no-symbols 'put_symbol("num_syms", bytes(4))'
goes_on no-symbols 'kallsyms'
damage many-symbols 'put_symbol("num_syms", b"\xff" * 4)'
goes_on many-symbols 'kallsyms'
damage no-names 'put_symbol("names", bytes(0x1000))'
goes_on no-names 'kallsyms'
damage no-tokens 'put_symbol("token_index", b"\xff" * 512)'
goes_on no-tokens 'kallsyms'
damage astray 'put_symbol("offsets", bytes(0x40000))'
goes_on astray 'kallsyms'

# The types of 6.12 in a kernel of 7.2: VMCOREINFO contradicts them.
"$SRCDIR/tests/unpack" "$whole/vmcore.zst" "$PWD/foreign" || fail "cannot unpack"
damage wrong 'foreign = open("foreign", "rb").read(); at = foreign.find(magic); assert at > 0
words = struct.unpack_from("<5I", foreign, at + 4)
size = words[0] + words[3] + words[4]
assert size < sum(struct.unpack_from("<5I", dump.map, btf + 4)[i] for i in (0, 3, 4))
put(btf, foreign[at:at + size])'
rm foreign foreign.lock
goes_on wrong '.'
