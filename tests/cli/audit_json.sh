#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# audit in JSON, as ranges and as CSV: has what the manuals describe, and the forms agree.
. "$SRCDIR/tests/cli/functions"
need python3
fixture

holds()
{
	python3 - "$1" <<'PYTHON' || fail "does not hold: $1"
import json, sys
d = json.load(open("out", encoding="utf-8"))
pages = {row["state"]: row["pages"] for row in d["states"]}
notes = [row for row in d["findings"] if row["severity"] == "note"]
sys.exit(0 if eval("(%s)" % sys.argv[1]) else 1)
PYTHON
}

names="'absent anon cache cache-private free free-pcp hugetlb hwpoison kernel offline"
names="$names page-table slab unaccepted unknown'"
run 0 audit --json vmcore
[ -s err ] && fail "there should be no warning"
holds 'd["schema"] == "vmcull.audit/1" and d["warnings"] == [] and d["fast"] is False'
holds "' '.join(sorted(pages)) == $names"
holds 'sum(pages.values()) == d["dump"]["end_pfn"]'
holds 'all(row["bytes"] == row["pages"] * d["dump"]["page_size"] for row in d["states"])'
holds 'all(sum(row["orders"].values()) == row["pages"] for row in d["states"])'
holds 'all(row["content_pages"] == row["pages"] for row in d["states"] if row["state"] != "absent")'
holds 'd["dump"]["path"] == "vmcore" and d["dump"]["format"] == "elf" and not d["dump"]["running"]'
holds '[row["level"] for row in d["levels"]] == list(range(32))'
holds 'd["levels"][0]["pages"] == sum(pages.values()) - pages["absent"] - pages["offline"] -
	pages["hwpoison"] - pages["unaccepted"]'
holds 'all(row["zero_pages"] is None for row in d["levels"])'
holds 'd["attributes"]["zero"] is None and d["attributes"]["section"] == 0'
holds 'set(d["unaccepted"]) == {"type", "list", "bitmap", "table", "unit_bytes", "accepted_pages"}'
holds 'len(notes) == len(d["findings"]) > 0 and all(row["meaning"] for row in notes)'
holds 'all(sum(r["count"] for r in row["ranges"]) == row["pages"] or row["more_ranges"]
	for row in notes)'
holds 'sum(len(zone["free_blocks"]) for zone in d["zones"]) > 10'

# The manual describes every member.
sed -n '/^\.Sh vmcull.audit/,/^\.Sh AUDIT AS CSV/p' "$SRCDIR/man/vmcull.5" >page
json '"\n".join(set(d) - {"schema"} | set(d["dump"]) | set(d["states"][0]) | set(d["zones"][0]) |
	set(d["zones"][0]["free_blocks"][0]) | set(d["levels"][0]) | set(d["unaccepted"]) |
	set(d["unaccepted"]["type"]) | set(d["findings"][0]))' | while read -r member; do
	grep -Eq "^\.(It )?Cm (.* )?$member( |$)|^$member$" page ||
		fail "vmcull(5) does not describe $member"
done || exit 1
# And the manual of audit every state, attribute and finding.
json '"\n".join([row["state"] for row in d["states"]] + list(d["attributes"]))' >names
sed -n 's/^FINDING([A-Z_]*, "\([a-z-]*\)".*/\1/p' "$SRCDIR/src/audit/findings.def" >>names
[ "$(wc -l <names)" -gt 40 ] || fail "names are missing"
while read -r name; do
	grep -Eq "^(\.It Cm )?(.* )?$name( |$)" "$SRCDIR/man/vmcull-audit.8" ||
		fail "vmcull-audit(8) does not describe $name"
done <names || exit 1

# Ranges: a JSON object a line with these members in this order, and the same as CSV.
run 0 audit --ranges vmcore
python3 - <<'PYTHON' || fail "ranges"
import json
end = 0
for line in open("out", encoding="utf-8"):
    row = json.loads(line)
    assert list(row)[:6] == ["pfn", "count", "state", "order", "node", "zone"], line
    assert set(row) <= {"pfn", "count", "state", "order", "node", "zone", "attributes"}, line
    assert " " not in line and row["pfn"] == end and row["count"] > 0, line
    end += row["count"]
assert end > 1000
PYTHON
wc -l <out >lines
run 0 audit --ranges --csv vmcore
[ "$(head -n 1 out)" = pfn,count,state,order,node,zone,attributes ] || fail "head of the CSV"
[ "$(wc -l <out)" -eq $(($(cat lines) + 1)) ] || fail "other lines in CSV"
grep -Evq '^([^",]*,){6}[^",]*$' out && fail "not seven plain columns"
run 0 audit --ranges --attributes vmcore
python3 - <<'PYTHON' || fail "attributes"
import json
rows = [json.loads(line) for line in open("out", encoding="utf-8")]
assert all(type(row["attributes"]) is list and type(row["content"]) is bool for row in rows)
assert all(row["content"] == (row["state"] != "absent") for row in rows)
PYTHON
run 0 audit --csv vmcore
[ "$(head -n 1 out)" = node,zone,state,order,pages,bytes ] || fail "head of the CSV"
grep -Evq '^([^",]*,){5}[^",]*$' out && fail "not six plain columns"

# Zeros, on request: nearly all of a stripped dump.
run 0 audit --zero --json vmcore
holds 'd["attributes"]["zero"] > d["dump"]["end_pfn"] // 4'
holds 'all(row["zero_pages"] <= row["pages"] for row in d["levels"])'
holds 'd["levels"][31]["zero_pages"] > 0'

# By block: the same states, and it says what it does not look at.
run 0 audit --fast --json vmcore
holds 'd["fast"] is True and len(d["left_out"]) >= 2'
holds 'all(row["listed"] is None for zone in d["zones"] for row in zone["free_blocks"])'

# Of a filtered dump the same is told, but for the content.
run 0 filter -q -d 31 vmcore small
run 0 audit --json small
holds 'd["dump"]["format"] == "kdump"'
holds 'all(row["content_pages"] == 0 for row in d["states"] if row["state"] in ("free", "cache",
	"cache-private", "anon", "hugetlb", "offline", "hwpoison"))'
holds 'all(row["content_pages"] == row["pages"] for row in d["states"] if row["state"] in
	("kernel", "slab", "page-table", "unknown"))'
run 0 audit --csv small
cp out small.csv
run 0 audit --csv vmcore
cmp out small.csv || fail "a filtered dump has other states"
