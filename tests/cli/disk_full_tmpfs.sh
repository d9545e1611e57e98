#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The same as disk_full.sh on a disk that is really full.  Needs to be root.
. "$SRCDIR/tests/cli/functions"
need python3 unshare mount
fixture
mkdir disk
unshare -m mount -t tmpfs none disk 2>/dev/null || skip "no right to mount a tmpfs"

# on_disk SIZE: filters onto a tmpfs of that size, and copies what is left to the folder left.
on_disk()
{
	rm -rf left
	mkdir left
	# shellcheck disable=SC2016
	unshare -m sh -c '
		mount -t tmpfs -o size="$2" none disk || exit 99
		"$1" filter vmcore disk/result
		status=$?
		cp -p disk/* left/ 2>/dev/null
		exit $status' - "$VMCULL" "$1" >out 2>err
}

# Three quarters of what is needed.
run 0 filter -q vmcore result
pages=$(($(stat -c %s result) * 3 / 4 / 4096))
rm result

pages_wanted=$pages
status=0
on_disk $((pages * 4))k || status=$?
check_sanitizers
[ $status -eq 3 ] || fail "exit status $status, not 3"
grep -Eq '^vmcull: disk/result.incomplete: incomplete: .*No space left' err || fail "no reason"
[ "$(ls left)" = result.incomplete ] || fail "left on the disk: $(ls left)"
pages=$(sed -n 's/^output  *disk.*: \([0-9]*\) pages, .*/\1/p' out)
[ "$(pages_in left/result.incomplete)" = "$pages incomplete" ] || fail "pages in the file"

status=0
on_disk 8k || status=$?
check_sanitizers
[ $status -eq 1 ] || fail "exit status $status, not 1"
[ "$(ls left)" = "" ] || fail "left on the disk: $(ls left)"
grep -Eq '^vmcull: disk/result.*: .*No space left' err || fail "no reason"

# An ELF file has holes, which on a full tmpfs can be read, but not be mapped.
need_command verify
# shellcheck disable=SC2016
unshare -m sh -c '
	mount -t tmpfs -o size="$2" none disk || exit 99
	"$1" filter -q -E -d 1 vmcore disk/result
	[ $? = 3 ] || exit 98
	"$1" verify disk/result.incomplete' - "$VMCULL" "$((pages_wanted * 4))k" >out 2>err || status=$?
check_sanitizers
[ $status -eq 3 ] || fail "verify of an ELF file on a full disk: exit status $status, not 3"
