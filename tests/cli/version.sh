#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# --version: a line of the program, one of each codec, one of each optional part, one of the commands left
# out, the licence.
. "$SRCDIR/tests/cli/functions"

run 0 --version
[ -s err ] && fail "there should be nothing on stderr"
sed -n 1p out | grep -Eq '^vmcull [0-9]+\.[0-9]+\.[0-9]+$' || fail "first line"
for codec in '(zlib|libdeflate)' lzo zstd; do
	grep -Eq "^codec $codec: .*[0-9]" out || fail "no codec $codec"
done
! grep -Ev '^(vmcull |codec [a-z]+: [^ ]|part [^ ]|without [^ ]|License GPL-2\.0-or-later)' out || fail "odd lines"
cp out long
run 0 -V
cmp out long || fail "-V is not --version"

# What was left out is told of, is not in the help, and is refused.
sed -n 's/^without //p' long | tr -d ' ' | tr ',' '\n' >left-out
while read -r command; do
	run 2 "$command" --help; said_usage "'$command' is not in this build"
	run 2 help "$command"; said_usage "'$command' is not in this build"
	run 0 --help
	! grep -q "^  $command " out || fail "$command is in the help"
done <left-out
