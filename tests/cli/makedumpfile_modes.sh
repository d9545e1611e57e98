#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What makedumpfile does besides writing dumps: streams put in order, logs, memory usage, translation;
# and vmcore-dmesg.
. "$SRCDIR/tests/cli/makedumpfile_functions"
need python3 timeout
fixture

# rearrange STATUS: -R of the file "stream"; within a second or two, under sanitizers too.
rearrange()
{
	status=0
	timeout 5 makedumpfile -R dump <stream >out 2>err || status=$?
	check_sanitizers
	[ $status -eq "$1" ] || fail "-R: exit status $status, not $1"
	if [ "$1" -ne 0 ]; then
		[ ! -e dump ] || fail "-R that failed left a file"
		[ -e dump.incomplete ] || refused "$2"
	fi
}

makedumpfile -l -d 31 --message-level 0 vmcore direct || fail "no dump"
makedumpfile -F -l -d 31 --message-level 0 vmcore >whole || fail "no stream"
size=$(stat -c %s whole)
cp whole stream
rearrange 0
cmp dump direct || fail "-R of a stream is not the dump"
[ "$(stat -c %a dump)" = 600 ] || fail "-R: the mode of the dump is not 0600"
printf '\nThe dumpfile is saved to dump.\n\nmakedumpfile Completed.\n' | cmp - out || fail "-R: texts"
[ -s err ] && fail "-R: something on stderr"
rearrange_existing=0
timeout 5 makedumpfile -R dump <stream >out 2>err || rearrange_existing=$?
[ $rearrange_existing = 1 ] || fail "-R over an existing file"
cmp dump direct || fail "-R changed an existing file"
timeout 5 makedumpfile -f -R dump <stream >out 2>err || fail "-R -f"
rm dump

: >stream
rearrange 1 "standard input: "
for keep in 1 4095 4096 4100 100000 $((size - 16)) $((size - 1)); do
	head -c $keep whole >stream
	rearrange 1 "standard input: "
	# Behind the headers and the first bitmap there is something to keep.
	[ $keep -ge 100000 ] || continue
	[ "$(pages_in dump.incomplete | cut -d ' ' -f 2)" = incomplete ] || fail "-R of $keep bytes: not incomplete"
	grep -q '^makedumpfile: standard input: truncated' err || fail "-R of $keep bytes: $(cat err)"
	grep -q '^dump.incomplete is an incomplete dumpfile' out || fail "-R of $keep bytes: nothing is told"
	rm dump.incomplete
done
[ ! -e dump.incomplete ] || fail "-R of next to nothing left a file"
head -c 1000000 /dev/zero >stream
rearrange 1 "standard input: "
head -c 1000000 direct >stream
rearrange 1 "standard input: "
cp vmcore stream
rearrange 1 "standard input: "
status=0
makedumpfile -R dump <&- >out 2>err || status=$?
[ $status = 1 ] && [ ! -e dump ] || fail "-R without standard input"
rm stream whole

# The log: as text on stdout with -F, in a file that only its owner may read without.
mdf 0 --dump-dmesg vmcore log
printf '\nThe dmesg log is saved to log.\n\nmakedumpfile Completed.\n' | cmp - out || fail "log: texts"
[ "$(stat -c %a log)" = 600 ] || fail "the mode of the log is not 0600"
grep -q '^\[ *[0-9]*\.[0-9]*\] .*Linux version' log || fail "no log"
mdf 1 --dump-dmesg vmcore log
refused "log: File exists"
mdf 0 -f --dump-dmesg vmcore log
mdf 0 -F --message-level 8 --dump-dmesg vmcore
cmp out log || fail "-F: another log"
release=$(sed -n 's/^  OSRELEASE=//p' err)
[ -n "$release" ] && grep -q "Linux version $release " log || fail "-F: no release in '$release'"
grep -q '^  CRASHTIME=[0-9]*$' err || fail "-F: no time"
mdf 0 --dump-dmesg direct log2
cmp log log2 || fail "another log in the filtered dump"
mdf 0 --partial-dmesg --dump-dmesg vmcore log3
mdf 1 --dump-dmesg nothing log4
[ ! -e log4 ] || fail "a log of nothing"
if [ -c /dev/full ]; then
	status=0
	makedumpfile -F --dump-dmesg vmcore >/dev/full 2>err || status=$?
	[ $status = 1 ] || fail "log to /dev/full: exit status $status"
fi

# vmcore-dmesg has one argument and three ways to end.
for arguments in '' 'a b' 'vmcore vmcore'; do
	status=0
	# shellcheck disable=SC2086 # none, or two
	vmcore-dmesg $arguments >out 2>err || status=$?
	[ $status = 1 ] || fail "vmcore-dmesg $arguments: exit status $status"
	[ ! -s out ] || fail "vmcore-dmesg $arguments: something on stdout"
	grep -q '^Usage: vmcore-dmesg ' err || fail "vmcore-dmesg $arguments: no usage"
done
for file in nothing /; do
	status=0
	vmcore-dmesg "$file" >out 2>err || status=$?
	[ $status = 2 ] || fail "vmcore-dmesg $file: exit status $status"
	grep -q "^vmcore-dmesg: $file: " err || fail "vmcore-dmesg $file: not said"
done
vmcore-dmesg vmcore >out 2>err || fail "vmcore-dmesg"
[ ! -s err ] || fail "vmcore-dmesg: something on stderr"
grep -q "Linux version $release " out || fail "vmcore-dmesg: no log"

