#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A signal in the middle of a run leaves what was saved as a valid dump that says incomplete.
. "$SRCDIR/tests/cli/functions"
need python3
fixture

size_of()
{
	stat -c %s "$1" 2>/dev/null || echo 0
}

# start ARGUMENT...: runs the program in the background until it has saved something.
start()
{
	# Slow on purpose, so that it is still running when the signal comes.
	"$VMCULL" filter -d 0 --codec=zlib:9 "$@" vmcore result >out 2>err </dev/null &
	pid=$!
	tries=0
	planned=0
	# The file gets the size of its headers at once; from there on it grows by pages.
	while [ "$planned" -eq 0 ] || [ "$(size_of result.incomplete)" -lt $((planned + 65536)) ]; do
		[ "$planned" -ne 0 ] || planned=$(size_of result.incomplete)
		kill -0 $pid 2>/dev/null || skip "the run was over before a signal could be sent"
		tries=$((tries + 1))
		[ $tries -lt 3000 ] || fail "nothing was saved within 30 s"
		sleep 0.01
	done
}

# finish STATUS: waits for its end.
finish()
{
	status=0
	wait $pid || status=$?
	check_sanitizers
	[ $status -eq "$1" ] || fail "exit status $status, not $1"
}

for signal in TERM HUP; do
	start -q
	kill -$signal $pid
	finish 3
	said "vmcull: result.incomplete: incomplete: stopped by SIG$signal$"
	only_files result.incomplete vmcore
	pages_in result.incomplete | grep -q ' incomplete$' || fail "the header does not say incomplete"
	rm result.incomplete
done

start --json
kill -TERM $pid
finish 3
[ "$(json 'd["output"]["complete"], d["output"]["path"]')" = "(False, 'result.incomplete')" ] ||
	fail "JSON does not say incomplete"
pages=$(json 'd["output"]["pages"]')
[ "$(pages_in result.incomplete)" = "$pages incomplete" ] || fail "pages in the file"
[ "$(json '0 < d["output"]["pages"] < sum(row["kept"] for row in d["states"])')" = True ] ||
	fail "JSON: pages"
[ "$(json 'len(d["error"]) > 0')" = True ] || fail "JSON: error"

# The usual next step does not destroy it.
cp result.incomplete copy
run 1 filter --force result.incomplete result
said "would overwrite the input"
cmp result.incomplete copy || fail "the input was changed"
rm result.incomplete copy

# Before anything was saved there is nothing to be left; on a busy machine the signal may come later.
timeout -s TERM 0.001 "$VMCULL" filter -q vmcore result >out 2>err
status=$?
check_sanitizers
case $status in
0 | 124) ;;
*) fail "exit status $status of timeout" ;;
esac
if [ -e result.incomplete ]; then
	pages_in result.incomplete | grep -q ' incomplete$' || fail "the header does not say incomplete"
fi
rm -f result result.incomplete
only_files vmcore

# A signal that was ignored at the start stays ignored.
trap '' HUP
"$VMCULL" filter -q vmcore result >out 2>err &
pid=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do
	kill -HUP $pid 2>/dev/null
	sleep 0.02
done
finish 0
only_files result vmcore
