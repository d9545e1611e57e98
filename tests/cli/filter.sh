#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A whole run on a real dump: what it writes, under which name and mode, and what it says.
. "$SRCDIR/tests/cli/functions"
need python3
fixture

umask 000
run 0 filter vmcore result
only_files result vmcore
[ "$(stat -c %a result)" = 600 ] || fail "mode $(stat -c %a result)"
[ -s err ] && fail "a run of a second or two shows no progress outside of a terminal"
grep -Eq '^state +pages +kept +dropped +dropped size$' out || fail "no table"
for state in kernel slab free cache anon total; do
	grep -Eq "^$state +[1-9][0-9]* " out || fail "no $state pages"
done
written=$(sed -n 's/^output  *result: \([0-9]*\) pages, .*/\1/p' out)
[ "$(pages_in result)" = "$written complete" ] || fail "pages in the file: $(pages_in result)"
grep -Eq '^output  *result: [1-9][0-9]* pages, [0-9.]+ [KMG]iB, zstd level 1$' out || fail "no output"

# The same bytes however the input is read.
run 0 filter -q vmcore again
[ -s out ] || [ -s err ] && fail "--quiet is not quiet"
cmp result again || fail "two runs differ"
run 0 filter -q --no-mmap vmcore without-mmap
cmp result without-mmap || fail "--no-mmap makes a difference"
rm again without-mmap

# An existing output is kept, unless told; then it is replaced whatever it was.
cp result copy
run 1 filter vmcore result
said "result: exists already"
cmp result copy || fail "an existing output was changed"
echo old >result
echo old >result.incomplete
chmod 644 result result.incomplete
run 0 filter -qf vmcore result
cmp result copy || fail "--force wrote something else"
[ "$(stat -c %a result)" = 600 ] || fail "mode $(stat -c %a result) after --force"
rm copy
only_files result vmcore

# The result is a dump of the same kernel.
run 0 info --json vmcore
json 'd["kernel"]["release"], d["kernel"]["crash_time"], d["kernel"]["cpus"]' >before
run 0 info --json result
json 'd["kernel"]["release"], d["kernel"]["crash_time"], d["kernel"]["cpus"]' >after
cmp before after || fail "another kernel: $(cat before after)"
[ "$(json 'd["format"], [k for k, v in d["history"].items() if v is True], d["history"]["dump_level"]')" = \
	"('kdump', ['filtered'], 31)" ] || fail "history"
