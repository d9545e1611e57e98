#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The report in JSON: adds up, at several levels, and has what vmcull(5) describes.
. "$SRCDIR/tests/cli/functions"
need python3
fixture

# holds EXPRESSION: true of the document d, whose states are kept and pages by name.
holds()
{
	python3 - "$1" <<'PYTHON' || fail "does not hold: $1"
import json, sys
d = json.load(open("out", encoding="utf-8"))
kept = {row["state"]: row["kept"] for row in d["states"]}
pages = {row["state"]: row["pages"] for row in d["states"]}
forbidden = {"offline", "hwpoison", "unaccepted"}
dropped = {state for state in pages if pages[state] and kept[state] == 0} - forbidden
whole = {state for state in pages if pages[state] and kept[state] == pages[state]}
sys.exit(0 if eval(sys.argv[1]) else 1)
PYTHON
}

filter()
{
	run 0 filter -qf --json "$@" vmcore result
	holds 'd["schema"] == "vmcull.filter/1" and d["error"] is None'
	holds 'd["output"]["path"] == "result" and d["output"]["complete"] is True'
	holds 'd["input"]["pages"] == sum(pages.values()) > 1000'
	holds 'd["input"]["bytes"] == d["input"]["pages"] * d["input"]["page_size"]'
	holds 'd["output"]["pages"] + d["output"]["unreadable_pages"] == sum(kept.values())'
	holds 'all(row["dropped"] == row["pages"] - row["kept"] for row in d["states"])'
	holds 'not any(kept[state] for state in forbidden)'
	holds 'not dropped & {"unknown", "kernel", "slab", "page-table"}'
	holds 'd["ratio"] > 1 and d["seconds"] > 0'
	[ "$(json 'd["output"]["bytes"]')" -eq "$(stat -c %s result)" ] || fail "size of the output"
}

filter
holds 'd["output"]["dump_level"] == 31 and d["output"]["codec"] == "zstd"'
holds 'dropped >= {"free", "cache", "anon"} and d["output"]["zero_pages"] > 0'
filter -d 0
holds 'dropped == set() and d["output"]["dump_level"] == 0'
filter -d 1
holds 'dropped == set() and d["output"]["zero_pages"] > 0'
filter -d 2
holds '"cache" in dropped and dropped == {"cache"}'
filter -d 4
holds '"cache" in dropped and dropped <= {"cache", "cache-private"}'
filter -d 8
holds '"anon" in dropped and dropped <= {"anon", "hugetlb"}'
filter -d 16
holds 'dropped == {"free"}'
filter -d 31 --keep=user,cache --exclude=anon
holds '"free" in dropped and "anon" in dropped and "cache" in whole'
filter -d 0 --exclude=free,cache --keep=free
holds 'dropped == {"cache"}'
filter --keep=zero
holds 'd["output"]["dump_level"] == 30'

# The manual describes every member.
sed -n '/^\.Sh vmcull.filter/,/^\.Sh vmcull.info/p' "$SRCDIR/man/vmcull.5" >page
json '"\n".join(set(d) - {"schema"} | set(d["input"]) | set(d["output"]) | set(d["states"][0]))' |
	while read -r member; do
		grep -q "^\.It Cm $member\$" page || fail "vmcull(5) does not describe $member"
	done || exit 1
