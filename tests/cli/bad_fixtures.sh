#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Each damaged dump of testdata/bad: what is wrong with it is said at once, and nothing is left behind.
. "$SRCDIR/tests/cli/functions"
need python3 timeout
fixture
run 0 filter -q -d 1 vmcore kdump
mkdir bad
"$SRCDIR/testdata/bad/mkbad" vmcore kdump bad >cases || fail "mkbad"

# ends STATUS ARGUMENT...: within a second, and within more where a sanitizer slows down all of it.
ends()
{
	wanted=$1
	shift
	status=0
	timeout 10 "$VMCULL" "$@" >out 2>err </dev/null || status=$?
	check_sanitizers
	[ $status -eq "$wanted" ] || fail "vmcull $*: exit status $status, not $wanted"
	cat err >>said
}

count=0
while read -r name info filtered pattern; do
	: >said
	grep -q "^| \`$name\` |" "$SRCDIR/testdata/bad/README.md" || fail "$name is not in the README"
	ends "$info" info "bad/$name"
	for options in "-d 31" "-d 1" "-d 31 --no-mmap"; do
		# shellcheck disable=SC2086
		ends "$filtered" filter $options "bad/$name" result
		[ "$filtered" = 1 ] || pages_in result >/dev/null
		[ "$filtered" = 1 ] || rm result
	done
	ends "$filtered" filter "bad/$name" result
	[ "$filtered" = 1 ] || rm result
	[ "$info" = 0 ] || ends 1 audit "bad/$name"
	[ ! -e result ] && [ ! -e result.incomplete ] || fail "$name: an output was left behind"
	[ -z "$pattern" ] || grep -Eq -e "$pattern" said || fail "$name: nobody said '$pattern'"
	count=$((count + 1))
	rm "bad/$name"
done <cases
[ $count -gt 30 ] || fail "only $count bad dumps"
