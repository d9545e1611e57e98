#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# --version: a line of the program, one of each codec, one of each optional part, the licence.
. "$SRCDIR/tests/cli/functions"

run 0 --version
[ -s err ] && fail "there should be nothing on stderr"
sed -n 1p out | grep -Eq '^vmcull [0-9]+\.[0-9]+\.[0-9]+$' || fail "first line"
for codec in zlib lzo zstd; do
	grep -Eq "^codec $codec: .*[0-9]" out || fail "no codec $codec"
done
! grep -Ev '^(vmcull |codec [a-z]+: [^ ]|part [^ ]|License GPL-2\.0-or-later)' out || fail "odd lines"
cp out long
run 0 -V
cmp out long || fail "-V is not --version"
