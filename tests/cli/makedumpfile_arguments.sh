#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The command line of makedumpfile: every option in every form, and what is refused.
. "$SRCDIR/tests/cli/makedumpfile_functions"

# accepted ARGUMENT...: valid, and nothing is said of it.
accepted()
{
	mdf 0 --check-params "$@"
	silent
}

# rejected PATTERN ARGUMENT...: the same with and without --check-params, but for the last line.
rejected()
{
	pattern=$1
	shift
	mdf 1 "$@"
	refused "$pattern"
	mdf 1 --check-params "$@"
	[ -s out ] && fail "--check-params says something on stdout"
	grep -Eq -e "$pattern" err || fail "--check-params does not say '$pattern'"
	mdf 1 --message-level 0 "$@"
	silent
	only_files
}

# built LETTER: is the codec in this build?  What -v says, scripts rely on.
built()
{
	makedumpfile -v | grep -q "^$1	enabled$"
}

accepted vmcore dump
accepted vmcore -d 31 dump
accepted vmcore dump -d31
for level in 0 1 31 31,17,1 01; do
	accepted -d $level vmcore dump
done
accepted --message-level=7 vmcore dump
accepted --message-level 31 vmcore dump
accepted --mess 0 --dry --show vmcore dump
accepted -cd31 -D -f vmcore dump
accepted -c -c -d 1 -d 31 vmcore dump
accepted -F -c -d 31 vmcore
accepted -F -c -d 31 -F vmcore
accepted -F --num-threads 32 vmcore
accepted --num-threads=0 vmcore dump
accepted -b 0 --cyclic-buffer 1024 --cyclic-buffer=1 --work-dir /nowhere --non-mmap vmcore dump
accepted -b20 vmcore dump
accepted --splitblock-size 4 vmcore dump
for size in 1 4096 0x1000 010 500M 500m 1k 2G 3T 4P 5E; do
	accepted -L $size vmcore dump
done
for address in 0 0xffffffff81000000 ffff 18446744073709551615; do
	case $address in
		ffff) rejected "--vtop: 'ffff' is no address" --vtop $address vmcore dump ;;
		*) accepted --vtop $address vmcore dump ;;
	esac
done
accepted -i vmcoreinfo vmcore dump
accepted --mem-usage /proc/kcore
accepted -- vmcore dump
accepted -d 1 -- vmcore -d

# Codecs are told of as they are: one that is not there is no reason to write pages as they are.
for codec in l:lzo p:snappy z:zstd; do
	letter=${codec%:*}
	if built "${codec#*:}"; then
		accepted "-$letter" vmcore dump
	else
		rejected "-$letter: .*${codec#*:}" "-$letter" vmcore dump
	fi
done
accepted -c vmcore dump

operands="VMCORE DUMPFILE wanted"
rejected "$operands"
rejected "$operands" vmcore
rejected "$operands" a b c
rejected "VMCORE wanted.*2 names" --mem-usage a b
rejected "is empty" vmcore ''
mdf 1 -F a b
grep -q "VMCORE wanted.*2 names" err || fail "-F takes one name"
[ -s out ] && fail "-F: something on stdout"

for level in 32 -1 abc '' 1, ,1 1,,2 1x 99999999999999999999 ' 1' +1 0x1f; do
	rejected "-d: .* is no level between 0 and 31" -d "$level" vmcore dump
done
rejected "-d: more than 32 levels" -d 1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1 vmcore dump
for level in 32 -1 abc '' 7,7; do
	mdf 1 --message-level "$level" vmcore dump
	refused "--message-level: '.*' is no number between 0 and 31"
done
rejected "--num-threads: '-1'" --num-threads -1 vmcore dump
rejected "--num-threads: 'two'" --num-threads=two vmcore dump
rejected "-b: '999'" -b 999 vmcore dump
rejected "--cyclic-buffer: '-5'" --cyclic-buffer -5 vmcore dump
rejected "--splitblock-size: '0'" --splitblock-size 0 vmcore dump
rejected "--splitblock-size: '18014398509481984'" --splitblock-size 18014398509481984 vmcore dump
for size in 0 abc 5X 1MM -1 '' 16E 1.5G; do
	rejected "-L: '.*' is no size" -L "$size" vmcore dump
done
rejected "-i: '' is no name" -i '' vmcore dump

rejected "unknown option '--version'" --version
rejected "unknown option '-q'" -q vmcore dump
rejected "option '--xen' is ambiguous" --xen a vmcore dump
rejected "option '--dry-run' takes no value" --dry-run=1 vmcore dump
rejected "option '-d' needs a value" -d
rejected "--partial-dmesg needs --dump-dmesg" --partial-dmesg vmcore dump
rejected "--num-threads and --split exclude" --num-threads 2 --split vmcore a b
rejected "-E and --split exclude" -E --split vmcore a b
for option in -c -l; do
	rejected "-E and $option exclude" -E $option vmcore dump
done
mdf 1 --check-params --split -F vmcore
grep -q -e "-F and --split exclude" err || fail "-F and --split"
rejected "-g needs -x" -g info
rejected "-e needs --work-dir" -e vmcore dump
rejected "-e needs --work-dir" -e --dump-dmesg vmcore dump
rejected "DUMPFILE DUMPFILE... wanted" --split vmcore dump
rejected "DUMPFILE wanted" -R
rejected "DUMPFILE... DUMPFILE wanted" --reassemble dump
rejected "LOGFILE wanted" --dump-dmesg vmcore
rejected "--dump-dmesg and --dry-run exclude" --dump-dmesg --dry-run vmcore log
accepted --split vmcore a b
accepted --split --splitblock-size 1024 vmcore a b c
accepted --reassemble a b c
accepted --diskset a --diskset=b dump
accepted -R dump
accepted -F --dump-dmesg vmcore
accepted --dump-dmesg --partial-dmesg vmcore log
accepted -E --num-threads 2 vmcore dump
accepted --config rules vmcore dump
accepted -e --work-dir . vmcore dump
accepted -e --work-dir . --split vmcore a b
accepted -e --work-dir . -E vmcore dump

# What it does not do is said before anything is done, in one line.
for option in -X '--eppic f' '--extension f' '--xen-syms f' '--xen-vmcoreinfo f' '--xen_phys_start 0'; do
	# shellcheck disable=SC2086 # options and their values
	rejected "${option%% *}: " $option vmcore dump
done

# -h and -v go before everything that could be wrong, but not before options that there are not.
for option in -h --help; do
	mdf 0 $option -E -c -d 31
	[ -s err ] && fail "$option: something on stderr"
	grep -q '^Usage: makedumpfile ' out || fail "$option: no usage"
	grep -Eq '^zstd	(en|dis)abled$' out || fail "$option: does not tell of zstd"
	grep -E '^.{81}' out && fail "$option: wider than 80 columns"
done
mdf 0 -v -E -c
[ -s err ] && fail "-v: something on stderr"
grep -Eq '^makedumpfile: version [0-9]+\.[0-9]+\.[0-9]+ ' out || fail "-v: no version"
[ "$(grep -Ec '^(lzo|snappy|zstd)	(en|dis)abled$' out)" = 3 ] || fail "-v: codecs"
rejected "unknown option" -v --bogus

# By its name as a program, and as a command.  What runs a program of another machine is a script.
if [ "$(head -c 2 "$VMCULL")" != '#!' ]; then
	ln -s "$VMCULL" makedumpfile
	./makedumpfile -v >as-link
	"$VMCULL" makedumpfile -v | cmp - as-link || fail "the link and the command differ"
fi
