#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Help fits a screen, is the same however it is asked for, and agrees with the manual pages.
. "$SRCDIR/tests/cli/functions"

fits_a_screen()
{
	[ -s err ] && fail "$1: there should be nothing on stderr"
	[ "$(wc -l <out)" -le 24 ] || fail "$1: more than 24 lines"
	! grep -E '^.{81}' out || fail "$1: wider than 80 columns"
	grep -q '^Usage: vmcull' out || fail "$1: no usage"
}

run 0 --help
fits_a_screen vmcull
cp out general
sed -n 's/^  \([a-z][a-z]*\) .*/\1/p' out | grep -v '^help$' >commands
[ -s commands ] || fail "no commands are listed"
for spelling in help -h; do
	run 0 $spelling
	cmp out general || fail "'vmcull $spelling' is not 'vmcull --help'"
done

while read -r command; do
	page=$SRCDIR/man/vmcull-$command.8
	run 0 "$command" --help
	fits_a_screen "$command"
	cp out specific
	run 0 help "$command"
	cmp out specific || fail "'vmcull help $command' is not 'vmcull $command --help'"
	run 0 "$command" -h
	cmp out specific || fail "'vmcull $command -h' is not 'vmcull $command --help'"

	[ -f "$page" ] || fail "no manual page for $command"
	grep -q "Xr vmcull-$command 8" "$SRCDIR/man/vmcull.8" || fail "vmcull(8) does not name $command"
	# Every option of the help has an entry in the manual, and the other way around.
	grep -oE '(^| )--?[a-zA-Z][a-z-]*' specific | sed 's/^ *-*//' | sort -u >in-help
	grep '^\.It Fl' "$page" | sed 's/ Ns.*//; s/^\.It Fl //; s/ [A-Z].*//; s/ , /\n/' |
		sed 's/^-//' | sort -u >in-manual
	diff in-help in-manual >differences || fail "options in help and manual: $(cat differences)"
done <commands
