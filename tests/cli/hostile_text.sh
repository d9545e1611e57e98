#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Names and texts cannot steer the terminal, and JSON stays JSON.
. "$SRCDIR/tests/cli/functions"
need python3

escape=$(printf 'a\033[31m\nb\302\233c')
run 1 info "$escape"
said '^vmcull: a\\x1b\[31m\\x0ab\\xc2\\x9bc: No such file'
run 2 "$escape"
LC_ALL=C grep -q "$(printf '\033')" err && fail "an escape character went through"

# UTF-8 is shown as it is, other bytes are not.
run 1 info "$(printf 'd\303\274mp')"
said "$(printf 'd\303\274mp'): No such file"
run 1 info "$(printf 'd\374mp')"
said 'd\\xfcmp: No such file'

# shellcheck disable=SC1003
odd=$(printf 'od\374d\033"\\')
make_elf "$odd"
run 1 info "$odd"
grep -q '^file  *od\\xfcd\\x1b"\\$' out || fail "the name in the text report"
run 1 info --json "$odd"
[ "$(json 'd["path"] == "od\ufffdd\x1b\"\\"')" = True ] || fail "the name in JSON"
