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

# ends_one_of "STATUS ..." ARGUMENT...: likewise; on failure it says why.
ends_one_of()
{
	wanted=$1
	shift
	status=0
	timeout 10 "$VMCULL" "$@" >out 2>err </dev/null || status=$?
	check_sanitizers
	case " $wanted " in
	*" $status "*) ;;
	*) fail "vmcull $*: exit status $status, none of $wanted" ;;
	esac
	[ $status != 1 ] || grep -q '^makedumpfile: \|^vmcull: ' err || fail "vmcull $*: failed without a word"
}

# What can be saved (status 0, or 3 of filter) is a success of makedumpfile or, with pages left out,
# a failure that keeps the dump.  What is no dump is no dump for all that reads one.
face_modes()
{
	face=$filtered
	[ "$face" != 3 ] || face=1
	ends "$face" makedumpfile -E -d 31 "bad/$name" result
	[ "$filtered" = 1 ] || rm result
	ends "$face" makedumpfile -F -l -d 31 "bad/$name"
	[ "$filtered" != 1 ] || [ ! -s out ] || fail "$name: a stream of it"
	ends "$face" makedumpfile -l -d 31 --split "bad/$name" result result.2
	[ "$filtered" = 1 ] || rm result result.2
	ends 1 makedumpfile --reassemble kdump "bad/$name" result
	ends 1 makedumpfile --reassemble "bad/$name" "bad/$name" result
	for file in -x -i --config; do
		ends 1 makedumpfile $file "bad/$name" -l -d 31 kdump result
	done
	ends 1 makedumpfile -g result -x "bad/$name"
	ends_one_of "0 1" makedumpfile --mem-usage "bad/$name"
	ends_one_of "0 1" makedumpfile --dump-dmesg "bad/$name" log
	[ $status = 0 ] || [ ! -e log ] || fail "$name: a log was left"
	rm -f log
	status=0
	timeout 10 "$VMCULL" makedumpfile -R rearranged <"bad/$name" >out 2>err || status=$?
	check_sanitizers
	case $name:$status in
	bad-flat-nested:0) rm rearranged ;;
	bad-flat-truncated:1 | bad-flat-no-end:1)
		ends 0 info rearranged.incomplete
		grep -q '^incomplete  *yes' out || fail "$name: what -R left does not say incomplete"
		rm rearranged.incomplete
		;;
	*:1) ;;
	*) fail "$name: -R ends with $status" ;;
	esac
	[ ! -e rearranged ] && [ ! -e rearranged.incomplete ] || fail "$name: -R left a file"
	! "$VMCULL" --version | grep -Eq '^without .*verify' || return 0
	ends_one_of "0 1 3 4" verify -q "bad/$name"
	ends_one_of "0 1 3" convert -q "bad/$name" converted
	[ $status != 1 ] || [ ! -e converted ] || fail "$name: convert left a file"
	rm -f converted
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
	face_modes
	[ ! -e result ] && [ ! -e result.incomplete ] || fail "$name: an output was left behind"
	[ -z "$pattern" ] || grep -Eq -e "$pattern" said || fail "$name: nobody said '$pattern'"
	count=$((count + 1))
	rm "bad/$name"
done <cases
[ $count -gt 30 ] || fail "only $count bad dumps"