# Every page is of one kind.
mdf 0 --mem-usage vmcore
grep -q '^makedumpfile Completed' out && fail "--mem-usage says Completed"
python3 - <<'PYTHON' || fail "the table of --mem-usage"
lines = open("out").read().split("\n")
assert lines[0] == "" and lines[1] == "TYPE\t\tPAGES\t\t\tEXCLUDABLE\tDESCRIPTION", lines
assert lines[2] == "-" * 70, lines
rows = {}
for line, rest in zip(lines[3:9], (
        "\tyes\t\tPages filled with zero", "\tyes\t\tCache pages without private flag",
        "\tyes\t\tCache pages with private flag", "\tyes\t\tUser process pages",
        "\tyes\t\tFree pages", "\tno\t\tDumpable kernel data ")):
    name = line.split("\t")[0]
    number = line[len(name):].lstrip("\t").split(" ")[0].split("\t")[0]
    rows[name] = int(number)
    tabs = "\t" if len(name) > 7 else "\t\t"
    assert line == name + tabs + "%-16u" % rows[name] + rest, line
assert list(rows) == ["ZERO", "NON_PRI_CACHE", "PRI_CACHE", "USER", "FREE", "KERN_DATA"], rows
assert lines[9] == "" and lines[10] == "page size:\t\t%-16u" % 4096, lines
total = int(lines[11][len("Total pages on system:\t"):])
assert lines[11] == "Total pages on system:\t%-16u" % total, lines
assert lines[12] == "Total size on system:\t%-16u Byte" % (total * 4096), lines
assert all(rows.values()) and sum(rows.values()) <= total, (rows, total)
PYTHON
mdf 1 --mem-usage nothing
refused "nothing: No such file"

# Where an address is, and then the dump.
symbol=$(makedumpfile -D --dry-run vmcore dry | sed -n 's/^  SYMBOL(init_uts_ns)=//p')
mdf 0 --vtop "0x$symbol" --message-level 2 -l -d 31 vmcore translated
grep -q "^Translating virtual address $symbol to physical address.\$" out || fail "--vtop: first line"
grep -A 1 '^VIRTUAL           PHYSICAL$' out | grep -Eq "^$symbol  [0-9a-f]+\$" || fail "--vtop: no address"
cmp translated direct || fail "--vtop: another dump"
mdf 0 --vtop 0x10 --dry-run vmcore translated2
grep -q '^makedumpfile: .*10' err || fail "--vtop of what is not mapped"

# VMCOREINFO of another kernel has a status of its own.
printf 'OSRELEASE=1.2.3\nPAGESIZE=4096\n' >info
mdf 2 -i info -l -d 31 vmcore other
refused "1\.2\.3"
[ ! -e other ] || fail "a dump with VMCOREINFO of another kernel"

# The same bytes by any number of threads.
for threads in 0 1 3; do
	mdf 0 -l -d 31 --num-threads $threads vmcore by-threads
	cmp by-threads direct || fail "--num-threads $threads: not the dump"
	rm by-threads
done

# Several files, and one of them again; ELF.
mdf 0 --split -l -d 31 vmcore part1 part2
printf '\nThe dumpfiles are saved to part1, and part2.\n\nmakedumpfile Completed.\n' | cmp - out ||
	fail "--split: texts"
for part in part1 part2; do
	[ "$(stat -c %a $part)" = 600 ] || fail "the mode of $part is not 0600"
done
mdf 0 --reassemble part1 part2 joined
cmp joined direct || fail "--reassemble: not the dump"
run 0 filter -q -l -d 31 --no-checksums vmcore bare
run 0 filter -q -l -d 31 --no-checksums --split=2 vmcore bare
mdf 0 --reassemble bare.2 bare.1 bare-joined
cmp bare-joined bare || fail "--reassemble: not the dump without checksums"
mdf 1 --reassemble part1 joined2
[ ! -e joined2 ] || fail "--reassemble without a part"
mdf 1 --split -l -d 31 vmcore part1 part3
refused "part1: File exists"
mdf 1 --split --splitblock-size 3 -l -d 31 vmcore part3 part4
refused "3072 bytes are no whole pages"
[ ! -e part3 ] || fail "--splitblock-size: a file is left"
mdf 0 -E -d 31 --num-threads 2 vmcore in-elf
mdf 0 -E -d 31 vmcore in-elf-too
cmp in-elf in-elf-too || fail "-E: not the dump by two threads"
rm in-elf-too
[ "$(head -c 4 in-elf | tail -c 3)" = ELF ] || fail "-E: no ELF"

# Parts are wanted, and all of them.
mdf 1 --reassemble nothing other
refused "nothing: No such file"
mdf 1 --reassemble direct direct other
[ ! -e other ] || fail "--reassemble of one dump twice"
mdf 1 --reassemble direct direct
refused "would overwrite the input"

# Without a kernel: levels that do not ask for it keep everything, when the size of a page is known.
make_elf elf
mdf 1 -d 31 elf other
mdf 1 -d 1,31 elf other
mdf 1 -d 1 elf other
grep -q 'size of a page' err || fail "an unknown size of pages is not told of"
python3 - <<'PYTHON'
import struct
elf = open("elf", "rb").read()
text = b"OSRELEASE=1.2.3\nPAGESIZE=4096\n"
note = struct.pack("<III12s", 11, len(text), 0, b"VMCOREINFO") + text + bytes(-len(text) % 4)
old = struct.unpack_from("<Q", elf, 64 + 32)[0]
elf = bytearray(elf)
struct.pack_into("<QQ", elf, 64 + 32, old + len(note), old + len(note))
elf[4096 + old:4096 + old + len(note)] = note
open("elf", "wb").write(elf)
PYTHON
mdf 1 -d 31 elf other
mdf 0 -l -d 1 elf other
grep -q '^makedumpfile: warning: .*all pages are kept' err || fail "an unknown kernel is not told of"
[ "$(pages_in other)" = "2 complete" ] || fail "an unknown kernel: not all pages"
exit 0
