#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Outputs that cannot or must not be written are refused before any work, and nothing is harmed.
. "$SRCDIR/tests/cli/functions"
need python3

make_elf vmcore
cp vmcore copy

run 1 filter vmcore nowhere/result; said "nowhere/result: .*No such file or directory"
run 1 filter vmcore vmcore/result; said "vmcore/result: .*Not a directory"
mkdir directory
run 1 filter vmcore directory; said "directory: is a directory"
rmdir directory
mkfifo pipe
run 1 filter --force vmcore pipe; said "pipe: is there and no regular file"
rm pipe
if [ -c /dev/null ]; then
	run 1 filter --force vmcore /dev/null; said "/dev/null: is there and no regular file"
	[ -c /dev/null ] || fail "/dev/null was replaced"
fi

echo precious >existing
run 1 filter vmcore existing; said "existing: exists already; --force"
echo precious | cmp - existing || fail "an existing file was changed"
mv existing result.incomplete
run 1 filter vmcore result; said "result.incomplete: exists already; --force"
echo precious | cmp - result.incomplete || fail "an existing file was changed"
rm result.incomplete
ln -s nothing dangling
run 1 filter vmcore dangling; said "dangling: exists already"
rm dangling

# The input, by its name or by another, or as the name under which the output is written first.
run 1 filter --force vmcore vmcore; said "would overwrite the input"
ln vmcore link
run 1 filter --force vmcore link; said "would overwrite the input"
mv link result.incomplete
run 1 filter --force result.incomplete result; said "would overwrite the input"
rm result.incomplete
run 1 filter --force --trace-reads=vmcore vmcore result; said "would overwrite the dump"
run 1 filter --force --trace-reads=result vmcore result; said "would overwrite the dump"
cmp vmcore copy || fail "the input was changed"

# A failure after that, while the dump is read.
run 1 filter vmcore result; said "VMCOREINFO"
run 1 filter --trace-reads=nowhere/trace vmcore result; said "nowhere/trace: No such file"
echo precious >trace
run 1 filter --trace-reads=trace vmcore result; said "trace: File exists"
echo precious | cmp - trace || fail "an existing file was changed"
only_files copy trace vmcore
