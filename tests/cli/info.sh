#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# info of a real dump: the same in text and JSON, with every list.
. "$SRCDIR/tests/cli/functions"
need python3
fixture

run 0 info --json --facts --runs --vmcoreinfo vmcore
cp out all.json
python3 - <<'PYTHON' >expected || fail "JSON"
import json, re
d = json.load(open("all.json", encoding="utf-8"))
kernel, memory, runs, facts = d["kernel"], d["memory"], d["runs"], d["facts"]
assert d["schema"] == "vmcull.info/1" and d["error"] is None
assert memory["runs"] == len(runs) > 0
assert memory["pages_with_content"] == sum(run["pages"] for run in runs if run["content"]) > 1000
assert memory["pages_without_content"] == sum(run["pages"] for run in runs if not run["content"])
assert all(a["pfn"] + a["pages"] <= b["pfn"] for a, b in zip(runs, runs[1:])), "runs overlap"
assert runs[-1]["pfn"] + runs[-1]["pages"] <= memory["end_pfn"]
text = kernel["vmcoreinfo"]
assert f"OSRELEASE={kernel['release']}\n" in text and f"PAGESIZE={kernel['page_size']}\n" in text
if found := re.search("^CRASHTIME=([0-9]+)$", text, re.M):
    assert kernel["crash_time"] == int(found[1])
names = [fact["name"] for fact in facts]
assert len(names) == len(set(names)) > 50
compared = 0
for fact in facts:
    kind = type(fact["value"])
    assert (fact["source"] == "unknown") == (fact["value"] is None), fact
    assert (fact["source"] == "inferred") == (fact["reason"] is not None), fact
    if fact["source"] == "vmcoreinfo":
        found = re.findall("^" + re.escape(fact["name"]) + "=(.*)$", text, re.M)
        if not found:
            continue  # known under another name in this kernel
        compared += 1
        if fact["name"].startswith("SYMBOL("):
            assert kind is str and int(fact["value"], 16) == int(found[-1], 16), fact
        elif fact["name"].startswith(("OFFSET(", "SIZE(", "LENGTH(")):
            assert kind is int and fact["value"] == int(found[-1]), fact
assert compared > 30
print(kernel["release"], kernel["architecture"], kernel["page_size"], memory["pages_with_content"])
PYTHON
read -r release architecture page_size pages <expected

run 0 info vmcore
[ -s err ] && fail "there should be nothing on stderr"
grep -q "^kernel release  *$release\$" out || fail "release"
grep -q "^architecture  *$architecture\$" out || fail "architecture"
grep -q "^page size  *$page_size bytes\$" out || fail "page size"
grep -q "^with content  *$pages pages, " out || fail "pages"
grep -Eq '^filtered  *no$' out || fail "filtered"
grep -Eq '^crash time  *(unknown|[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8} UTC)$' out || fail "crash time"

run 0 info --facts --runs vmcore
grep -Eq '^fact  +value  source$' out || fail "no facts"
grep -Eq '^PAGESIZE  +[0-9]+  vmcoreinfo$' out || fail "no PAGESIZE"
grep -Eq '^first pfn  +pages  content$' out || fail "no runs"

# What --vmcoreinfo prints can be given back.
run 0 info --vmcoreinfo vmcore
cp out vmcoreinfo.txt
python3 -c 'import json
assert json.load(open("all.json"))["kernel"]["vmcoreinfo"] == open("vmcoreinfo.txt").read()' || fail "text"
run 0 info -i vmcoreinfo.txt --json --facts vmcore
[ "$(json 'any(fact["source"] == "user" for fact in d["facts"])')" = True ] || fail "no fact of the user"

# Dates are those of any other calendar: leap years, of centuries too, and both ends of them.
for seconds in 1 68169599 68169600 951782399 951782400 951868800 4107542399 4107542400 1795875162 \
	13574563200 253402300799; do
	{ grep -v '^CRASHTIME=' vmcoreinfo.txt; echo "CRASHTIME=$seconds"; } >dated.txt
	run 0 info -i dated.txt --json vmcore
	date=$(date -u -d "@$seconds" +%Y-%m-%dT%H:%M:%SZ)
	[ "$(json 'd["kernel"]["crash_time_utc"]')" = "$date" ] || fail "$seconds is not $date"
done
echo "CRASHTIME=253402300800" >>dated.txt
run 0 info -i dated.txt vmcore
grep -q '^crash time  *253402300800 s since 1970$' out || fail "a year of five digits"
