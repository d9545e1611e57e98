#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# audit --json, --ranges and --csv are interfaces: each member is described, and they tell the same.
. "$SRCDIR/tests/cli/functions"
need python3 zstd
fixture

run 0 audit --json --zero vmcore
cp out report
run 0 audit --ranges vmcore
cp out ranges
run 0 audit --ranges --attributes vmcore
cp out attributes
run 0 audit --csv vmcore
cp out counts.csv
run 0 audit --ranges --csv vmcore
cp out ranges.csv

python3 - <<'PYTHON' || fail "the forms do not agree"
import collections, csv, json
report = json.load(open("report"))
assert report["schema"] == "vmcull.audit/1"
ranges = [json.loads(line) for line in open("ranges")]
pages = collections.Counter()
end = 0
for run in ranges:
    assert run["pfn"] == end and run["count"] > 0, run
    assert set(run) - {"attributes"} == {"pfn", "count", "state", "order", "node", "zone"}, run
    end += run["count"]
    pages[run["state"]] += run["count"]
assert end == report["dump"]["end_pfn"]
assert pages == collections.Counter({row["state"]: row["pages"] for row in report["states"]
                                     if row["pages"]})
plain = [(r["state"], r["order"], r["node"], r["zone"], r.get("attributes")) for r in ranges]
assert all(a != b for a, b in zip(plain, plain[1:])), "adjoining ranges are equal"
split = collections.Counter()
for line in open("attributes"):
    run = json.loads(line)
    assert run["content"] == (run["state"] != "absent"), run
    for name in run["attributes"]:
        split[name] += run["count"]
told = {name: n for name, n in report["attributes"].items() if n and name != "zero"}
assert split == told, (split, told)
rows = list(csv.DictReader(open("counts.csv")))
counted = collections.Counter()
for row in rows:
    counted[row["state"]] += int(row["pages"])
    assert int(row["bytes"]) == int(row["pages"]) * report["dump"]["page_size"]
assert counted == pages
rows = [(int(r["pfn"]), int(r["count"]), r["state"]) for r in csv.DictReader(open("ranges.csv"))]
assert rows == [(r["pfn"], r["count"], r["state"]) for r in ranges]
zones = sum(row["pages"] for zone in report["zones"] for row in zone["states"])
assert 0 < zones <= end
for row in report["levels"]:
    assert row["zero_pages"] <= row["pages"]
PYTHON

# Every member is in the part of vmcull(5) about it.
sed -n '/^\.Sh vmcull.audit/,/^\.Sh /{/^\.Sh vmcull.audit/p;/^\.Sh /!p}' "$SRCDIR/man/vmcull.5" >page
cp report out
json '"\n".join({k for part in [d, d["dump"], d["states"][0], d["zones"][0], d["zones"][0]["free_blocks"][0],
    d["levels"][0], d["unaccepted"], d["unaccepted"]["type"], d["findings"][0],
    d["findings"][0]["ranges"][0]] for k in part} - {"schema"})' >members
while read -r member; do
	grep -Eq "^\.(It )?Cm .*\<$member\>" page || fail "vmcull(5) does not describe $member"
done <members
