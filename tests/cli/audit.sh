#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# audit: its options, its exit status, and what it prints as text and lines.
. "$SRCDIR/tests/cli/functions"
need python3
export PYTHONDONTWRITEBYTECODE=1

run 2 audit; said_usage "VMCORE is missing"
run 2 audit a ""; said_usage "VMCORE is empty"
run 1 audit a b; said "^vmcull: a: No such file"
run 2 audit ""; said_usage "VMCORE is empty"
run 2 audit --rangs a; said_usage "unknown option '--rangs'; did you mean '--ranges'"
run 2 audit --json --ranges a; said_usage "--json and --ranges"
run 2 audit --attributes a; said_usage "--attributes goes with --ranges"
run 2 audit --attributes --json a; said_usage "--attributes goes with --ranges"
run 2 audit --fast=1 a; said_usage "'--fast' takes no value"
for severity in warnings NOTE 1 ""; do
	run 2 audit --check="$severity" a; said_usage "no severity; known are note, warning and error"
done
run 2 audit a -i; said_usage "option '-i' needs a value"
run 1 audit nothing-here; said "nothing-here: No such file"
run 0 audit --help
for option in ranges csv json attributes check fast zero no-btf no-mmap vmcoreinfo; do
	grep -q -e "--$option" out || fail "--help does not tell of --$option"
	grep -Eq -e "Fl -?-?$option|, -$option" "$SRCDIR/man/vmcull-audit.8" ||
		fail "vmcull-audit(8) does not tell of --$option"
done
[ "$(awk 'length > 80' out | wc -l)" -eq 0 ] || fail "lines of the help are long"

fixture

# The text: states, zones, levels; lines that a terminal of 80 columns can show.
run 0 audit vmcore
[ -s err ] && fail "there should be no warning"
for word in kernel slab free offline cache anon hugetlb absent 'all memory' 'dump level' note:; do
	grep -q "^ *$word" out || fail "the report does not tell of $word"
done
cp out text
run 0 audit --no-mmap vmcore
cmp out text || fail "another report with --no-mmap"
run 0 audit --fast vmcore
grep -q '^not checked: .*fast' out || fail "--fast does not say what it leaves out"

# Severities: a dump that is well has notes and nothing else.
run 0 audit --check vmcore
run 0 audit --check=warning vmcore
run 0 audit --check=error vmcore
run 4 audit --check=note vmcore
run 4 audit --check=note --json vmcore
[ "$(json 'len(d["findings"]) > 0')" = True ] || fail "status 4 without findings"

# One page type that cannot be is a warning; a list that leads astray an error.
damage() # COPY STATEMENT: of Python, with the dump as "dump"
{
	cp --sparse=always vmcore "$1"
	PYTHONPATH="$SRCDIR/testdata/lab" python3 - "$@" <<'PYTHON' || fail "cannot damage"
import sys
from labkit.blocks import free_blocks
from labkit.vmcoreview import Vmcore
dump = Vmcore(sys.argv[1], writable=True)
exec(sys.argv[2])
PYTHON
}
damage warning '
page = free_blocks(dump, 3)[0][1]
dump.put64(page + dump.member("page.private"), 99)'
run 4 audit --check warning
grep -q '^warning: bad-free-block: 1 page' out || fail "not told of the block"
run 4 audit --check=note warning
run 0 audit --check=error warning
run 0 audit warning

damage error '
page = free_blocks(dump, 10)[0][1]
dump.put64(page + dump.member("page.lru"), 0x1234)'
run 4 audit --check=error error
grep -q '^error: free-list-damaged: ' out || fail "not told of the list"
grep -q 'for a filter: ' out || fail "not told what it means"
run 0 audit error
# By block no list is walked.
run 0 audit --check=error --fast error
rm warning error

# A reader that went away ends the program, and no signal does.
for form in '' --ranges --json --csv '--ranges --csv'; do
	# shellcheck disable=SC2086
	{ "$VMCULL" audit $form vmcore 2>err; echo $? >status; } | head -n 1 >out
	[ -s out ] || fail "audit $form prints nothing"
	grep -Eqx '0|1' status || fail "audit $form into a closed pipe: $(cat status)"
done
if [ -c /dev/full ]; then
	for form in --ranges --json --csv; do
		"$VMCULL" audit $form vmcore >/dev/full 2>err
		[ $? -eq 1 ] || fail "audit $form on a full disk: no failure"
		: >out
		said "standard output: No space left on device"
	done
fi
only_files vmcore text status
