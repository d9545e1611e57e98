#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Which stream gets what of makedumpfile: at each message level, with -F, on a terminal and off.
. "$SRCDIR/tests/cli/makedumpfile_functions"
need python3
fixture
label_plan='Excluding unnecessary pages                       '
label_copy='Copying data                                      '

# expect_bytes FILE YES_OR_NO WHAT
expect_bytes()
{
	if [ "$2" -ne 0 ]; then
		[ -s "$1" ] || fail "$3: nothing on $1"
	else
		[ ! -s "$1" ] || fail "$3: something on $1"
	fi
}

# Progress (1) on stderr, errors (4) as well, all other on stdout.
for level in $(seq 0 31); do
	mdf 0 -l -d 31 --dry-run --message-level "$level" vmcore dump
	expect_bytes out $((level & 26)) "level $level"
	expect_bytes err $((level & 1)) "level $level"
	mdf 1 -l -d 31 --message-level "$level" vmcore vmcore
	expect_bytes out $((level & 10)) "level $level, refused"
	expect_bytes err $((level & 4)) "level $level, refused"
	only_files vmcore
done

mdf 0 -l -d 31 vmcore dump
printf '\nThe dumpfile is saved to dump.\n\nmakedumpfile Completed.\n' | cmp - out || fail "texts"
sed 's/eta: [0-9]*s$/eta: /' err >progress
printf '%s: [100.0 %%]\n%s: [100.0 %%]  eta: \n' "$label_plan" "$label_copy" | cmp -s - progress ||
	tail -n 1 progress | grep -q "^$label_copy: \[100.0 %\]  eta: $" || fail "progress off a terminal"
tr -d '\r\t\b' <err | cmp - err || fail "control characters off a terminal"
[ "$(stat -c %a dump)" = 600 ] || fail "the mode of the dump is not 0600"
[ "$(pages_in dump | cut -d ' ' -f 2)" = complete ] || fail "the dump is not complete"

mdf 1 -l -d 31 vmcore dump
refused "dump: File exists; -f replaces it"
cp dump copy
mdf 1 -l -d 31 vmcore dump
cmp dump copy || fail "what was there was changed"
mdf 0 -f -l -d 31 --message-level 0 vmcore dump
silent
cmp dump copy || fail "two runs made different dumps"
mdf 1 -f -l -d 31 vmcore vmcore
refused "would overwrite the input"
mdf 1 -d 31 nothing there
refused "nothing: No such file or directory"
mdf 1 -d 31 vmcore nowhere/dump
grep -q '^makedumpfile: nowhere/dump: .*No such file or directory' err || fail "no folder"

# With -F stdout has the stream and nothing else, whatever is said, also when it is misused.
rm dump
mdf 0 -F -l -d 31 --message-level 0 vmcore
expect_bytes err 0 "-F at level 0"
mv out stream
for level in 2 7 8 31; do
	mdf 0 -F -l -d 31 --message-level $level vmcore
	cmp out stream || fail "-F at level $level: another stream"
	expect_bytes err 1 "-F at level $level"
done
mdf 0 vmcore -F -l -d 31 -F
cmp out stream || fail "-F twice: another stream"
printf '\nThe dumpfile is saved to STDOUT.\n\nmakedumpfile Completed.\n' >texts
tail -n 4 err | cmp - texts || fail "texts of -F"
mdf 1 -d 32 -F vmcore
expect_bytes out 0 "-F with a bad level"
tail -n 1 err | grep -q '^makedumpfile Failed.$' || fail "-F with a bad level: the last line"
mdf 1 -F nothing
expect_bytes out 0 "-F without a dump"

# The report, and what is said for debugging.
mdf 0 -l -d 31 --show-stats --dry-run vmcore dump
for label in 'Original pages  : 0x' '  Excluded pages   : 0x' '    Pages filled with zero  : 0x' \
	'    Non-private cache pages : 0x' '    Private cache pages     : 0x' \
	'    User process data pages : 0x' '    Free pages              : 0x' \
	'    Hwpoison pages          : 0x' '    Offline pages           : 0x' \
	'  Remaining pages  : 0x' 'Memory Hole     : 0x' 'Total pages     : 0x'; do
	grep -Eq "^$label[0-9a-f]{16}\$" out || fail "no line '$label'"
done
grep -Eq '^Write bytes     : [0-9]+$' out || fail "no bytes"
only_files copy progress stream texts vmcore
python3 - <<'PYTHON' || fail "the numbers of the report do not add up"
import re
n = {k.strip(): int(v, 16) for k, v in re.findall(r"^(.*?) *: 0x([0-9a-f]+)$", open("out").read(), re.M)}
parts = sum(v for k, v in n.items() if k in (
    "Pages filled with zero", "Non-private cache pages", "Private cache pages",
    "User process data pages", "Free pages", "Hwpoison pages", "Offline pages"))
