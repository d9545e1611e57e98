# SPDX-License-Identifier: GPL-2.0-or-later
# What makedumpfile writes as a stream or in parts is the dump that it writes at once: a filter makes the
# same file of each, byte for byte.
set -eu
makedumpfile=${MAKEDUMPFILE:-${VMCULL_LAB:-$HOME/.cache/vmcull-lab}/sid/makedumpfile}
[ -x "$makedumpfile" ] || { echo "skipped: no makedumpfile"; exit 77; }
if ! "$makedumpfile" -c -d 1 "$VMCORE" direct > log 2>&1; then
	cat log
	echo 'skipped: makedumpfile cannot read the dump'
	exit 77
fi
compared=0

# same NAME INPUT...: as a filter makes of the file NAME.
same()
{
	[ -e "filtered.$1" ] || vmcull filter -q -d 31 "$1" "filtered.$1"
	expected=filtered.$1
	shift
	vmcull filter -q -d 31 "$@" filtered
	cmp filtered "$expected"
	rm filtered
	compared=$((compared + 1))
}

# left_incomplete WHOLE: of a stream that was cut a dump is left that says so, and is right.
left_incomplete()
{
	vmcull verify -q --json --against="$1" ours.incomplete > verified || [ $? = 3 ]
	grep -q '"good": true' verified
	vmcull info --json ours.incomplete > info || [ $? = 1 ] # the page tables may be missing
	grep -q '"incomplete": true' info
	rm ours.incomplete
}

# The kdump format and ELF as streams.
"$makedumpfile" -c -d 1 -F "$VMCORE" > stream 2> log
same direct stream
vmcull filter -q -d 31 --no-mmap stream filtered
cmp filtered filtered.direct
rm filtered
vmcull info --json stream > info
grep -q '"format": "kdump"' info
grep -q '"flattened": true' info
"$makedumpfile" -E -d 1 "$VMCORE" elf > log 2>&1
"$makedumpfile" -E -d 1 -F "$VMCORE" > stream.elf 2> log
same elf stream.elf

# Put in order: the same as makedumpfile -R makes, and as if it had been written at once.
for name in stream stream.elf; do
	[ $name = stream ] && whole=direct || whole=elf
	"$makedumpfile" -R theirs < $name > log 2>&1
	# shellcheck disable=SC2002 # a pipe is what it is about
	cat $name | vmcull_rearrange ours
	cmp ours theirs
	rm ours theirs
	size=$(stat -c %s $name)
	for cut in 0 15 100 4096 4100 9000 $((size / 2)) $((size - 1)); do
		if head -c "$cut" $name | vmcull_rearrange ours > log 2>&1; then
			echo "$name, $cut bytes of it: taken for a whole stream"
			exit 1
		fi
		[ ! -e ours ]
		# An ELF stream has its headers last, a kdump stream descriptors before data.
		case $cut in
		$((size - 1))) left_incomplete $whole ;;
		$((size / 2))) [ ! -e ours.incomplete ] || left_incomplete $whole ;;
		*) [ ! -e ours.incomplete ] ;;
		esac
	done
done
cat stream | vmcull_rearrange ours > log
cmp ours direct

# Parts, of which some are flattened, in any order.
"$makedumpfile" --split --splitblock-size 65536 -c -d 1 "$VMCORE" part1 part2 part3 > log 2>&1
cd "$SRCDIR/tests/interop"
/usr/bin/python3 -c 'import flattened; flattened.flatten(*__import__("sys").argv[1:])' \
	"$OLDPWD/part2" "$OLDPWD/part2.flat"
cd "$OLDPWD"
same direct part3 part1 part2
same direct part2.flat part3 part1
vmcull audit part1 part2 part3 | tail -n +2 > audit
vmcull audit direct | tail -n +2 | cmp - audit
if vmcull info part1 part3 > log 2>&1; then
	echo 'no part is missed'
	exit 1
fi
grep -q 'is missing$' log
echo "$compared filtered files are the same"
