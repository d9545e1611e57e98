#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# diff: a dump against what filters made of it, against a damaged copy, and against another dump.
. "$SRCDIR/tests/cli/functions"
need_command diff
need python3 zstd
fixture

# Nothing differs from itself.
run 0 diff --check vmcore vmcore
grep "^vmcull:" err && fail "there should be no warning"
grep -Eq '^the same +[1-9][0-9]* +[0-9.]+ [KMG]iB$' out || fail "no total"
grep -q -e '->' out && fail "something changed"

# Against its own levels: no state changes, and what is gone is what the level leaves out.
run 0 audit --json vmcore
cp out audit.json
for level in 1 2 12 16 31; do
	run 0 filter -q -d $level --no-checksums vmcore small
	run 4 diff --content --json --check vmcore small
	cp out diff.json
	python3 - $level <<'PYTHON' || fail "level $level"
import json, sys
level = int(sys.argv[1])
diff, audit = json.load(open("diff.json")), json.load(open("audit.json"))
assert diff["schema"] == "vmcull.diff/1" and diff["warnings"] == []
content = {row["state"]: row["content_pages"] for row in audit["states"]}
pages = {row["state"]: row["pages"] for row in audit["states"] if row["pages"]}
dropped = {"offline", "hwpoison", "unaccepted"}
dropped |= {"cache"} if level & 2 else set()
dropped |= {"cache", "cache-private"} if level & 4 else set()
dropped |= {"anon", "hugetlb"} if level & 8 else set()
dropped |= {"free"} if level & 16 else set()
del pages["absent"]
assert {row["from"]: row["pages"] for row in diff["states"]} == pages
assert all(row["from"] == row["to"] for row in diff["states"]), diff["states"]
gone = 0
for row in diff["content"]:
    state, left_out = row["state"], row["state"] in dropped
    assert row["only_first_pages"] == (content[state] if left_out else 0), row
    assert row["compared_pages"] == (0 if left_out else content[state]), row
    assert row["only_second_pages"] == row["different_pages"] == row["unreadable_pages"] == 0, row
    gone += row["only_first_pages"]
assert diff["different_pages"] == gone
assert diff["equal_pages"] + gone == sum(pages.values())
PYTHON
	rm small
done

# Ranges: all pages once, and those that differ are the same as among all.
run 0 filter -q -d 31 --codec none --no-checksums vmcore small
run 0 diff --ranges --all small vmcore
cp out all
run 0 diff --ranges small vmcore
cp out some
run 0 diff --json small vmcore
cp out diff.json
python3 - <<'PYTHON' || fail "ranges"
import collections, json
rows = [json.loads(line) for line in open("all")]
diff = json.load(open("diff.json"))
end, pages, different = 0, collections.Counter(), 0
for row in rows:
    assert row["pfn"] == end and row["count"] > 0, row
    end += row["count"]
    pages[row["from"], row["to"]] += row["count"]
assert end == max(diff["first"]["end_pfn"], diff["second"]["end_pfn"])
del pages["absent", "absent"]
assert pages == {(row["from"], row["to"]): row["pages"] for row in diff["states"]}
keys = ("from", "to", "from_content", "to_content")
assert all([a[k] for k in keys] != [b[k] for k in keys] for a, b in zip(rows, rows[1:]))
differ = [row for row in rows if (row["from"], row["from_content"]) != (row["to"], row["to_content"])]
assert differ and differ == [json.loads(line) for line in open("some")]
assert sum(row["count"] for row in differ) == diff["different_pages"]
PYTHON

# One byte of one page: seen with --content only.
python3 - <<'PYTHON' || fail "cannot make a copy"
data = bytearray(open("small", "rb").read())
data[-1] ^= 0xff
open("damaged", "wb").write(data)
PYTHON
run 0 diff --check small damaged
run 4 diff --check --content small damaged
grep -Eq '^not the same +[a-z-]+ +1 +4\.0 KiB$' out || fail "the page is not told"
run 0 diff --content --ranges small damaged
[ "$(wc -l <out)" -eq 1 ] || fail "not one range"
grep -Eq '"count":1,"from":"([a-z-]+)","to":"\1","from_content":true,"to_content":true,"content":"different"}$' out ||
	fail "not that range"

# A part of the memory map is missing: its pages are unknown, and that is told.
unmap 0x10000 0x18000 part-of-map
for form in "" --json "--ranges --no-mmap"; do
	# shellcheck disable=SC2086
	run 3 diff $form vmcore part-of-map
	grep -q "^vmcull: warning: part-of-map: a part of the memory map could not be read: " err ||
		fail "no word of the map"
	# shellcheck disable=SC2086
	run 3 diff $form part-of-map vmcore
	grep -q "^vmcull: warning: part-of-map: a part of the memory map could not be read: " err ||
		fail "no word of the map"
done
run 4 diff --check vmcore part-of-map
rm part-of-map

# Another kernel: what goes from A to B comes back from B to A.
zstd -dcq --long=27 "$SRCDIR/testdata/stripped/k72/vmcore.zst" >other || fail "cannot unpack"
run 0 diff --json vmcore other
cp out there.json
grep -q '^vmcull: warning: the dumps are of different kernels' err || fail "no warning"
run 0 diff --json other vmcore
cp out back.json
python3 - <<'PYTHON' || fail "there and back differ"
import json
there, back = json.load(open("there.json")), json.load(open("back.json"))
table = lambda rows, a, b: {(row[a], row[b]): row["pages"] for row in rows}
assert table(there["states"], "from", "to") == table(back["states"], "to", "from")
for a, b in zip(there["content"], back["content"]):
    assert a["only_first_pages"] == b["only_second_pages"] and a["compared_pages"] is None
changes = [row["pages"] for row in there["states"] if row["from"] != row["to"]]
assert len(changes) > 10 and changes == sorted(changes, reverse=True)
assert there["different_pages"] >= sum(changes) and len(there["warnings"]) == 1
PYTHON

# Every member is in vmcull(5).
python3 -c 'import json
d = json.load(open("there.json"))
print(*sorted(set(d) - {"schema"} | set(d["first"]) | set(d["states"][0]) | set(d["content"][0])
	| set(json.loads(open("all").readline()))), sep="\n")' >members
sed -n '/^\.Sh vmcull.diff/,/^\.Sh [^v]/p' "$SRCDIR/man/vmcull.5" >page
while read -r member; do
	grep -q "^\.It Cm $member\$" page || fail "vmcull(5) does not describe $member"
done <members

run 2 diff vmcore
said_usage "VMCORE2"
run 2 diff --json --ranges vmcore small
said_usage "exclude each other"
run 2 diff --all vmcore small
said_usage "goes with --ranges"
echo nothing >nothing
run 1 diff vmcore nothing
said "^vmcull: nothing: "