assert parts == n["Excluded pages"], (parts, n)
assert n["Original pages"] - n["Excluded pages"] == n["Remaining pages"], n
assert n["Original pages"] + n["Memory Hole"] == n["Total pages"], n
PYTHON
mdf 0 -D --dry-run vmcore dump
grep -q '^  OSRELEASE=[0-9]' out || fail "no OSRELEASE"
grep -q '^  CRASHTIME=[0-9]*$' out || fail "no CRASHTIME"

# A terminal gets the bytes that makedumpfile sends.
python3 - <<'PYTHON' || fail "progress on a terminal"
import os, pty, re, sys
pid, fd = pty.fork()
if pid == 0:
    os.execvp("makedumpfile", ["makedumpfile", "-l", "-d", "31", "--dry-run", "vmcore", "dump"])
said = b""
while True:
    try:
        part = os.read(fd, 4096)
    except OSError:
        break
    if not part:
        break
    said += part
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
updates = said.split(b"\r\n")[0].split(b"\r")
assert updates[0] == b"" and len(updates) >= 3, said
spinner = "/|\\-"
for number, update in enumerate(updates[1:]):
    match = re.fullmatch(rb"(.{50}): \[([ 1][ \d]\d\.\d) %\] (.)  ([ \w:]{16})", update)
    assert match, update
    assert match[3] == spinner[number % 4].encode(), said
    label, eta = match[1].rstrip(), match[4].strip()
    assert label in (b"Excluding unnecessary pages", b"Copying data"), update
    assert re.fullmatch(rb"eta: (\d+m)?\d+s", eta) if label == b"Copying data" else not eta, update
assert updates[-1].startswith(b"Copying data") and b"[100.0 %]" in updates[-1], said
assert said.endswith(b"\r\n\r\nThe dumpfile is saved to dump.\r\n\r\nmakedumpfile Completed.\r\n"), said
PYTHON

# Readers that go away, full disks, and a reader that comes late.
{ makedumpfile -F -l -d 31 vmcore 2>err; echo $? >status; } | head -c 100000 >/dev/null
[ "$(cat status)" -ne 0 ] || fail "a reader that goes away is a success"
grep -q '^makedumpfile: .*Broken pipe' err || fail "a reader that goes away is not told of"
tail -n 1 err | grep -q '^makedumpfile Failed.$' || fail "a reader that goes away: the last line"
if [ -c /dev/full ]; then
	status=0
	makedumpfile -F -l -d 31 vmcore >/dev/full 2>err || status=$?
	[ $status = 1 ] || fail "/dev/full: exit status $status"
	grep -q '^makedumpfile: STDOUT: .*No space left' err || fail "/dev/full is not told of"
	status=0
	makedumpfile -l -d 31 --dry-run vmcore dump >/dev/full 2>err || status=$?
	[ $status = 1 ] || fail "messages to /dev/full: exit status $status"
fi
mkfifo fifo
{ sleep 1; cat >late; } <fifo &
reader=$!
makedumpfile -F -l -d 31 vmcore >fifo 2>err || fail "into a FIFO"
wait $reader
cmp late stream || fail "through a FIFO: another stream"

# A pipe that nobody reads, or writes, is no reason not to end when asked to.
if command -v timeout >/dev/null; then
	status=0
	# The pipe has a reader: the shell, which does not read.
	(exec 3<>fifo && exec timeout -k 20 1 makedumpfile -F -l -d 31 vmcore >&3 2>err) || status=$?
	[ $status = 124 ] || fail "nobody reads: exit status $status"
	tail -n 1 err | grep -q '^makedumpfile Failed.$' || fail "nobody reads: the last line"
	status=0
	(exec 3<>fifo && exec timeout -k 20 1 makedumpfile -R late2 <&3 >out 2>err) || status=$?
	[ $status = 124 ] || fail "nobody writes: exit status $status"
	[ ! -e late2 ] && [ ! -e late2.incomplete ] || fail "nobody writes: a file is left"
fi

# As in a capture kernel: no stdin, no environment, no folder for temporary files, little memory.
path=$PATH
env -i PATH="$path" makedumpfile -F -l -d 31 vmcore <&- >out 2>err || fail "without environment and stdin"
cmp out stream || fail "without environment and stdin: another stream"
if (ulimit -v 32768 && "$VMCULL" --version) >/dev/null 2>&1; then
	(ulimit -v 32768 && makedumpfile -F -l -d 31 vmcore) >out 2>err || fail "in 32 MiB"
	cmp out stream || fail "in 32 MiB: another stream"
fi
exit 0
