#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The manual pages are without fault, and describe the JSON that there is.
. "$SRCDIR/tests/cli/functions"
need mandoc python3

for page in "$SRCDIR"/man/*.[1-8]; do
	# Pages of other packages may not be installed here; ours are not yet.
	mandoc -Tlint "$page" 2>&1 | grep -Ev 'referenced manual not found|outdated mandoc.db' >lint
	[ -s lint ] && fail "$(cat lint)"
done

# Every member of a report is in vmcull(5), in the part about its schema.
make_elf vmcore
run 1 info --json --facts --runs --vmcoreinfo vmcore
json '"\n".join(set(d) - {"schema"} | set(d["memory"]) | set(d["history"]))' >members
sed -n '/^\.Sh vmcull.info/,/^\.Sh LIST/p' "$SRCDIR/man/vmcull.5" >page
while read -r member; do
	grep -q "^\.It Cm $member\$" page || fail "vmcull(5) does not describe $member"
done <members
