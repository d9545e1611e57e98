#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# explain of a real dump: text and JSON tell the same, pages are named in every way, bad ones are refused
# without keeping the others from being explained.
. "$SRCDIR/tests/cli/functions"
need_command explain
need python3
fixture

# Pages of many kinds, from an audit of the same dump.
run 0 audit --ranges vmcore
python3 - <<'PYTHON' >wanted || fail "ranges"
import json
seen, states = {}, {}
for line in open("out"):
    r = json.loads(line)
    for pfn in {r["pfn"], r["pfn"] + r["count"] // 2, r["pfn"] + r["count"] - 1}:
        states[pfn] = (r["state"], r["order"], r["node"], r["zone"])
    key = r["state"], r["order"] > 0
    if seen.setdefault(key, 0) < 6:
        seen[key] += 1
        for pfn in {r["pfn"], r["pfn"] + r["count"] // 2}:
            print(pfn, r["state"], r["order"], r["zone"])
PYTHON
[ "$(wc -l <wanted)" -gt 40 ] || fail "few kinds of pages"

# shellcheck disable=SC2046
run 0 explain --json vmcore $(cut -d' ' -f1 wanted)
cp out all.json
python3 - <<'PYTHON' >names || fail "JSON"
import json
d = json.load(open("all.json", encoding="utf-8"))
wanted = [line.split() for line in open("wanted")]
assert d["schema"] == "vmcull.explain/1" and d["error"] is None
assert len(d["pages"]) == len(wanted)
names = {"pages", "path", "error"}

def gather(value):
    if isinstance(value, dict):
        names.update(value)
        for inner in value.values():
            gather(inner)
    for inner in value if isinstance(value, list) else ():
        gather(inner)

gather(d["pages"])
for (pfn, state, order, zone), element in zip(wanted, d["pages"]):
    page, where = element["page"], element["read_as"]
    assert element["argument"] == pfn and element["error"] is None
    assert where["kind"] == "pfn" and not where["guessed"] and where["describes"] is None
    assert page["pfn"] == int(pfn) and int(page["address"], 16) == int(pfn) << 12, page
    assert page["state"] == state, (page, state)
    if state == "absent":
        assert page["decided_by"] is page["kept_by"] is page["block"] is None
        assert not page["present"] and not page["content"]
        continue
    block, struct = page["block"], page["struct_page"]
    assert page["decided_by"]["rule"] and page["present"]
    assert block["pfn"] <= page["pfn"] < block["pfn"] + block["pages"]
    assert block["order"] == int(order) or state == "hwpoison", (block, order)
    # Levels as vmcull-filter(8) has them.
    bits = {"cache": 6, "cache-private": 4, "anon": 8, "hugetlb": 8, "free": 16}.get(state, 0)
    if state in ("hwpoison", "unaccepted") or state == "offline" and not page["attributes"]:
        assert page["kept_by"] == [] and page["zero"] is None
    else:
        assert page["kept_by"] == [level for level in range(32) if not level & bits], page
    assert struct["status"] == "read" or state in ("unknown", "offline")
    if struct["status"] != "read":
        continue
    assert (page["zone"] or "?") == zone, (page["zone"], zone)
    assert sum(field["width"] for field in struct["fields"]) == 64
    end = 0
    for field in struct["fields"]:
        assert field["offset"] == end
        end += field["width"]
    word = int(struct["flags_word"], 16)
    bits = [flag["bit"] for flag in struct["flags"]]
    second = struct["compound"] and struct["compound"]["part"] == "tail" and \
        struct["compound"]["head"] + 1 == page["pfn"]
    assert bits == [bit for bit in range(struct["flags_end"] or 64)
                    if word >> bit & 1 and not (second and bit < 8)], (bits, hex(word))
    assert all(flag["name"].startswith("PG_") and flag["meaning"] for flag in struct["flags"])
    if state == "free" and block["pfn"] == page["pfn"]:
        assert struct["type"] == "buddy" and struct["refcount"] == 0
    if state == "slab":
        assert struct["type"] == "slab" or struct["compound"]["part"] == "tail"
    if state == "anon" and not struct["compound"]:
        assert struct["mapping"]["kind"] in ("anon", "ksm")
    if block["order"] and state not in ("free", "unaccepted", "free-pcp", "hwpoison"):
        assert struct["compound"]["order"] == block["order"], page
        assert struct["compound"]["problem"] is None
print("\n".join(sorted(names)))
PYTHON

# Every member is in vmcull(5), in the part about this schema.
sed -n '/^\.Sh vmcull.explain/,/^\.Sh LIST/p' "$SRCDIR/man/vmcull.5" >section
while read -r name; do
	grep -Eq "^\.(It )?Cm (.* )?$name( |\$)" section || fail "vmcull(5) does not describe $name"
done <names

# The same page by its four names; an address inside the memory map means the page it describes.
pfn=$(awk '$2 == "anon" { print $1; exit }' wanted)
run 0 explain vmcore "$pfn"
cp out by_pfn
address=$(sed -n 's/^struct page  *\(0x[0-9a-f]*\)$/\1/p' out)
[ -n "$address" ] || fail "no address of the struct page"
grep -Eq "^page  *pfn $pfn \(0x[0-9a-f]+\), physical address 0x[0-9a-f]+000\$" out || fail "first line"
grep -Eq '^state  *anon' out || fail "state"
grep -Eq '^decided by  *anon: ' out || fail "rule"
grep -Eq '^left out by  *8-15, 24-31$' out || fail "levels"
grep -Eq '^ *[0-9]+  mapping  *0x[0-9a-f]{16}  anonymous: anon_vma at 0x' out || fail "mapping"
grep -q ' $' out && fail "blanks at the end of a line"
awk 'length($0) > 100 { exit 1 }' out || fail "a line that is too long"
[ "$(wc -l <out)" -le 40 ] || fail "more than a screen"
for name in "pfn:$pfn" "$(printf 'pfn:0x%x' "$pfn")" "phys:$((pfn * 4096 + 17))" \
	"$(printf 0x%x $((pfn * 4096 + 17)))" "page:$address" "$address"; do
	run 0 explain vmcore "$name"
	grep -v '^asked for' out | sed '/^ .*page)$/d' >by_name
	cmp -s by_pfn by_name || grep -q '^asked for' out || fail "$name is told differently"
	[ "$(sed -n 1p out)" = "$(sed -n 1p by_pfn)" ] || fail "$name is another page"
done
run 0 explain vmcore "virt:$address"
grep -Eq "^holds  *memory map: the struct page of pfn $(printf 0x%x "$pfn")\$" out || fail "memory map"
grep -Eq '^mapped by  *[0-9.]+ [KMG]iB from 0x[0-9a-f]+, physical 0x[0-9a-f]+$' out || fail "mapping"

# Above all memory, and where nothing is.
run 0 explain vmcore 99999999999
grep -Eq '^state  *absent$' out || fail "absent"
grep -Eq '^struct page  *none' out || fail "no struct page"

# What is no page is said, and the others are explained; 1 at the end.
run 1 explain vmcore 16-32 "$pfn" abc virt:0x1000 pfn:99999999999999999999 page:0x1000
[ "$(wc -l <err)" -eq 5 ] || fail "there should be five lines on stderr"
grep -q '^vmcull: "16-32" is no single page; vmcull audit --ranges' err || fail "range"
grep -q '^vmcull: "abc": hexadecimal numbers begin with 0x$' err || fail "hexadecimal"
grep -q '^vmcull: virtual address 0x1000 is not mapped' err || fail "not mapped"
cmp -s out by_pfn || fail "the page between them is told differently"
run 1 explain --json vmcore 16-32 "$pfn"
[ "$(json 'd["pages"][0]["page"] is d["pages"][0]["read_as"] is None')" = True ] || fail "bad page in JSON"
[ "$(json '"no single page" in d["pages"][0]["error"]')" = True ] || fail "reason in JSON"
[ "$(json 'd["pages"][1]["page"]["pfn"]')" = "$pfn" ] || fail "good page in JSON"

# VMCOREINFO of a file goes before that of the dump.
run 0 info --vmcoreinfo vmcore
sed 's/^NUMBER(PG_lru)=.*/NUMBER(PG_lru)=63/' out >other.txt
run 0 explain -i other.txt vmcore "$(awk '$2 == "cache" { print $1; exit }' wanted)"
grep -Eq '^state  *kernel' out || fail "-i"

run 2 explain vmcore
said_usage 'explain: PAGE is missing'
run 2 explain
said_usage 'explain: VMCORE is missing'
run 2 explain --jsn vmcore 1
said_usage "did you mean '--json'"
run 1 explain missing 1
said 'missing: '

# Without the memory map: what the dump itself tells, and why there is no more.
cp --sparse=always "$(readlink -f vmcore)" broken
run 0 info --json --facts broken
python3 - <<'PYTHON' || fail "break"
import json, re, subprocess
facts = {f["name"]: f["value"] for f in json.load(open("out"))["facts"]}
page = subprocess.run(["vmcull", "explain", "--json", "broken", "virt:" + facts["SYMBOL(mem_section)"]],
                      stdout=subprocess.PIPE).stdout
element = json.loads(page)["pages"][0]
physical = int(element["page"]["address"], 16) + element["read_as"]["offset"]
data = open("broken", "r+b")
head = data.read(64)
import struct
offset, = struct.unpack_from("<Q", head, 32)
count, = struct.unpack_from("<H", head, 56)
for i in range(count):
    data.seek(offset + 56 * i)
    kind, _, start, _, first, size = struct.unpack("<IIQQQQ", data.read(40))
    if kind == 1 and first <= physical < first + size:
        at = start + physical - first
data.seek(at)
pointer = data.read(8)
data.seek(at)
data.write(bytes(8 * 2048))
PYTHON
run 1 explain broken "$pfn"
grep -Eq '^state  *unknown$' out || fail "state without a memory map"
grep -Eq '^content  *in the dump$' out || fail "content without a memory map"
grep -q 'mem_section' err || fail "why there is no memory map"
run 1 explain --json broken "$pfn"
[ "$(json '"mem_section" in d["error"]')" = True ] || fail "error in JSON"
[ "$(json 'd["pages"][0]["page"]["struct_page"]["status"]')" = no-map ] || fail "status in JSON"
