#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A report that does not arrive is a failure; closed streams never become a file of ours.
. "$SRCDIR/tests/cli/functions"
need python3

make_elf vmcore
: >out


if [ -c /dev/full ]; then
	"$VMCULL" --help >/dev/full 2>err; [ $? -eq 1 ] || fail "stdout on a full disk: no failure"
	said "standard output: No space left on device"
	"$VMCULL" --version >/dev/full 2>err; [ $? -eq 1 ] || fail "stdout on a full disk: no failure"
fi
"$VMCULL" --help >&- 2>err; [ $? -eq 1 ] || fail "closed stdout: no failure"
said "standard output: Bad file descriptor"

# A reader that went away: told by the failed write, not by a signal.
{ "$VMCULL" --help; echo $? >status; } 2>err | true
grep -Eq '^[01]$' status || fail "killed by SIGPIPE: $(cat status)"

# With all streams closed, descriptors 0 to 2 must not be the dump.
cp vmcore copy
"$VMCULL" info vmcore <&- >&- 2>&-; [ $? -eq 1 ] || fail "closed streams: wrong status"
cmp vmcore copy || fail "a message was written into the dump"
