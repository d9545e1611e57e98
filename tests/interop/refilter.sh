# SPDX-License-Identifier: GPL-2.0-or-later
# Filtering in two steps gives the same file as in one; and makedumpfile, where it is there, reads our
# output and keeps of it what it keeps of the dump itself, as far as we kept it.
set -eu
machine=$(vmcull info --json "$VMCORE" | sed -n 's/.*"machine": *"\([^"]*\)".*/\1/p' | head -n 1)
vmcull filter -q -d 1 -z "$VMCORE" first
vmcull filter -q -d 31 -l first second
vmcull filter -q -d 31 -l "$VMCORE" direct
cmp second direct

makedumpfile=${MAKEDUMPFILE:-${VMCULL_LAB:-$HOME/.cache/vmcull-lab}/sid/makedumpfile}
[ -x "$makedumpfile" ] || exit 0
if ! "$makedumpfile" -l -d 31 "$VMCORE" expected > log 2>&1; then
	cat log
	# A dump that QEMU made, nor could it do with the firmware in there, which has no struct page;
	# or one of another machine than it was made for.
	grep -q "Can't get the number of PT_LOAD" log || [ "$(uname -m)" != "$machine" ] || exit 1
	echo 'the same file in two steps; makedumpfile cannot open the dump'
	exit 0
fi
"$makedumpfile" -l -d 31 first theirs > log 2>&1 || { cat log; exit 1; }
cd "$SRCDIR/tests/interop"
/usr/bin/python3 - "$OLDPWD/first" "$OLDPWD/theirs" "$OLDPWD/expected" <<'END'
import sys
import kdump
first, theirs, expected = (kdump.Kdump(path) for path in sys.argv[1:])
print('makedumpfile: %d pages kept in two steps, %d in one' % (
    kdump.count(theirs.kept), kdump.count(expected.kept)))
sys.exit(theirs.kept != expected.kept & first.kept or theirs.memory != expected.memory)
END
