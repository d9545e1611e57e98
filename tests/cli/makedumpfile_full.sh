#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# When there is no room: the next level of the list, or a dump that says that it is incomplete.
. "$SRCDIR/tests/cli/makedumpfile_functions"
need python3
fixture

mdf 0 -l -d 31 vmcore least
size=$(stat -c %s least)

mdf 1 -l -d 31 -L $((size - 50000)) vmcore dump
[ "$(pages_in dump | cut -d ' ' -f 2)" = incomplete ] || fail "the dump does not say incomplete"
[ "$(stat -c %s dump)" -le $((size - 50000)) ] || fail "larger than the limit"
[ "$(stat -c %a dump)" = 600 ] || fail "the mode of the dump is not 0600"
[ "$(grep -c '^makedumpfile: dump: .*limit' err)" = 1 ] || fail "the limit is not told of"
grep -q '^This is an incomplete dumpfile' out || fail "incomplete is not told of"
tail -n 1 out | grep -q '^makedumpfile Failed.$' || fail "the last line"
only_files dump least vmcore
rm dump

# A smaller level is tried, and what the first one left makes room for it.
mdf 0 -l -d 0,1,31 -L $((size + 1000)) vmcore dump
cmp dump least || fail "another dump than with the last level alone"
[ "$(grep -c 'trying' out)" = 2 ] || fail "the levels tried are not told of"
grep -q '^The dumpfile is saved to dump.$' out || fail "the saved line"
mdf 0 -f -l -d 31,0 -L $((size + 1000)) vmcore dump
cmp dump least || fail "the first level fits, but is not what was written"
mdf 1 -f -l -d 0,1 -L $((size - 50000)) vmcore dump
[ "$(pages_in dump | cut -d ' ' -f 2)" = incomplete ] || fail "the last level left no incomplete dump"
rm dump

# A stream cannot be taken back.
mdf 1 -F -l -d 31,31 -L $((size - 50000)) vmcore
grep -q 'trying' err && fail "a stream was begun again"
tail -n 1 err | grep -q '^makedumpfile Failed.$' || fail "-F: the last line"
python3 - <<'PYTHON' || fail "an incomplete stream has an end mark"
import os, sys
sys.path.insert(0, os.environ['SRCDIR'] + '/tests/interop')
import flattened
sys.exit(flattened.rearrange('out', 'rearranged'))
PYTHON
# What was sent is found in it, page by page.
cp out cut
makedumpfile -R put <cut >out 2>err && fail "a stream that was cut off is put together"
[ ! -e put ] || fail "a stream that was cut off gets the last name"
pages=$(pages_in put.incomplete) all=$(pages_in least)
[ "${pages#* }" = incomplete ] || fail "a stream that was cut off is not incomplete: $pages"
[ "${pages% *}" -gt $((${all% *} * 2 / 3)) ] || fail "of $all pages only $pages are in it"
rm put.incomplete cut rearranged

# A signal ends it as soon as what was saved is a valid dump.
makedumpfile -c -d 0 vmcore stopped >out 2>err </dev/null &
pid=$!
tries=0
while [ ! -e stopped ] || [ "$(stat -c %b stopped)" -lt 8192 ]; do
	kill -0 $pid 2>/dev/null || break
	tries=$((tries + 1))
	[ $tries -lt 3000 ] || fail "nothing was saved within 30 s"
	sleep 0.01
done
if kill -TERM $pid 2>/dev/null; then
	status=0
	wait $pid || status=$?
	check_sanitizers
	if [ $status -ne 0 ]; then # else it was over before
		[ $status = 1 ] || fail "SIGTERM: exit status $status"
		[ "$(pages_in stopped | cut -d ' ' -f 2)" = incomplete ] || fail "SIGTERM: not incomplete"
		grep -q '^This is an incomplete dumpfile' out || fail "SIGTERM: incomplete is not told of"
	fi
fi
rm -f stopped

# A limit of the shell is a write that fails as well.
(
	ulimit -f $((size / 1024))
	mdf 1 -l -d 31 vmcore dump
	[ "$(pages_in dump | cut -d ' ' -f 2)" = incomplete ] || fail "ulimit: not incomplete"
) || exit 1
exit 0
