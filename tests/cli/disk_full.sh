#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A full disk leaves what was saved as a valid dump that says incomplete; before the first page,
# nothing.  A limit on the size of files stands for the disk, so that root is not needed.
. "$SRCDIR/tests/cli/functions"
need python3
fixture

# limited BLOCKS STATUS: filters with files limited to BLOCKS of 512 bytes.
limited()
{
	status=0
	(
		ulimit -f "$1"
		exec "$VMCULL" filter --json -c vmcore result 2>err
	) >out || status=$?
	check_sanitizers
	[ $status -eq "$2" ] || fail "exit status $status, not $2, with $1 blocks"
}

# Three quarters of what is needed.
run 0 filter -q -c vmcore result
blocks=$(($(stat -c %s result) * 3 / 4 / 512))
rm result
limited $blocks 3
grep -Eq '^vmcull: result.incomplete: incomplete: .*File too large' err || fail "no reason"
only_files result.incomplete vmcore
[ "$(stat -c %s result.incomplete)" -le $((blocks * 512)) ] || fail "larger than the limit"
[ "$(stat -c %a result.incomplete)" = 600 ] || fail "mode"
[ "$(json 'd["output"]["complete"]')" = False ] || fail "JSON does not say incomplete"
pages=$(json 'd["output"]["pages"]')
[ "$pages" -gt 100 ] || fail "nearly nothing was saved"
[ "$(pages_in result.incomplete)" = "$pages incomplete" ] ||
	fail "$pages pages were saved, the file has: $(pages_in result.incomplete)"

# Its kernel may be understood or not, since any page may be missing.
status=0
"$VMCULL" info --json result.incomplete >out 2>err || status=$?
check_sanitizers
[ $status -le 1 ] || fail "info: exit status $status"
[ "$(json 'd["history"]["incomplete"]')" = True ] || fail "info does not say incomplete"
rm result.incomplete

limited 8 1
[ -s out ] && fail "a report of nothing"
grep -Eq '^vmcull: result.*: .*File too large' err || fail "no reason"
only_files vmcore

# What does not say of itself that it ends too soon is not there under its name; what was is.
for command in "dmesg --force" "makedumpfile -f --dump-dmesg"; do
	echo before >log
	status=0
	# shellcheck disable=SC2086
	(ulimit -f 2; exec "$VMCULL" $command vmcore log >/dev/null 2>err) || status=$?
	[ $status -eq 1 ] || fail "$command: exit status $status"
	grep -q '^[a-z]*: log: .*File too large' err || fail "$command: no reason"
	[ "$(cat log)" = before ] || fail "$command: the old log is gone"
	[ "$(stat -c %s log.incomplete)" -eq 1024 ] || fail "$command: what could be written is gone"
	rm log log.incomplete
done
pictures=
! draws_pictures vmcore || pictures='--html=picture.html --map=picture.png'
for picture in $pictures; do
	status=0
	(ulimit -f 2; exec "$VMCULL" audit $picture vmcore >/dev/null 2>err) || status=$?
	[ $status -eq 1 ] || fail "$picture: exit status $status"
	grep -q '^vmcull: picture.*: File too large' err || fail "$picture: no reason"
	only_files vmcore
done

# Nor is a dump overwritten whose name is that of a file in the making.
mv vmcore log.incomplete
[ -z "$pictures" ] || run 1 audit --html=log log.incomplete
run 1 makedumpfile -f --dump-dmesg log.incomplete log
run 1 dmesg --force log.incomplete log
only_files log.incomplete
