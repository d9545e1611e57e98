#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What is no dump, or only a part of one, is refused with the reason, and leaves no output behind.
. "$SRCDIR/tests/cli/functions"
need python3

# refused INPUT PATTERN: the last line on stderr says so; only warnings may come before.
refused()
{
	for command in filter info; do
		if [ $command = filter ]; then
			run 1 filter "$1" result
			[ -s out ] && fail "there should be nothing on stdout"
		else
			run 1 info "$1"
		fi
		sed '$!d' err | grep -Eq "^vmcull: $1: .*$2" || fail "$command $1: no '$2'"
		! sed '$d' err | grep -Ev '^vmcull: warning: ' || fail "$command $1: more than one error"
	done
	if [ -e result ] || [ -e result.incomplete ]; then
		fail "$1: an output was left behind"
	fi
}

refused missing "No such file or directory"
mkdir directory
refused directory "Is a directory"
: >empty
refused empty "empty"
echo "Dear diary, today the kernel crashed." >text
refused text "text"
head -c 8192 /dev/zero >zeros
refused zeros ""
mkfifo pipe
{ echo "x" >pipe & } 2>/dev/null
"$VMCULL" info pipe >out 2>err && fail "a pipe was taken for a dump"
check_sanitizers
said "^vmcull: pipe: "
wait
rm pipe

# An ELF core cut off in its file header, its program headers and before its memory.
make_elf whole
for size in 4 16 20 63; do
	head -c $size whole >cut-$size
	refused cut-$size ""
done
for size in 64 100 175; do
	head -c $size whole >cut-$size
	refused cut-$size "(offset 0x|program header)"
done
for size in 4100 4200 9000; do
	head -c $size whole >cut-$size
	refused cut-$size ""
done

# Whole, but without a kernel in it.
refused whole "VMCOREINFO"

# A broken VMCOREINFO file is named, not the dump.
run 1 filter -i missing-info whole result; said "missing-info: No such file"
echo "no equals sign here" >bad-info
run 1 filter -i bad-info whole result; said "bad-info"
[ ! -e result ] || fail "an output was left behind"
